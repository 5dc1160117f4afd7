"""The capacity report: how large a day fits, how that was checked, what binds first, and what behind it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from edgeday.clock import iso_seconds
from edgeday.replay.capacity_limits import (
    LIMIT_NAMES,
    Capacity,
    DayAnswer,
    DayReplayed,
    LimitReached,
    LimitUse,
)
from edgeday.report.columns import Columns, Indented, plain
from edgeday.report.wording import number

SCHEMA = 2
_ROUTES_SHOWN = 5


def as_dict(capacities: Sequence[Capacity | DayAnswer]) -> dict[str, Any]:
    """The report as plain values: of capacities, or of days that were asked about."""
    rows = [_capacity(one) if isinstance(one, Capacity) else _answer(one) for one in capacities]
    return {"schema": SCHEMA, "capacities": rows}


def _capacity(one: Capacity) -> dict[str, Any]:
    monotone = one.not_monotone
    return {
        **_head(one),
        "fits": one.fits,
        "tried": one.tried,
        "first": _reached(one.first),
        "exceeded": dict(one.exceeded),
        "behind": None if one.behind is None else one.behind._asdict(),
        "uses": [use._asdict() for use in one.uses],
        "checked": [_replayed(day) for day in one.checked],
        "replays": one.replays,
        "no_thinning": one.no_thinning,
        "not_monotone": None if monotone is None else {"exceeds": monotone[0], "fits": monotone[1]},
        "void": one.void,
        "failed_writes": one.failed_writes,
        "uncaught": dict(one.uncaught),
        "first_error": one.first_error,
    }


def _answer(one: DayAnswer) -> dict[str, Any]:
    return {
        **_head(one),
        "at_least": one.checked.size,
        "fits_at_least": one.fits,
        "first": _reached(one.first),
        "exceeded": dict(one.exceeded),
        "checked": [_replayed(one.checked)],
        "void": one.void,
    }


def _head(one: Capacity | DayAnswer) -> dict[str, Any]:
    return {"scenario": one.scenario, "account": one.account, "variant": one.variant, "noun": one.noun}


def _reached(first: LimitReached | None) -> dict[str, Any] | None:
    return None if first is None else {**first._asdict(), "at": iso_seconds(first.at)}


def _replayed(day: DayReplayed) -> dict[str, Any]:
    return {**day._asdict(), "thinned": not day.whole}


def render(capacities: Sequence[Capacity | DayAnswer]) -> str:
    """The report as JSON text."""
    return json.dumps(as_dict(capacities), indent=2, ensure_ascii=False) + "\n"


def show(console: Console, one: Capacity | DayAnswer) -> None:
    """Print one capacity or answer, with an empty line after it."""
    console.print(Text(" ".join((one.scenario, one.variant)).rstrip(), style="bold"))
    for line in sentences(one) if isinstance(one, Capacity) else answer_sentences(one):
        console.print(Indented(plain(line), 2))
    if isinstance(one, Capacity):
        console.print(Indented(_limits(one), 2, above=1))
    console.print()


def show_overview(console: Console, capacities: Sequence[Capacity]) -> None:
    """Print a table of several, a line each."""
    console.print(_overview(capacities))


def _overview(capacities: Sequence[Capacity]) -> Columns:
    several = len({one.scenario for one in capacities}) > 1
    names = [" ".join((one.scenario, one.variant)).rstrip() if several else one.variant for one in capacities]
    table = Columns(("scenario" if several else "variant", "fits", "binds first", "behind it"), "lrll")
    for name, capacity in zip(names, capacities, strict=True):
        behind = capacity.behind
        table.add(
            name or capacity.scenario,
            _fits(capacity),
            _binds(capacity) or "nothing",
            "" if behind is None else f"{LIMIT_NAMES[behind.limit]}, {_place(behind)}",
        )
    return table


def _fits(capacity: Capacity) -> str:
    if capacity.void:
        return "not measured"
    return f"{capacity.tried:,} or more" if capacity.fits is None else number(capacity.fits)


def _binds(capacity: Capacity) -> str:
    limit = next(iter(capacity.exceeded), "") if capacity.first is None else capacity.first.limit
    return limit_name(limit)


def limit_name(limit: str) -> str:
    """A limit in words."""
    return LIMIT_NAMES.get(limit, limit.replace("_", " ").replace("kv ", "KV "))


def sentences(capacity: Capacity) -> Iterator[str]:
    """What was found, in words."""
    noun, account = capacity.noun, capacity.account.capitalize()
    if capacity.void:
        yield f"Nothing could be measured: {capacity.void}."
    if capacity.fits is None:
        yield f"Nothing binds on {account}: a day of {capacity.tried:,} {noun} fits; none larger was tried."
    else:
        fits = capacity.fits
        yield f"Fits a day on {account}: {number(fits)} {noun}."
        larger = capacity.checked[-1].size
        what = f"A day of {larger:,}" if larger else "What comes besides them"
        yield from _exceeded(f"{what} does not fit", capacity.first, capacity.exceeded, noun)
    yield _checked(capacity)
    if capacity.not_monotone is not None:
        less, more = capacity.not_monotone
        yield (
            f"More can fit where less does not: a day of {less:,} does not fit, although one of "
            f"{more:,} does."
        )
    yield from _other_limits(capacity)
    if capacity.failed_writes:
        yield (
            f"On that day {capacity.failed_writes:,} KV writes met a 429, because their key was written "
            "twice within a second."
        )
    if capacity.uncaught:
        yield _uncaught(capacity)


def answer_sentences(answer: DayAnswer) -> Iterator[str]:
    """Whether a day fits, in words."""
    noun, account, day = answer.noun, answer.account.capitalize(), answer.checked
    if answer.void:
        yield f"Nothing could be measured: {answer.void}."
    if answer.fits:
        yield f"Yes: a day of {day.size:,} {noun} fits {account}."
    else:
        said = f"No: a day of {day.size:,} {noun} does not fit {account}"
        yield from _exceeded(said, answer.first, answer.exceeded, noun)
    if not day.whole:
        yield f"{day.made:,} of the {noun} were run; the others cost what those of their kind do."


def _exceeded(said: str, first: LimitReached | None, exceeded: Mapping[str, str], noun: str) -> Iterator[str]:
    yield f"{said}: {'; '.join(exceeded.values())}."
    if first is None:
        return
    what = " ".join(part for part in (first.what, first.family) if part)
    where = f" in {first.route}" if first.route else ""
    who = f"{_one(noun)} {first.number:,} passes" if first.number else "Besides them, the first to pass"
    if first.number:
        yield f"{who} the limit of {limit_name(first.limit)}: {what}{where}, at {iso_seconds(first.at)}."
    else:
        yield f"{who} the limit of {limit_name(first.limit)} is {what}{where}, at {iso_seconds(first.at)}."


def _one(noun: str) -> str:
    return "Request" if " " in noun else noun[:-1].capitalize()


def _checked(capacity: Capacity) -> str:
    noun, days = capacity.noun, capacity.checked
    counts = " and of ".join(number(day.size) for day in days)
    which = "a replay" if len(days) == 1 else "replays"
    if all(day.whole for day in days):
        text = f"Checked by {which} of {counts} {noun}."
    else:
        made = " and ".join(number(day.made) for day in days)
        text = (
            f"Checked by {'a thinned replay' if len(days) == 1 else 'thinned replays'} of {counts} {noun}: "
            f"{made} of them were run, the others cost what those of their kind do."
        )
    if capacity.no_thinning:
        text += f" All were run, in {capacity.replays:,} replays, because {capacity.no_thinning}."
    return text


def _other_limits(capacity: Capacity) -> Iterator[str]:
    noun = _one(capacity.noun).lower()
    if capacity.behind is not None:
        behind = capacity.behind
        what = "Next" if capacity.fits is None else "Behind it"
        limit = f"{limit_name(behind.limit)} ({number(behind.value)})"
        yield f"{what}: {limit}, at {noun} {_place(behind)}."
    for use in capacity.uses:
        if use.binds_at is not None and not use.counts:
            limit = f"{limit_name(use.limit)} ({number(use.value)})"
            yield f"Not looked at by the scenario: {limit} would bind at {noun} {number(use.binds_at)}."


def _uncaught(capacity: Capacity) -> str:
    count, routes = sum(capacity.uncaught.values()), list(capacity.uncaught)
    more = len(routes) - _ROUTES_SHOWN
    shown = [*routes[:_ROUTES_SHOWN], *([f"{more} more"] if more > 0 else [])]
    first = capacity.first_error.rstrip(".")
    return (
        f"{count:,} {capacity.noun if count > 1 else _one(capacity.noun).lower()} ended with an error that "
        f"the worker does not catch, in {', '.join(shown)}; the first is {first}. What comes "
        "after it in the code is not measured."
    )


def _place(use: LimitUse) -> str:
    return f"{number(use.binds_at)}" if use.measured else f"{number(use.binds_at)} (reckoned)"


def _limits(capacity: Capacity) -> Columns:
    each = f"each {_one(capacity.noun).lower()}"
    table = Columns(("limit", "allowed", each, "before", "binds at"), "lrrrr")
    for use in capacity.uses:
        table.add(
            limit_name(use.limit),
            "none" if use.value is None else number(use.value),
            number(round(use.each, 4)),
            number(use.before) if use.before else "",
            "never" if use.binds_at is None else _place(use),
        )
    return table
