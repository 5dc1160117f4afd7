"""The report on two runs side by side: what differs between them, for a terminal, as JSON and as Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.text import Text

from edgeday.measure.baseline_changes import Change
from edgeday.measure.results import RouteRow
from edgeday.replay.comparison import Comparison, SideRun
from edgeday.report.columns import Columns, Indented, plain
from edgeday.report.markdown import escape
from edgeday.report.wording import difference, number, plural

SCHEMA = 1
_LETTERS = ("A", "B")
_INDENT = 2


def as_dict(comparison: Comparison) -> dict[str, Any]:
    """The comparison as plain values."""
    return {
        "schema": SCHEMA,
        "sides": [_side(side) for side in comparison.sides],
        "changes": [
            {**asdict(change), "difference": change.difference, "percent": change.percent}
            for change in comparison.changes
        ],
        "same": comparison.same,
    }


def _side(side: SideRun) -> dict[str, Any]:
    return {
        "name": side.name,
        "scenario": side.scenario,
        "worker": side.runs,
        "variant": side.variant,
        "account": side.account,
        "seed": side.seed,
        "verdict": side.verdict,
        "fits": side.fits,
        "headline": side.headline,
        "metrics": dict(side.values),
        "requests": [
            {**row._asdict(), "by_status": {str(status): count for status, count in row.by_status.items()}}
            for row in side.requests
        ],
        "costs": [cost._asdict() for cost in side.costs],
        "findings": [
            {"id": finding.id, "weight": finding.weight, "text": finding.text} for finding in side.findings
        ],
    }


def render(comparison: Comparison) -> str:
    """The comparison as JSON text."""
    return json.dumps(as_dict(comparison), indent=2, ensure_ascii=False) + "\n"


def show(console: Console, comparison: Comparison) -> None:
    """Print the comparison, readable at 80 columns and without colour."""
    heads = Columns(("", "compared", "verdict"), "lll")
    for letter, side in zip(_LETTERS, comparison.sides, strict=True):
        heads.add(Text(letter, style="bold"), plain(side.name, "bold"), plain(side.headline))
    console.print(heads)
    if any(side.runs for side in comparison.sides):
        table = Columns(("", "worker"), "ll")
        for letter, side in zip(_LETTERS, comparison.sides, strict=True):
            table.add(letter, plain(side.runs or side.name))
        console.print(Indented(table, _INDENT, above=1))
    if comparison.changes:
        console.print(Indented(_changes(comparison), _INDENT, above=1))
    console.print(Indented(plain(_same(comparison), "dim"), _INDENT, above=1))
    if comparison.routes:
        console.print(Indented(_routes(comparison), _INDENT, above=1))
    if comparison.costs:
        console.print(Indented(_costs(comparison), _INDENT, above=1))
    for letter, findings in zip(_LETTERS, comparison.own_findings, strict=True):
        if findings:
            table = Columns((f"finding in {letter} only",), "l")
            for finding in findings:
                table.add(plain(finding.text, "yellow"))
            console.print(Indented(table, _INDENT, above=1))


def _changes(comparison: Comparison) -> Columns:
    table = Columns(("measured", *_LETTERS, "difference"), "lrrr")
    for change in comparison.changes:
        table.add(plain(change.metric), number(change.before), number(change.after), difference(change))
    return table


def _same(comparison: Comparison) -> str:
    if not comparison.changes:
        return f"All {comparison.same:,} metrics are the same."
    return f"{plural(comparison.same, 'metric')} {'is' if comparison.same == 1 else 'are'} the same."


def _routes(comparison: Comparison) -> Columns:
    table = Columns(("requests", *_LETTERS), "lll")
    for route, first, second in comparison.routes:
        table.add(plain(route), _answers(first), _answers(second))
    return table


def _costs(comparison: Comparison) -> Columns:
    table = Columns(("spent by", "", *_LETTERS, "difference"), "llrrr")
    for route, what, first, second in comparison.costs:
        change = Change(what, first, second)
        table.add(plain(route), what, number(first), number(second), difference(change))
    return table


def _answers(row: RouteRow | None) -> str:
    """What became of a route's requests: 5,000: 200 4,990, 500 10; 12 refused."""
    if row is None:
        return "none"
    if set(row.by_status) <= {0}:
        parts = [f"{row.started:,}"]
    else:
        by_status = [f"{status or 'no answer'} {count:,}" for status, count in sorted(row.by_status.items())]
        parts = [f"{row.started:,}: {', '.join(by_status)}"]
    failed = f"{row.failed:,} failed" if row.failed else ""
    refused = f"{row.refused:,} refused" if row.refused else ""
    cut_off = f"{row.cut_off:,} cut off" if row.cut_off else ""
    return "; ".join(filter(None, (*parts, failed, refused, cut_off)))


def markdown(comparison: Comparison) -> str:
    """The comparison as Markdown, for a pull-request comment or a step summary."""
    return "\n".join(_markdown(comparison)) + "\n"


def _markdown(comparison: Comparison) -> Iterator[str]:
    first, second = (escape(side.name) for side in comparison.sides)
    yield f"## edgeday: {first} and {second} compared"
    yield ""
    for letter, side in zip(_LETTERS, comparison.sides, strict=True):
        runs = f" ({escape(side.runs)})" if side.runs else ""
        yield f"- **{letter}** {escape(side.name)}: {escape(side.headline)}{runs}"
    yield ""
    if comparison.changes:
        yield "| measured | A | B | difference |"
        yield "| :--- | ---: | ---: | ---: |"
        for change in comparison.changes:
            cells = (number(change.before), number(change.after), difference(change))
            yield f"| {escape(change.metric)} | {' | '.join(map(escape, cells))} |"
        yield ""
    yield escape(_same(comparison))
    if comparison.routes:
        yield ""
        yield "| requests | A | B |"
        yield "| :--- | :--- | :--- |"
        for route, one, other in comparison.routes:
            yield f"| {escape(route)} | {escape(_answers(one))} | {escape(_answers(other))} |"
    if comparison.costs:
        yield ""
        yield "| spent by |  | A | B | difference |"
        yield "| :--- | :--- | ---: | ---: | ---: |"
        for route, what, before, after in comparison.costs:
            more = difference(Change(what, before, after))
            yield f"| {' | '.join(map(escape, (route, what, number(before), number(after), more)))} |"
    for letter, findings in zip(_LETTERS, comparison.own_findings, strict=True):
        if findings:
            yield ""
            yield f"**Findings in {letter} only**"
            yield ""
            yield from (f"- {escape(finding.text)}" for finding in findings)
