"""Tables for terminals of any width: whole words in columns, or a block for each row where they do not fit.

All text in them is shown as it is: brackets are no markup, and control characters do nothing.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.measure import Measurement
from rich.segment import Segment
from rich.text import Text

_GAP = 2
_SHORT = 30
"""Cells of what stands on one line of a block with others."""
_WIDE = 72
"""Columns of a terminal that leave room for the whole indentation."""
_NARROW_INDENT = 2
_BREAKS = (re.compile(r"(?=\{)"), re.compile(r"(?=\{)|(?<=[._:])(?=[^\W\d])"))
"""Where a word longer than its column may be broken: a selector from its metric; then the parts of a name."""
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """Text on one line that moves no cursor and turns no letters around: what would is shown as an escape."""
    return _CONTROLS.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def plain(text: str, style: str = "") -> Text:
    """Text for a terminal that means nothing to it."""
    return Text(printable(text), style=style)


class Columns:
    """A table without rules.

    head: what stands above each column, "" for nothing. sides: a letter for each column, r or l.
    ruled: whether an empty line follows each row, where cells are long.

    Where a line cannot hold the longest word of every column, each row is a block: its first cell with those
    that have no head, and below it the others with theirs.
    """

    def __init__(self, head: Sequence[str], sides: str, *, ruled: bool = False, header: str = "dim") -> None:
        self.rows: list[list[Text]] = []
        self._head = [plain(name, header) for name in head]
        self._sides = sides
        self._ruled = ruled

    def add(self, *cells: str | Text) -> None:
        """Add a row of as many cells as there are columns."""
        row = [cell if isinstance(cell, Text) else plain(cell) for cell in cells]
        assert len(row) == len(self._head) == len(self._sides)
        self.rows.append(row)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        fitting = self._fitting(options.max_width)
        if fitting is None:
            yield from self._blocks(options.max_width)
        else:
            yield from self._lines(console, *fitting)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        fitting = self._fitting(options.max_width)
        width = options.max_width if fitting is None else sum(fitting[1]) + _GAP * (len(fitting[1]) - 1)
        return Measurement(1, max(width, 1))

    def _fitting(self, room: int) -> tuple[list[list[Text]], list[int]] | None:
        """Head and rows with their words broken as far as needed, and the width of each column."""
        rows = [self._head, *self.rows]
        widths = _widths(rows, room)
        if widths is None:
            return None
        return [
            [_broken(cell, width) for cell, width in zip(row, widths, strict=True)] for row in rows
        ], widths

    def _lines(
        self, console: Console, rows: Sequence[Sequence[Text]], widths: Sequence[int]
    ) -> Iterator[Text]:
        wrapped = [
            [
                list(cell.wrap(console, width, overflow="fold")) if width else []
                for cell, width in zip(row, widths, strict=True)
            ]
            for row in rows
        ]
        for line in (line for row in wrapped for lines in row for line in lines):
            line.rstrip()
        widths = [
            max((line.cell_len for lines in column for line in lines), default=0)
            for column in zip(*wrapped, strict=True)
        ]
        for number, row in enumerate(wrapped):
            height = max(map(len, row), default=0)
            if not number:  # a head stands directly above its column
                row = [[Text()] * (height - len(lines)) + lines for lines in row]
            for at in range(height):
                yield self._line([lines[at] if at < len(lines) else Text() for lines in row], widths)
            if self._ruled and number:
                yield Text()

    def _line(self, pieces: Sequence[Text], widths: Sequence[int]) -> Text:
        line = Text(no_wrap=True, overflow="ignore")
        for piece, side, width in zip(pieces, self._sides, widths, strict=True):
            if not width:  # a column with nothing in it
                continue
            if line:
                line.append(" " * _GAP)
            gap = Text(" " * (width - piece.cell_len))
            line.append_text(gap + piece if side == "r" else piece + gap)
        line.rstrip()
        return line

    def _blocks(self, width: int) -> Iterator[RenderableType]:
        for row in self.rows:
            title = [row[0], *(cell for cell, head in zip(row[1:], self._head[1:], strict=True) if not head)]
            yield Text("  ").join(_broken(cell, width) for cell in title if cell)
            named = [
                head + Text(" ") + cell
                for head, cell in zip(self._head[1:], row[1:], strict=True)
                if head and cell
            ]
            for line in _packed(named, width - _NARROW_INDENT):
                yield Indented(line, _NARROW_INDENT)
            if self._ruled:
                yield Text()


def _packed(parts: Sequence[Text], room: int) -> Iterator[Text]:
    """As many short parts on a line as there is room for, and longer ones on lines of their own."""
    line = Text()
    for part in parts:
        alone = part.cell_len > _SHORT
        if line and (alone or line.cell_len + part.cell_len + 2 > room):
            yield line
            line = Text()
        line = Text(", ").join([line, part]) if line else part
        if alone:
            yield line
            line = Text()
    if line:
        yield line


def _widths(rows: Sequence[Sequence[Text]], room: int) -> list[int] | None:
    """The width of each column: that of its longest line if there is room, or less of the widest columns,
    first between words and then within names; None if there is no room for the longest part of each."""
    columns = [[cell.plain for cell in column] for column in zip(*rows, strict=True)]
    widths = [_longest(line for cell in column for line in cell.split("\n")) for column in columns]
    over = sum(widths) + _GAP * (sum(width > 0 for width in widths) - 1) - room
    for breaks in _BREAKS:
        least = [
            _longest(part for cell in column for word in cell.split() for part in breaks.split(word))
            for column in columns
        ]
        while over > 0 and any(width > enough for width, enough in zip(widths, least, strict=True)):
            widest = max((width, at) for at, width in enumerate(widths) if width > least[at])[1]
            widths[widest] -= 1
            over -= 1
    return None if over > 0 else widths


def _longest(texts: Iterable[str]) -> int:
    return max(map(cell_len, texts), default=0)


def _broken(cell: Text, width: int) -> Text:
    """A cell with those words that are wider than its column broken where they may be."""
    if all(cell_len(word) <= width for word in cell.plain.split()):
        return cell

    def broken(word: re.Match[str]) -> str:
        for breaks in _BREAKS:
            parts = breaks.split(word[0])
            if _longest(parts) <= width:
                break
        lines = [""]
        for part in parts:
            if lines[-1] and cell_len(lines[-1] + part) > width:
                lines.append("")
            lines[-1] += part
        return "\n".join(lines)

    return Text(re.sub(r"\S+", broken, cell.plain), style=cell.style)


class Indented:
    """A part below a heading: moved to the right, less so on a narrow terminal. above: empty lines.

    Its lines end where their text ends.
    """

    def __init__(self, part: RenderableType, indent: int, above: int = 0) -> None:
        self._part = part
        self._indent = indent
        self._above = above

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        left = self._indent if options.max_width >= _WIDE else min(self._indent, _NARROW_INDENT)
        yield from itertools.repeat(Segment.line(), self._above)
        within = options.update_width(max(options.max_width - left, 1))
        for line in console.render_lines(self._part, within, pad=False):
            yield from _without_trailing_blanks([Segment(" " * left), *line])
            yield Segment.line()


class Hanging:
    """A word, and text after it whose further lines stand below each other, moved to the right."""

    def __init__(self, word: Text, text: Text, indent: int = 8) -> None:
        self._word = word
        self._text = text
        self._indent = indent

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        whole = Text.assemble(self._word, " " * _GAP, self._text)
        first, *rest = whole.wrap(console, max(options.max_width, 1)) or [whole]
        first.rstrip()
        yield first
        if rest:
            left = whole[len(first.plain) :]
            yield Indented(left[len(left.plain) - len(left.plain.lstrip()) :], self._indent)


def _without_trailing_blanks(line: list[Segment]) -> list[Segment]:
    while line and not (text := line[-1].text.rstrip(" ")):
        line.pop()
    return [*line[:-1], Segment(text, line[-1].style)] if line else line
