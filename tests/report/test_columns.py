"""Tables at any width: whole words, and nothing lost."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from edgeday.measure.metrics import METRICS
from edgeday.report.columns import Columns, Indented, plain, printable


def shown(part, width):
    """The lines that a terminal of so many columns shows, without colour."""
    out = io.StringIO()
    Console(file=out, width=width, color_system=None).print(part)
    return [line.rstrip() for line in out.getvalue().splitlines()]


def table(head, sides, *rows, **options):
    made = Columns(head, sides, **options)
    for row in rows:
        made.add(*row)
    return made


BUDGETS = table(
    ("budget", "allowed", "measured", "margin", ""),
    "llrrl",
    ("kv.writes.used_percent", "<= 3", "3", "-", "within"),
    ("kv.refused", "max over 1h <= 20", "1,800", "-1,780", "broken"),
)


def test_columns_stand_below_their_heads_on_their_sides():
    assert shown(BUDGETS, 80) == [
        "budget                  allowed            measured  margin",
        "kv.writes.used_percent  <= 3                      3       -  within",
        "kv.refused              max over 1h <= 20     1,800  -1,780  broken",
    ]


def test_a_column_with_spaces_gives_way_before_a_name_is_broken():
    assert shown(BUDGETS, 60) == [
        "budget                  allowed   measured  margin",
        "kv.writes.used_percent  <= 3             3       -  within",
        "kv.refused              max over     1,800  -1,780  broken",
        "                        1h <= 20",
    ]


def test_a_name_is_broken_between_its_parts_where_nothing_else_gives_way():
    assert shown(BUDGETS, 46) == [
        "budget      allowed  measured  margin",
        "kv.writes.  <= 3            3       -  within",
        "used_",
        "percent",
        "kv.refused  max         1,800  -1,780  broken",
        "            over 1h",
        "            <= 20",
    ]


def test_a_row_is_a_block_where_the_columns_do_not_fit():
    assert shown(BUDGETS, 32) == [
        "kv.writes.used_percent  within",
        "  allowed <= 3, measured 3",
        "  margin -",
        "kv.refused  broken",
        "  allowed max over 1h <= 20",
        "  measured 1,800, margin -1,780",
    ]


def test_a_selector_goes_below_its_metric_before_the_other_columns_are_squeezed():
    rows = table(
        ("budget", "allowed"),
        "ll",
        ("kv.writes.accepted{family=ai_error_log:*}", "max over 1h <= 20 or no data"),
    )
    assert shown(rows, 60) == [
        "budget                   allowed",
        "kv.writes.accepted       max over 1h <= 20 or no data",
        "{family=ai_error_log:*}",
    ]


def test_a_column_that_is_empty_takes_no_room():
    assert shown(table(("a", "", "b"), "lrl", ("1", "", "2")), 20) == ["a  b", "1  2"]


def test_a_ruled_table_has_an_empty_line_after_each_row():
    assert shown(table(("a", "b"), "ll", ("1", "2"), ("3", "4"), ruled=True), 20) == [
        "a  b",
        "1  2",
        "",
        "3  4",
        "",
    ]


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cs", "Z"]), min_size=1, max_size=30
)
CELLS = st.lists(WORDS, max_size=6).map(" ".join)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=4), st.integers(8, 120))
def test_nothing_is_lost_and_no_line_is_too_long_at_any_width(rows, width):
    lines = shown(table(("first", "second", ""), "lrl", *rows), width)
    assert max(map(cell_len, lines), default=0) <= width
    text = "".join(lines)
    for row in rows:
        for letter in "".join(row).split():
            assert set(letter) <= set(text)


@pytest.mark.parametrize("width", [30, 40, 50, 60, 70, 80, 100])
def test_no_metric_is_broken_within_a_part_of_its_name(width):
    rows = [(name, "<= 1,000", "12", "988", "within") for name in METRICS]
    lines = shown(table(("budget", "allowed", "measured", "margin", ""), "llrrl", *rows), width)
    parts = {part for name in METRICS for part in re.split(r"(?<=[._])", name)}
    for line in lines:
        first = line.split("  ")[0]
        assert first in {"", "budget", "within"} or all(
            part in parts for part in re.split(r"(?<=[._])", first) if part
        )


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("\x1b[2Jlog:1", "\\x1b[2Jlog:1"),
        ("a\rPASS", "a\\rPASS"),
        ("a\tb\x00\x9b", "a\\tb\\x00\\x9b"),
        ("evil\u202etxt", "evil\\u202etxt"),
        ("a\nPASS\u2028b\x85", "a\\nPASS\\u2028b\\x85"),
        ("Петък 🍏", "Петък 🍏"),
    ],
)
def test_text_of_a_run_does_nothing_to_the_terminal(text, safe):
    assert printable(text) == plain(text).plain == safe
    assert shown(table(("a",), "l", (text,)), 80)[1:] == [safe]


def test_the_indentation_is_smaller_on_a_narrow_terminal():
    part = Indented(plain("x"), 6, above=1)
    assert shown(part, 80) == ["", "      x"]
    assert shown(part, 60) == ["", "  x"]


def test_a_word_with_text_hangs_its_further_lines_below_the_text():
    from io import StringIO

    from rich.console import Console
    from rich.text import Text

    from edgeday.report.columns import Hanging

    console = Console(file=StringIO(), width=30, color_system=None)
    console.print(Hanging(Text("PASS"), Text("a day, but DOES NOT FIT: all of it")))
    assert console.file.getvalue().splitlines() == ["PASS  a day, but DOES NOT FIT:", "  all of it"]
