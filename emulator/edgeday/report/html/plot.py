"""A plot as plain values; how it looks is the page's business. Instants are epoch seconds."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from edgeday.measure.metrics import Number

Style = Literal["step", "points", "bars"]


@dataclass(slots=True)
class Series:
    """One line, set of points or set of bars. tone: its colour, by name. texts: what is read out for each
    value, where that is not the value itself."""

    label: str
    values: list[Number | None]
    style: Style
    tone: str
    dash: bool = False
    fill: bool = False
    texts: list[str | None] | None = None


@dataclass(slots=True)
class Mark:
    """A line across the plot at a value of an axis."""

    axis: Literal["x", "y"]
    at: float
    label: str
    tone: str


@dataclass(slots=True)
class Table:
    """A table: the first cell of a row is its head."""

    caption: str
    head: list[str]
    rows: list[list[str]]


@dataclass(slots=True)
class Plot:
    """A plot with its table. No series: there is nothing to draw, and `says` tells why.

    time: x are instants. width: of a bar, in units of x; 0: no bars. stacked: bars stand on one another.
    names: of the values of x, where they are categories.
    """

    title: str
    says: str
    x_label: str
    y_label: str
    x: list[float] = field(default_factory=list)
    series: list[Series] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    time: bool = False
    width: float = 0
    stacked: bool = False
    tables: list[Table] = field(default_factory=list)

    def drawn(self) -> dict[str, Any]:
        """What the page's script needs; the tables are part of the page itself."""
        values = asdict(self)
        del values["tables"], values["says"]
        return values
