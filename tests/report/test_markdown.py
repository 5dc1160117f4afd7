from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from edgeday.measure.baseline_changes import BaselineChanges, Change
from edgeday.measure.noun import REQUESTS
from edgeday.measure.results import ExceededLimit, Finding, RouteRow
from edgeday.report import markdown
from tests.report.days import HOSTILE

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


class Page(HTMLParser):
    """The tags and the text of a rendered report."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(READER.render(text))

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text += data


def rows(text):
    return [line for line in text.splitlines() if line.startswith("| ")]


def test_the_first_line_is_the_verdict(by_name, results):
    first = [markdown.render([result]).splitlines()[0] for result in results]
    said = [
        "✅ edgeday: PASS passing, FITS the free account",
        "❌ edgeday: FAIL failing, DOES NOT FIT: 172 KV writes beyond the quota of a day were refused; ",
        "⚠️ edgeday: PARTIAL partial: interrupted at 2026-02-16 0",
        "❌ edgeday: VOID idle: no request reached the worker; more ",
    ]
    assert [one.startswith(f"## {line}") for one, line in zip(first, said, strict=True)] == [True] * 4, first
    assert markdown.render(results).startswith(
        "## ❌ edgeday: FAIL 1 of 4 scenarios passed, 1 failed, 1 void, 1 interrupted, 1 does not fit\n"
    )


def test_broken_budgets_stand_open_and_kept_ones_are_folded(by_name):
    text = markdown.render([by_name["failing"]])
    before, _, _ = text.partition("<details>")
    assert "| kv.writes.accepted | \\<= 100 | 1,000 | 1,000 | -900 | ❌ broken |" in before
    assert "first broken at 2026-02-16 0" in before
    page = markdown.render([by_name["passing"]])
    assert "plans.started | == 3" not in page.partition("<details>")[0]
    assert "<details><summary>Budgets kept (2)</summary>" in page


def test_a_wrong_answer_to_a_probe_is_told(by_name):
    assert "- **probe GET /nowhere**: status: expected 200, found 404" in markdown.render(
        [by_name["failing"]]
    )


def test_what_has_changed_against_the_baseline_comes_before_the_scenarios(by_name):
    changes = [Change("kv.writes.accepted", 4, 6), Change("ai.calls", 10, 5)]
    compared = BaselineChanges("base.json", True, True, ["the scenario has changed"], changes, [], 40)
    text = markdown.render([replace(by_name["passing"], comparison=compared)])
    assert text.index("Against the baseline") < text.index("### ✅ passing")
    assert "| passing | kv.writes.accepted | 4 | 6 | \\+2 \\(+50 %\\) |" in text
    assert "| passing | ai.calls | 10 | 5 | \\-5 \\(-50 %\\) |" in text
    assert "- passing: 2 metrics of 40 changed against base.json." in text
    assert "the scenario has changed" in text


def test_an_interrupted_run_says_how_far_it_came(by_name):
    assert "Interrupted at 2026-02-16 04:00:" in markdown.render([by_name["partial"]])


def test_no_text_becomes_markup(by_name):
    claims = [replace(by_name["passing"].claims[0], says=HOSTILE)]
    page = Page(markdown.render([replace(by_name["passing"], description=HOSTILE, claims=claims)]))
    assert not {"script", "img", "code", "a"} & set(page.tags)
    assert "</script><script>document.title='owned'</script>" in page.text


def test_nobody_is_mentioned_and_no_issue_is_linked():
    text = Page(markdown.escape("ask @all about #12")).text
    assert not re.search(r"[@#]\w", text)
    assert text.replace("\N{WORD JOINER}", "") == "ask @all about #12\n"


def test_every_row_of_a_table_has_as_many_cells_as_its_head(results):
    page = markdown.render([replace(result, name="a|b") for result in results])
    tables = [rows(part) for part in re.split(r"\n(?!\|)", page) if rows(part)]
    assert len(tables) > len(results)
    for table in tables:
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in table}) == 1


@given(st.text())
def test_escaped_text_shows_as_it_is_written(text):
    page = Page(f"| {markdown.escape('x' + text)} |")
    assert set(page.tags) == {"p"}
    rendering = page.text.replace("\N{WORD JOINER}", "")
    visible = markdown._BREAKS.sub(" ", "x" + text.replace("\N{WORD JOINER}", "")).strip()
    assert rendering == f"| {visible} |\n"


@pytest.mark.parametrize("text", ["- item", "+ item", "1. item", "# head", "> quote", "=====", "    code"])
def test_the_beginning_of_a_line_starts_no_block(text):
    assert set(Page(markdown.escape(text)).tags) == {"p"}


def test_a_report_too_long_for_a_comment_leaves_out_what_passed(by_name):
    many = [replace(by_name["passing"], name=f"day-{number}") for number in range(60)]
    short = markdown.render([*many, by_name["failing"]])
    assert len(short) <= markdown.MAX_CHARS
    assert "The details of 60 scenarios that passed are left out." in short
    assert "### ❌ FAIL failing" in short
    assert "### ✅ PASS day-1" not in short


def test_runs_about_different_things_are_compared_in_words_of_their_own(by_name):
    plans = by_name["passing"]
    requests = replace(plans, name="other", noun=REQUESTS)
    assert "| plans completed |" in markdown.render([plans, plans])
    mixed = markdown.render([plans, requests])
    assert "| completed |" in mixed
    assert "| 3 plans |" in mixed
    assert "| 3 requests |" in mixed


def test_requests_by_route_are_a_table_and_routes_are_escaped(by_name):
    rows_ = [RouteRow("GET /a", 2, {200: 2}, 0, 0, 0), RouteRow("GET /*b*|@me", 1, {404: 1}, 0, 0, 0)]
    text = markdown.render([replace(by_name["passing"], requests=rows_)])
    before, _, _ = text.partition("<details>")
    assert "| requests by route | started | 200 | 404 |" in before
    assert f"| GET /\\*b\\*\\|\\@{chr(0x2060)}me | 1 | 0 | 1 |" in before
    assert "requests by route" not in markdown.render([replace(by_name["passing"], requests=rows_[:1])])


def test_what_does_not_fit_the_account_is_said_with_its_limits(by_name):
    limit = ExceededLimit("kv_writes_per_day", 1000, 1200, None, "KV writes a day: 1,200 asked for")
    text = markdown.render([replace(by_name["passing"], exceeded=[limit])])
    assert "**Does not fit the Free account:**\n\n- KV writes a day: 1,200 asked for\n" in text
    assert "Does not fit" not in markdown.render([by_name["passing"]])


def test_a_run_that_passes_and_does_not_fit_has_no_green_sign(by_name):
    passing = by_name["passing"]
    limit = ExceededLimit("kv_writes_per_day", 1000, 1200, None, "KV writes a day: 1,200 asked for")
    text = markdown.render([replace(passing, exceeded=[limit])])
    assert text.startswith("## ⚠️ edgeday: PASS passing, but DOES NOT FIT: KV writes a day: 1,200 asked for\n")
    assert "| ⚠️ pass | passing | **DOES NOT FIT** |" in text
    assert "| ✅ pass | passing | FITS the free account |" in markdown.render([passing])


def test_each_of_several_scenarios_has_its_headline(by_name, results):
    headings = re.findall("^### (.*)", markdown.render(results), re.MULTILINE)
    assert [" ".join(heading.split()[:3]) for heading in headings] == [
        "✅ PASS passing,", "❌ FAIL failing,", "⚠️ PARTIAL partial:", "❌ VOID idle:"
    ]  # fmt: skip


@pytest.mark.parametrize(("weight", "sign"), [("loss", "❌"), ("risk", "⚠️"), ("note", "ℹ️")])
def test_a_finding_has_a_sign_of_its_weight(by_name, weight, sign):
    finding = Finding("some-id", "something happened", weight=weight)
    assert f"> {sign} something happened<br>" in markdown.render(
        [replace(by_name["passing"], findings=[finding])]
    )
