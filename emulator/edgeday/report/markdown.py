"""The Markdown report, for a pull-request comment or a step summary: the verdict first, details folded.

All text of a scenario or of a run is escaped: it shows as it is written and mentions nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from edgeday.measure.budgets import BudgetResult
from edgeday.measure.metrics import Number
from edgeday.measure.results import ScenarioResult, Weight
from edgeday.report import wording
from edgeday.report.headline import Tone, headline_of, headline_of_all, tone_of_all
from edgeday.report.requests_table import requests_table
from edgeday.report.wording import number

MAX_CHARS = 65_000
"""A comment on GitHub holds 65,536 characters; a longer report leaves out the details of what passed."""

_SIGN: dict[Tone, str] = {"good": "✅", "doubtful": "⚠️", "bad": "❌", "unfinished": "⚠️"}
_WEIGHT: dict[Weight, str] = {"loss": "❌", "risk": "⚠️", "note": "ℹ️"}
_ROUTES = 30
"""Routes that are told apart in the table of requests."""
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#!|~&$@]|:(?=//|[a-z][\w+-]*:)|\A[-+=]|(?<=\d)\.(?= ))")
_BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_WORD_JOINER = "\N{WORD JOINER}"


def escape(text: str) -> str:
    """Text that Markdown shows as it is, on one line; `@name` notifies nobody and `#1` links nowhere."""
    escaped = _SPECIAL.sub(r"\\\1", _BREAKS.sub(" ", text).strip())
    return re.sub(r"(\\[@#])", rf"\1{_WORD_JOINER}", escaped)


def render(results: Sequence[ScenarioResult]) -> str:
    """The report as Markdown text."""
    whole = _text(results, everything=True)
    return whole if len(whole) <= MAX_CHARS else _text(results, everything=False)


def _text(results: Sequence[ScenarioResult], *, everything: bool) -> str:
    lines = [
        f"## {_SIGN[tone_of_all(results)]} edgeday: {escape(headline_of_all(results))}",
        "",
        f"{wording.plural(len(results), 'scenario')}, {wording.kept(results)}.",
        "",
        *_overview(results),
        *_changes(results),
    ]
    left_out = 0
    for result in results:
        if everything or result.verdict != "pass":
            lines += ["", *_scenario(result, alone=len(results) == 1)]
        else:
            left_out += 1
    if left_out:
        lines += ["", f"The details of {wording.plural(left_out, 'scenario')} that passed are left out."]
    return "\n".join(lines) + "\n"


def _table(head: Sequence[str], right: str, rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """right: a letter for each column, r or l."""
    yield f"| {' | '.join(head)} |"
    yield f"| {' | '.join('---:' if side == 'r' else ':---' for side in right)} |"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _overview(results: Sequence[ScenarioResult]) -> Iterator[str]:
    def used(result: ScenarioResult, metric: str) -> str:
        limit = result.metrics.limits.get(metric)
        value = number(result.metrics.values.get(metric))
        return value if limit is None else f"{value} of {number(limit)}"

    one_noun = len({result.noun for result in results}) == 1
    rows = [
        (
            f"{_SIGN[headline_of(result).tone]} {result.verdict}",
            escape(result.name),
            _fits(result),
            wording.kept([result]),
            _completed(result, noun_in_head=one_noun),
            used(result, "kv.writes.accepted"),
            number(result.metrics.values.get("kv.refused")),
            used(result, "subrequests.max_per_invocation"),
        )
        for result in results
    ]
    completed = f"{results[0].noun.plural} completed" if one_noun else "completed"
    head = ("", "scenario", "account", "budgets", completed, "KV writes", "KV refused", "most subrequests")
    return _table(head, "llllrrrr", rows)


def _fits(result: ScenarioResult) -> str:
    headline = headline_of(result)
    return headline.fit if headline.fits else f"**{headline.fit}**"


def _completed(result: ScenarioResult, *, noun_in_head: bool) -> str:
    count = number(result.noun.completed_in(result.metrics.values))
    return count if noun_in_head else f"{count} {result.noun.plural}"


def _changes(results: Sequence[ScenarioResult]) -> Iterator[str]:
    """What has changed against the baseline, of all scenarios that were compared with one."""
    compared = [(result, comparison) for result in results if (comparison := result.comparison) is not None]
    if not compared:
        return
    yield ""
    yield "### Against the baseline"
    yield ""
    rows = [
        (
            escape(result.name),
            escape(change.metric),
            number(change.before),
            number(change.after),
            escape(wording.difference(change)),
        )
        for result, comparison in compared
        for change in comparison.changes
    ]
    if rows:
        yield from _table(("scenario", "metric", "before", "now", "difference"), "llrrr", rows)
        yield ""
    for result, comparison in compared:
        yield f"- {escape(result.name)}: {escape(wording.compared(comparison))}."
        yield from (f"  - {escape(note)}" for note in comparison.notes)


def _scenario(result: ScenarioResult, *, alone: bool) -> Iterator[str]:
    """alone: whether its headline stands above all."""
    headline = headline_of(result)
    yield f"### {_SIGN[headline.tone]} {escape(result.name if alone else headline.text)}"
    yield ""
    if result.description:
        yield f"{escape(result.description)}  "
    yield escape(wording.setting(result))
    if result.verdict == "partial":
        yield ""
        yield f"Interrupted at {wording.instant(result.ended_at)}: what follows is a part of the run."
    if problem := wording.problem_lines(result):
        yield ""
        yield from (f"- **{escape(line)}**" for line in problem)
    if result.exceeded:
        yield ""
        yield f"**{wording.does_not_fit(result)}:**"
        yield ""
        yield from (f"- {escape(limit.text)}" for limit in result.exceeded)
    broken = [row for row in result.budgets if not row.ok]
    if broken:
        yield ""
        yield from _budgets(broken)
        yield ""
        for row in broken:
            yield f"- **{escape(row.metric)}**"
            for line in wording.why_not_kept(row):
                yield f"  - {escape(line)}"
    wrong = [
        f"- **probe {escape(probe.name)}**: {escape(wording.why_not_found(check))}"
        for probe in result.probes
        for check in probe.checks
        if not check.ok
    ]
    if wrong:
        yield ""
        yield from wrong
    routes = requests_table(result, _ROUTES)
    if routes is not None:
        yield ""
        yield from _table(
            [escape(head) for head in routes.head], routes.sides, [[*map(escape, row)] for row in routes.rows]
        )
    if result.findings:
        yield ""
        yield from (f"> {_WEIGHT[finding.weight]} {escape(finding.text)}<br>" for finding in result.findings)
        for finding in result.findings:
            if finding.detail:
                yield from _folded(f"{finding.id}: {finding.detail_title}", iter(_fenced(finding.detail)))
    if result.assumptions:
        yield from _folded("Assumptions in force", (f"- {escape(text)}" for text in result.assumptions))
    kept = [row for row in result.budgets if row.ok]
    if kept:
        yield from _folded(f"Budgets kept ({len(kept)})", _budgets(kept))
    if result.claims:
        yield from _folded(_claims_title(result), _claims(result))
    yield from _folded("All metrics", _metrics(result))


def _fenced(text: str) -> list[str]:
    """Lines as they are."""
    return ["````text", *text.replace("````", "'" * 4).splitlines(), "````"]


def _folded(title: str, inside: Iterator[str]) -> Iterator[str]:
    yield ""
    yield f"<details><summary>{title}</summary>"
    yield ""
    yield from inside
    yield ""
    yield "</details>"


def _budgets(rows: Sequence[BudgetResult]) -> Iterator[str]:
    cells = [
        (
            escape(row.metric),
            escape(row.allowed),
            number(row.measured),
            number(row.limit),
            number(row.margin),
            f"{'✅' if row.ok else '❌'} {row.verdict}",
        )
        for row in rows
    ]
    return _table(("budget", "allowed", "measured", "account limit", "margin", ""), "llrrrl", cells)


def _claims_title(result: ScenarioResult) -> str:
    holding = sum(claim.holds for claim in result.claims)
    return f"Claims ({holding} of {len(result.claims)} hold)"


def _claims(result: ScenarioResult) -> Iterator[str]:
    rows = [
        (
            escape(claim.says),
            f"{escape(claim.metric)} in {result.metrics.metrics[claim.metric].unit}",
            number(claim.claimed),
            number(claim.measured),
            "✅ holds" if claim.holds else "❌ does not hold",
        )
        for claim in result.claims
    ]
    return _table(("claim", "measured by", "claimed", "measured", ""), "llrrl", rows)


def _metrics(result: ScenarioResult) -> Iterator[str]:
    def row(name: str) -> tuple[str, str, str, str]:
        value: Number | None = result.metrics.values.get(name)
        limit = result.metrics.limits.get(name)
        return escape(name), number(value), number(limit), result.metrics.metrics[name].unit

    return _table(
        ("metric", "measured", "account limit", "unit"),
        "lrrl",
        [row(name) for name in result.metrics.metrics],
    )
