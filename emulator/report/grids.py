"""Tables that are shown both on a terminal and in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.table import Table
from rich.text import Text

from emulator.report.markdown import escape


class Grid(NamedTuple):
    """One table. note: what a reader has to know first, "" for nothing. sides: a letter for each column, r or
    l. ruled: whether a terminal shows a rule between rows, where cells are long."""

    title: str
    note: str
    head: Sequence[str]
    sides: str
    rows: Sequence[Sequence[str]]
    ruled: bool = False


def as_table(grid: Grid) -> Table:
    """The grid for a terminal; its cells are text that means nothing to Rich."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name, side in zip(grid.head, grid.sides, strict=True):
        table.add_column(
            Text(name),
            justify="right" if side == "r" else "left",
            overflow="fold",
            no_wrap=not table.columns,  # a name in the first column stays whole
        )
    for row in grid.rows:
        table.add_row(*(Text(cell) for cell in row))
        if grid.ruled:
            table.add_row()
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
