"""Requests by route and status as a table: what became of them, where that is more than "all well"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from rich.cells import cell_len, chop_cells
from rich.console import Console, ConsoleOptions, RenderResult

from edgeday.events import CRON_ROUTE
from edgeday.measure.requests_by_route import in_class, together
from edgeday.measure.results import RouteRow, ScenarioResult
from edgeday.report.columns import Columns, printable
from edgeday.report.wording import number

_SHOWN = 12
_LARGEST = 6
"""Routes that a short table shows for their number of requests, before those where something stands out."""
_CLASSES = (100, 200, 300, 400, 500)
_LEAST_ROUTE = 16
"""Cells that a route keeps on a narrow terminal."""


class _Column(NamedTuple):
    """One number of a route. answers: whether it is of answers, which a cron's run has none of."""

    head: str
    count: Callable[[RouteRow], int]
    answers: bool = False


class RequestsTable(NamedTuple):
    """What stands above the columns, and a row of cells for each route; the first cell is the route."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]

    @property
    def sides(self) -> str:
        """On which side the cells of each column stand, as a letter, l or r."""
        return "l" + "r" * (len(self.head) - 1)


def says_more(result: ScenarioResult) -> bool:
    """Whether the rows say more than the sums: there are several routes, or not every answer is a 2xx."""
    rows = result.requests
    return len(rows) > 1 or any(map(_stands_out, rows))


def requests_table(result: ScenarioResult, most: int | None = None) -> RequestsTable | None:
    """The rows of a result; None where they say nothing more than its sums.

    most: routes at most; if there are more, the others are one row, with their sums. Columns in which nothing
    was counted are left out. A class of statuses of which only one occurs is called by that one.
    """
    if not says_more(result):
        return None
    columns = [
        column
        for column in _columns(result.requests)
        if column.head == "started" or any(map(column.count, result.requests))
    ]
    rows = result.requests if most is None else _shortened(result.requests, most)
    cells = [[row.route, *(_cell(row, column) for column in columns)] for row in rows]
    return RequestsTable(["requests by route", *(column.head for column in columns)], cells)


class ShortRoutes:
    """The table for a terminal: routes that are too long for it are shortened in the middle."""

    def __init__(self, result: ScenarioResult) -> None:
        self._table = requests_table(result, _SHOWN)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self._table is None:
            return
        head, rows = self._table
        taken = sum(2 + max(map(cell_len, column)) for column in list(zip(head, *rows, strict=True))[1:])
        room = max(options.max_width - taken, _LEAST_ROUTE)
        columns = Columns(head, self._table.sides)
        for route, *numbers in rows:
            columns.add(shortened(printable(route), room), *numbers)
        yield columns


def shortened(text: str, room: int) -> str:
    """Text of so many cells at most: what is too long loses its middle."""
    if cell_len(text) <= room:
        return text
    end = (room - 1) // 2
    tail = chop_cells(text[::-1], end)[0][::-1]
    return chop_cells(text, room - 1 - end)[0] + "…" + tail


def _stands_out(row: RouteRow) -> bool:
    return bool(
        row.failed
        or row.refused
        or row.cut_off
        or any(not 200 <= status < 300 for status in row.by_status if status)
    )


def _columns(rows: Sequence[RouteRow]) -> list[_Column]:
    return [
        _Column("started", lambda row: row.started),
        *(_of_class(first, rows) for first in _CLASSES),
        _Column("failed", lambda row: row.failed),
        _Column("refused", lambda row: row.refused),
        _Column("cut off", lambda row: row.cut_off),
    ]


def _of_class(first: int, rows: Sequence[RouteRow]) -> _Column:
    statuses = {status for row in rows for status in row.by_status if first <= status < first + 100}
    head = str(*statuses) if len(statuses) == 1 else f"{first // 100}xx"
    return _Column(head, lambda row: in_class(row, first), answers=True)


def _cell(row: RouteRow, column: _Column) -> str:
    if column.answers and row.route.startswith(CRON_ROUTE):
        return "-"
    return number(column.count(row))


def _shortened(rows: Sequence[RouteRow], most: int) -> list[RouteRow]:
    """The routes with the most requests, then those where something stands out, then others; in the order of
    the rows, and the rest as one."""
    if len(rows) <= most + 1:
        return list(rows)
    places = sorted(
        range(len(rows)), key=lambda place: (place >= _LARGEST, not _stands_out(rows[place]), place)
    )
    kept = set(places[:most])
    rest = [row for place, row in enumerate(rows) if place not in kept]
    return [*(rows[place] for place in sorted(kept)), together(f"... {len(rest):,} more routes", rest)]
