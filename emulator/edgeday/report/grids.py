"""Tables that are shown both on a terminal and in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from edgeday.report.columns import Columns
from edgeday.report.markdown import escape


class Grid(NamedTuple):
    """One table. note: what a reader has to know first, "" for nothing. sides: a letter for each column, r or
    l. ruled: whether a terminal shows a rule between rows, where cells are long."""

    title: str
    note: str
    head: Sequence[str]
    sides: str
    rows: Sequence[Sequence[str]]
    ruled: bool = False


def as_table(grid: Grid) -> Columns:
    """The grid for a terminal; its cells are text that means nothing to it."""
    table = Columns(grid.head, grid.sides, ruled=grid.ruled)
    for row in grid.rows:
        table.add(*row)
    return table


def as_markdown(grid: Grid, level: int = 2) -> Iterator[str]:
    """The grid as lines of Markdown, its title a heading of that level."""
    yield f"{'#' * level} {escape(grid.title)}"
    yield ""
    if grid.note:
        yield escape(grid.note)
        yield ""
    yield f"| {' | '.join(map(escape, grid.head))} |"
    yield f"| {' | '.join('---:' if side == 'r' else ':---' for side in grid.sides)} |"
    for row in grid.rows:
        yield f"| {' | '.join(map(escape, row))} |"
