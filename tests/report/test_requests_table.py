"""The table of requests by route, on a terminal and as plain cells."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from edgeday.measure.results import RouteRow
from edgeday.report.requests_table import requests_table, says_more, shortened
from tests.report.test_terminal import result, shown


def row(route="GET /a", started=1, by_status=None, failed=0, refused=0, cut_off=0):
    return RouteRow(
        route, started, {200: started} if by_status is None else by_status, failed, refused, cut_off
    )


def table(*rows, most=None):
    table = requests_table(result(requests=rows), most)
    return None if table is None else [list(table.head), *map(list, table.rows)]


@pytest.mark.parametrize(
    ("rows", "more"),
    [
        ([], False),
        ([row()], False),
        ([row(by_status={200: 1, 299: 1})], False),
        ([row(by_status={300: 1})], True),
        ([row(by_status={404: 1})], True),
        ([row(failed=1)], True),
        ([row(refused=1)], True),
        ([row(cut_off=1)], True),
        ([row("cron * * * * *", by_status={0: 1})], False),
        ([row(), row("GET /b")], True),
    ],
)
def test_the_rows_say_more_where_there_are_several_or_not_all_is_well(rows, more):
    assert says_more(result(requests=rows)) is more
    assert (table(*rows) is not None) is more


def test_columns_in_which_nothing_was_counted_are_left_out():
    assert table(row(), row("GET /b", 2)) == [
        ["requests by route", "started", "200"], ["GET /a", "1", "1"], ["GET /b", "2", "2"]
    ]  # fmt: skip


def test_every_number_has_its_column():
    statuses = {101: 1, 200: 2, 201: 3, 302: 4, 404: 5, 405: 6, 500: 7, 503: 8}
    head, cells = table(row("GET /a", 4000, statuses, failed=15, refused=16, cut_off=17))
    assert dict(zip(head, cells, strict=True)) == {
        "requests by route": "GET /a", "started": "4,000", "101": "1", "2xx": "5", "302": "4", "4xx": "11",
        "5xx": "15", "failed": "15", "refused": "16", "cut off": "17",
    }  # fmt: skip


def test_runs_of_crons_have_no_answers_and_may_fail():
    cron = row("cron * * * * *", 3, {0: 3}, failed=1)
    assert table(row(), cron) == [
        ["requests by route", "started", "200", "failed"], ["GET /a", "1", "1", "0"],
        ["cron * * * * *", "3", "-", "1"],
    ]  # fmt: skip


@pytest.mark.parametrize(("routes", "lines"), [(13, 13), (14, 13)])
def test_routes_beyond_the_most_are_one_row_with_their_sums(routes, lines):
    rows = [row(f"GET /{number}", 100 - number) for number in range(routes)]
    _, *cells = table(*rows, most=12)
    if routes == 13:
        assert [cell[0] for cell in cells] == [one.route for one in rows]
    else:
        assert cells[-1] == ["... 2 more routes", "175", "175"]
        assert len(cells) == lines


def test_a_route_where_something_stands_out_is_not_among_the_others():
    rows = [row(f"GET /{number}") for number in range(100)]
    rows[90] = row("GET /gone", by_status={404: 1})
    _, *cells = table(*rows, most=12)
    assert [cell[0] for cell in cells] == [
        *(f"GET /{number}" for number in range(11)), "GET /gone", "... 88 more routes"
    ]  # fmt: skip
    assert sum(int(cell[1]) for cell in cells) == 100


def test_the_largest_routes_are_shown_though_something_stands_out_at_all_others():
    rows = [row(f"GET /{number}", 9) for number in range(6)]
    rows += [row(f"GET /gone/{number}", by_status={404: 1}) for number in range(20)]
    _, *cells = table(*rows, most=12)
    assert [cell[0] for cell in cells[:7]] == [*(f"GET /{number}" for number in range(6)), "GET /gone/0"]


# the terminal


LONG = "GET /api/v1/shops/main-street/products/by-category/and-then/some/more/reviews"


def test_a_long_route_loses_its_middle_so_that_a_row_is_a_line():
    rows = [row(LONG, 100_000, {200: 90_000, 404: 5_000, 503: 5_000}, 5_000, 7, 8), row()]
    lines = shown(result(requests=rows))
    (line,) = [line for line in lines if "100,000" in line]
    assert line.split() == [
        "GET",
        "/api…/reviews",
        "100,000",
        "90,000",
        "5,000",
        "5,000",
        "5,000",
        "7",
        "8",
    ]
    assert max(map(cell_len, lines)) <= 80


def test_a_route_that_fits_stands_as_it_is():
    lines = shown(result(requests=[row(LONG), row()]), width=120)
    assert any(LONG in line for line in lines)


def test_a_route_moves_no_cursor():
    lines = shown(result(requests=[row("GET /\x1b[2J"), row()]))
    assert any("GET /\\x1b[2J" in line for line in lines)


def test_one_route_that_is_well_has_no_table():
    assert not any("requests by route" in line for line in shown(result(requests=[row()])))


@pytest.mark.parametrize(
    ("text", "room", "short"),
    [
        ("abcdefgh", 8, "abcdefgh"),
        ("abcdefgh", 7, "abc…fgh"),
        ("abcdefgh", 6, "abc…gh"),
        ("日本語日本語", 7, "日…語"),
    ],
)
def test_text_is_shortened_in_its_middle_by_what_a_terminal_shows(text, room, short):
    assert shortened(text, room) == short
    assert cell_len(short) <= room
