"""The terminal report: one block per scenario, readable at 80 columns and without colour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import StringIO

from rich.console import Console, Group, RenderableType
from rich.text import Text

from edgeday.clock import utc
from edgeday.ledger import QUOTAS, Op
from edgeday.measure.baseline_changes import BaselineChanges
from edgeday.measure.kv_storage import in_words
from edgeday.measure.metrics import Number
from edgeday.measure.results import Finding, ProbeResult, ScenarioResult, overall
from edgeday.measure.runtime_versions import runtime_text
from edgeday.report.columns import Columns, Hanging, Indented, plain, printable
from edgeday.report.headline import count_of_all, headline_of, tone_of_all
from edgeday.report.requests_table import ShortRoutes, says_more
from edgeday.report.wording import (
    compared,
    difference,
    ends_of_sessions,
    instant,
    length_of,
    number,
    problem_lines,
    why_not_found,
    why_not_kept,
)
from edgeday.web.text import well_formed

_STYLE = {
    "pass": "bold green", "fail": "bold red", "void": "bold red", "partial": "bold yellow",
    "error": "bold red", "good": "bold green", "doubtful": "bold yellow", "bad": "bold red",
    "unfinished": "bold yellow",
    "within": "green", "broken": "red", "no data": "yellow",
}  # fmt: skip
_CACHE = (
    ("cache puts", "cache.puts"),
    ("cache matches", "cache.matches"),
    ("cache deletes", "cache.deletes"),
)
_INDENT = 6
_MUCH_STORED = 10_000_000
"""Bytes in KV that are worth a row: a hundredth of what a Free account has."""


def show(console: Console, results: Sequence[ScenarioResult]) -> None:
    """Print a block per scenario, then the verdict on all of them."""
    show_blocks(console, results)
    console.print(Indented(verdict_line(results), 0), highlight=False)


def show_blocks(console: Console, results: Sequence[ScenarioResult]) -> None:
    """Print a block per scenario, and an empty line after each."""
    for result in results:
        console.print(block(result))
        console.print()


def show_headlines(console: Console, results: Sequence[ScenarioResult]) -> None:
    """Print a headline for each scenario, and the verdict on all of them where there are several."""
    for result in results:
        console.print(headline_line(result))
    if len(results) != 1:
        console.print(Indented(verdict_line(results), 0), highlight=False)


def verdict_line(results: Sequence[ScenarioResult]) -> Text:
    """The verdict on all scenarios, and how many of them passed and kept their budgets."""
    budgets = [budget for result in results for budget in result.budgets]
    kept = sum(budget.ok for budget in budgets)
    return Text.assemble(
        (overall(results).upper(), _STYLE[tone_of_all(results)]),
        f"  {count_of_all(results)}, {kept:,} of {len(budgets):,} budgets kept",
    )


def headline_line(result: ScenarioResult) -> RenderableType:
    """The headline of a scenario, in the colour of the worst part of it."""
    headline = headline_of(result)
    style = _STYLE[headline.tone]
    rest = Text.assemble((printable(headline.name), "bold"), plain(headline.after_name))
    if headline.fit:
        rest.highlight_words([headline.fit], style=style)
    return Hanging(Text(headline.verdict.upper(), style=style), rest)


def block(result: ScenarioResult) -> RenderableType:
    """Everything about one scenario."""
    return Group(*_parts(result))


def _parts(result: ScenarioResult) -> Iterator[RenderableType]:
    yield headline_line(result)
    if result.description:
        yield _indented(Text("\n").join(map(plain, result.description.splitlines())))
    yield _indented(plain(_setting(result), style="dim"))
    if result.runtime:
        yield _indented(plain(f"on {runtime_text(result.runtime)}", style="dim"))
    if result.verdict == "partial":
        ended = utc(result.ended_at).strftime("%Y-%m-%d %H:%M:%S")
        yield _indented(
            Text(f"interrupted at {ended} UTC: what follows is a part of the run", style="yellow")
        )
    if result.verdict == "error":  # its first line stands in the headline
        yield _section(Group(*(plain(line, style="red") for line in problem_lines(result)[1:])))
    yield _section(_usage(result))
    if says_more(result):
        yield _section(ShortRoutes(result))
    if result.budgets:
        yield _section(_budgets(result))
        for row in result.budgets:
            if not row.ok:
                yield _section(_lines(row.metric, why_not_kept(row)))
    if result.probes:
        yield _section(_probes(result.probes))
    if result.comparison is not None:
        yield _section(_comparison(result.comparison))
    if result.claims:
        yield _section(_claims(result))
    if result.findings:
        yield _section(_findings(result))
        for finding in result.findings:
            if finding.detail:
                yield _section(_detail(finding))
    if result.assumptions:
        yield _section(_assumptions(result))


def _indented(part: RenderableType) -> Indented:
    return Indented(part, _INDENT)


def as_text(result: ScenarioResult, width: int = 100) -> str:
    """The block without colour, for what is no terminal. Its lines end where their text ends."""
    console = Console(file=StringIO(), width=width, no_color=True, highlight=False)
    with console.capture() as captured:
        console.print(block(result))
    return well_formed("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


def _section(part: RenderableType) -> Indented:
    return Indented(part, _INDENT, above=1)


def _setting(result: ScenarioResult) -> str:
    start = utc(result.started_at).strftime("%Y-%m-%d %H:%M UTC")
    variant = f", variant {result.variant}" if result.variant else ""
    return f"{length_of(result)} from {start}, {result.account} account{variant}, seed {result.seed}"


def _usage(result: ScenarioResult) -> Columns:
    values, limits = result.metrics.values, result.metrics.limits
    table = Columns(("measured", "", "limit", "used", ""), "lrrrl")
    for row in result.usage:
        table.add(row.label, number(values[row.metric]), "", "", _some(values[row.note], row.noted))
    if values["sessions.started"]:
        ends = f"{number(values['sessions.completed'])} {ends_of_sessions(values)}"
        table.add("sessions", number(values["sessions.started"]), "", "", ends)
    for quota in QUOTAS:
        name = quota.metric
        if values[f"{name}.asked"] or quota.op is Op.WRITE:
            used = values.get(f"{name}.used_percent")
            limit = limits.get(f"{name}.accepted")
            table.add(
                quota.label,
                number(values[f"{name}.accepted"]),
                "" if limit is None else f"{limit:,}/day",
                "" if used is None else f"{number(used)} %",
                _some(values[f"{name}.refused"], "refused"),
            )
    stored = values["kv.storage_bytes"]
    if stored >= _MUCH_STORED:
        room = limits.get("kv.storage_bytes")
        share = "" if room is None else f"{100 * stored / room:.3g} %"
        table.add("KV storage", in_words(stored), "" if room is None else in_words(room), share, "")
    for label, name in _CACHE:
        if values[name]:
            note = f"{number(values['cache.hits'])} hits" if name == "cache.matches" else ""
            table.add(label, number(values[name]), "", "", note)
    most = values["subrequests.max_per_invocation"]
    limit = limits["subrequests.max_per_invocation"]
    refused = _some(values["subrequests.refused"], "refused")
    table.add("subrequests", number(most), f"{limit:,}/request", f"{100 * most / limit:.0f} %", refused)
    return table


def _some(value: Number, what: str) -> str:
    return f"{number(value)} {what}" if value else ""


def _findings(result: ScenarioResult) -> Columns:
    table = Columns(("finding",), "l")
    for finding in result.findings:
        table.add(plain(finding.text, style="yellow"))
    return table


def _detail(finding: Finding) -> RenderableType:
    """The lines that say a finding in full."""
    return Group(*(plain(line, style="dim") for line in finding.detail.splitlines()))


def _assumptions(result: ScenarioResult) -> Columns:
    table = Columns(("assumed",), "l")
    for text in result.assumptions:
        table.add(plain(text, style="dim"))
    return table


def _budgets(result: ScenarioResult) -> Columns:
    table = Columns(("budget", "allowed", "measured", "margin", ""), "llrrl")
    for row in result.budgets:
        table.add(
            plain(row.metric),
            plain(row.allowed),
            number(row.measured),
            number(row.margin),
            plain(row.verdict, style=_STYLE[row.verdict]),
        )
    return table


def _lines(title: str, lines: Sequence[str]) -> RenderableType:
    """A title, and lines below it."""
    return Group(plain(title), *(Indented(plain(line), 2) for line in lines))


def _probes(probes: Sequence[ProbeResult]) -> RenderableType:
    table = Columns(("probe", "at", ""), "lll")
    parts: list[RenderableType] = [table]
    for probe in probes:
        verdict = Text("as expected", style="green") if probe.ok else Text("not as expected", style="red")
        table.add(plain(probe.name), instant(probe.at), verdict)
        if not probe.ok:
            wrong = [why_not_found(check) for check in probe.checks if not check.ok]
            parts.append(_lines(probe.name, wrong))
    return Group(*parts)


def _comparison(comparison: BaselineChanges) -> RenderableType:
    table = Columns(("changed", "baseline", "now", "difference"), "lrrr")
    for change in comparison.changes:
        table.add(change.metric, number(change.before), number(change.after), difference(change))
    said = plain(f"{compared(comparison)}.", style="green" if comparison.ok else "red")
    notes = [plain(f"{note[:1].upper()}{note[1:]}.", style="yellow") for note in comparison.notes]
    return Group(said, *notes, *([table] if comparison.changes else []))


def _claims(result: ScenarioResult) -> Columns:
    table = Columns(("claim", "claimed", "measured", ""), "lrrl")
    for claim in result.claims:
        verdict = Text("holds", style="green") if claim.holds else Text("does not hold", style="yellow")
        unit = result.metrics.metrics[claim.metric].unit
        table.add(plain(f'"{claim.says}" ({unit})'), number(claim.claimed), number(claim.measured), verdict)
    return table
