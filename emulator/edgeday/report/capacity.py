"""The capacity report: how large a day fits, what binds first, and what lies behind it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.text import Text

from edgeday.clock import iso_seconds
from edgeday.replay.capacity_limits import LIMIT_NAMES, Capacity, LimitReached, LimitUse
from edgeday.report.columns import Columns, Indented, plain
from edgeday.report.wording import number

SCHEMA = 1
_ROUTES_SHOWN = 5


def as_dict(capacities: Sequence[Capacity]) -> dict[str, Any]:
    """The report as plain values."""
    return {"schema": SCHEMA, "capacities": [_plain(capacity) for capacity in capacities]}


def _plain(capacity: Capacity) -> dict[str, Any]:
    first = capacity.first
    return {
        **asdict(capacity),
        "first": None if first is None else {**first._asdict(), "at": iso_seconds(first.at)},
        "behind": None if capacity.behind is None else capacity.behind._asdict(),
        "uses": [use._asdict() for use in capacity.uses],
    }


def render(capacities: Sequence[Capacity]) -> str:
    """The report as JSON text."""
    return json.dumps(as_dict(capacities), indent=2, ensure_ascii=False) + "\n"


def show(console: Console, capacity: Capacity) -> None:
    """Print one capacity, with an empty line after it."""
    console.print(Text(" ".join((capacity.scenario, capacity.variant)).rstrip(), style="bold"))
    for line in sentences(capacity):
        console.print(Indented(plain(line), 2))
    console.print(Indented(_limits(capacity), 2, above=1))
    console.print()


def show_overview(console: Console, capacities: Sequence[Capacity]) -> None:
    """Print a table of several, a line each."""
    console.print(_overview(capacities))


def _overview(capacities: Sequence[Capacity]) -> Columns:
    table = Columns(("variant", "fits", "binds first", "behind it"), "lrll")
    for capacity in capacities:
        first = "nothing" if capacity.first is None else LIMIT_NAMES[capacity.first.limit]
        behind = (
            ""
            if capacity.behind is None
            else f"{LIMIT_NAMES[capacity.behind.limit]}, {_place(capacity.behind)}"
        )
        table.add(capacity.variant or capacity.scenario, _fits(capacity), first, behind)
    return table


def _fits(capacity: Capacity) -> str:
    return f"{capacity.tried:,} or more" if capacity.fits is None else number(capacity.fits)


def sentences(capacity: Capacity) -> Iterator[str]:
    """What was found, in words."""
    noun, account = capacity.noun, capacity.account.capitalize()
    first = capacity.first
    if first is None:
        yield f"Nothing binds on {account}: {capacity.tried:,} {noun} were tried, and all of them fit."
    else:
        yield from _first_limit(capacity, first, f"Fits a day on {account}: {number(capacity.fits)} {noun}.")
    if capacity.behind is not None:
        behind = capacity.behind
        what = "Next" if first is None else "Behind it"
        limit = f"{LIMIT_NAMES[behind.limit]} ({number(behind.value)})"
        yield f"{what}: {limit}, at {noun[:-1]} {_place(behind)}."
    for use in capacity.uses:
        if not use.enforced and use.measured:
            yield (
                f"Not enforced by the scenario: {LIMIT_NAMES[use.limit]} ({number(use.value)}) would bind at "
                f"{noun[:-1]} {number(use.binds_at)}."
            )
    if capacity.failed_writes:
        yield (
            f"At the pace of this run {capacity.failed_writes:,} KV writes met a 429, because their key was "
            "written twice within a second."
        )
    if capacity.uncaught:
        yield _uncaught(capacity)


def _uncaught(capacity: Capacity) -> str:
    count, routes = sum(capacity.uncaught.values()), list(capacity.uncaught)
    more = len(routes) - _ROUTES_SHOWN
    shown = [*routes[:_ROUTES_SHOWN], *([f"{more} more"] if more > 0 else [])]
    return (
        f"{count:,} {capacity.noun if count > 1 else capacity.noun[:-1]} ended with an error that the worker "
        f"does not catch, in {', '.join(shown)}; the first is {capacity.first_error}. What comes after it in "
        "the code is not measured."
    )


def _first_limit(capacity: Capacity, first: LimitReached, fits: str) -> Iterator[str]:
    limit = next(use for use in capacity.uses if use.limit == first.limit)
    name = f"{LIMIT_NAMES[first.limit]} ({number(limit.value)})"
    if not first.number:
        yield f"{fits} What comes before them passes the limit of {name}."
        return
    yield f"{fits} {capacity.noun[:-1].capitalize()} {first.number:,} passes the limit of {name}:"
    what = " ".join(part for part in (first.what, first.family) if part)
    where = f" in {first.route}" if first.route else ""
    yield f"{what}{where}, at {iso_seconds(first.at)}."


def _place(use: LimitUse) -> str:
    return f"{number(use.binds_at)}" if use.measured else f"{number(use.binds_at)} (reckoned)"


def _limits(capacity: Capacity) -> Columns:
    table = Columns(("limit", "allowed", f"each {capacity.noun[:-1]}", "before", "binds at"), "lrrrr")
    for use in capacity.uses:
        table.add(
            LIMIT_NAMES[use.limit],
            "none" if use.value is None else number(use.value),
            number(round(use.each, 4)),
            number(use.before) if use.before else "",
            "never" if use.binds_at is None else _place(use),
        )
    return table
