"""The headline of a run: its budgets, whether it fits its account, and the worst that it shows, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from edgeday.measure.results import Finding, RunVerdict, ScenarioResult, overall
from edgeday.measure.verdict import grave_findings, worst_first
from edgeday.report.wording import compared, instant, number, plural

Tone = Literal["good", "doubtful", "bad", "unfinished"]
_WORST_FIRST: tuple[Tone, ...] = ("bad", "unfinished", "doubtful", "good")
_OTHERS: Mapping[RunVerdict, str] = {
    "fail": "failed",
    "void": "void",
    "partial": "interrupted",
    "error": "ended by a misbehaving worker",
}


class Headline(NamedTuple):
    """What stands above everything else that is said of a run.

    verdict, name: of the run. fits: whether it fits its account. fit: that in words, "" where the run shows
    too little to say so. says: the worst findings and what is broken, in a few words each, the worst first.
    tone: of the worst part of it: a run that passes and does not fit, or loses requests, is doubtful.
    """

    verdict: RunVerdict
    name: str
    fits: bool
    fit: str
    says: Sequence[str]
    tone: Tone

    @property
    def after_name(self) -> str:
        """What follows the scenario's name: ", but DOES NOT FIT: 5 of 9 requests were lost ..."."""
        but = "but " if self.verdict == "pass" and not self.fits else ""
        return (f", {but}{self.fit}" if self.fit else "") + (f": {'; '.join(self.says)}" if self.says else "")

    @property
    def text(self) -> str:
        """All of it, on one line."""
        return f"{self.verdict.upper()} {self.name}{self.after_name}"


def headline_of(result: ScenarioResult) -> Headline:
    """The headline of a run."""
    says = list(_says(result))
    return Headline(result.verdict, result.name, result.fits, _fit(result), says, _tone(result))


def headline_of_all(results: Sequence[ScenarioResult]) -> str:
    """The headline of the only run, or of several: "FAIL 1 of 3 scenarios passed, 2 failed"."""
    if not results:
        return "Nothing was replayed"
    if len(results) == 1:
        return headline_of(results[0]).text
    return f"{overall(results).upper()} {count_of_all(results)}"


def count_of_all(results: Sequence[ScenarioResult]) -> str:
    """How many scenarios passed, which verdicts others have, and how many do not fit their account."""
    verdicts = [result.verdict for result in results]
    parts = [f"{verdicts.count('pass'):,} of {len(results):,} scenarios passed"]
    parts += [
        f"{count:,} {word}"
        for verdict, word in _OTHERS.items()
        if (count := verdicts.count(verdict)) and len(results) > 1
    ]
    misfits = sum(not result.fits for result in results)
    if misfits:
        parts.append(f"{misfits:,} {'does' if misfits == 1 else 'do'} not fit")
    return ", ".join(parts)


def tone_of_all(results: Sequence[ScenarioResult]) -> Tone:
    """The tone of the worst of them."""
    tones = {_tone(result) for result in results}
    return next((tone for tone in _WORST_FIRST if tone in tones), "unfinished")


def _fit(result: ScenarioResult) -> str:
    if not result.fits:
        return "DOES NOT FIT"
    if result.untested or result.verdict in {"partial", "error"}:
        return ""
    aside = f", {' and '.join(result.limits_off)} aside" if result.limits_off else ""
    return f"FITS the {result.account} account{aside}"


def _tone(result: ScenarioResult) -> Tone:
    if result.verdict == "partial":
        return "unfinished"
    if result.verdict != "pass":
        return "bad"
    lost = any(finding.weight == "loss" for finding in result.findings)
    return "doubtful" if lost or not result.fits else "good"


def _says(result: ScenarioResult) -> Iterator[str]:
    if result.verdict == "error":
        yield f"the worker misbehaved: {result.problem.partition(chr(10))[0]}"
        return
    if result.verdict == "partial":
        ended = instant(result.ended_at)
        yield f"interrupted at {ended}, so that this is a part of the run"
    yield from filter(None, (result.fatal, result.untested))
    yield from _worst(result)
    if result.verdict == "fail":
        yield from _broken(result)
    if result.verdict == "void" and not result.untested:
        yield result.problem


def _worst(result: ScenarioResult) -> Iterator[str]:
    """The worst finding of a limit, where the account's are exceeded, and the worst other one where that lost
    more requests, or where it is the worst of all."""
    ordered = worst_first(result.findings)
    others: list[Finding] = [finding for finding in ordered if not finding.of_account]
    lost = 0
    if not result.fits:
        limit = next((finding for finding in ordered if finding.of_account), None)
        lost = 0 if limit is None else limit.requests
        yield result.exceeded[0].text if limit is None else limit.headline
        others = [finding for finding in others if finding.weight == "loss" and finding.requests > lost]
    if others and not result.untested:
        yield others[0].headline


def _broken(result: ScenarioResult) -> Iterator[str]:
    """What is not as the scenario asks."""
    broken = [row for row in result.budgets if not row.ok]
    if len(broken) > 1:
        yield f"{len(broken):,} of {plural(len(result.budgets), 'budget')} broken"
    for row in broken[:1] if len(broken) == 1 else []:
        measured = "no data" if row.measured is None else number(row.measured)
        yield f"{row.metric} is {measured}, allowed {row.budget}"
    grave = len(grave_findings(result)) if result.fail_on else 0
    if grave:
        yield f"{plural(grave, 'finding')}, where fail_on allows none"
    wrong = sum(not probe.ok for probe in result.probes)
    if wrong:
        yield f"{wrong:,} of {plural(len(result.probes), 'probe')} not answered as expected"
    if result.comparison is not None and not result.comparison.ok:
        yield compared(result.comparison)
