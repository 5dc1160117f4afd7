"""What a run says of the worker's crons: expressions that mislead, runs that overlap, too many triggers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from edgeday.clock import iso_seconds
from edgeday.cron import parse
from edgeday.events import CRON_ROUTE, EventStream, InvocationEnded, InvocationStarted
from edgeday.measure.findings.rule import Conditions, FindingRule
from edgeday.measure.metrics import Snapshot
from edgeday.measure.results import Finding

_FREE_TEXT = '"This account has reached the Workers Free limit of {} cron triggers per account."'
"""Cloudflare's error 10072 (observed 2026-08)."""


class CronOverlap(FindingRule):
    """Runs of a cron that began before the run before was over: Cloudflare holds nothing back."""

    def __init__(self, events: EventStream, run: Conditions) -> None:
        super().__init__(events, run)
        self._running: Counter[str] = Counter()
        self._begun: dict[
            str, dict[int, float]
        ] = {}  # by route: invocations that found one running, and when
        self._overlaps: dict[str, list[float]] = {}
        events.subscribe(InvocationStarted, self._started)
        events.subscribe(InvocationEnded, self._ended)

    def _started(self, event: InvocationStarted) -> None:
        if event.route.startswith(CRON_ROUTE):
            self._running[event.route] += 1
            if self._running[event.route] > 1:
                self._begun.setdefault(event.route, {})[event.invocation] = event.at

    def _ended(self, event: InvocationEnded) -> None:
        """Count the runs that began before this instant, and after the one that ends now."""
        if not event.route.startswith(CRON_ROUTE):
            return
        begun = self._begun.get(event.route, {})
        later = {number: at for number, at in begun.items() if number > event.invocation and at < event.at}
        if later:
            self._overlaps.setdefault(event.route, []).extend(later.values())
        self._running[event.route] -= 1
        if self._running[event.route]:
            self._begun[event.route] = {number: at for number, at in begun.items() if number not in later}
        else:
            begun.clear()

    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        for route, instants in self._overlaps.items():
            runs = "1 run" if len(instants) == 1 else f"{len(instants):,} runs"
            yield Finding(
                "cron-overlap",
                f"{_quoted(route.removeprefix(CRON_ROUTE))}: {runs} began while a run before was still going "
                f"on, as Cloudflare holds none back; first at {iso_seconds(min(instants))}",
                weight="risk",
                headline=f"{runs} of a cron began while a run before was still going on",
            )


class CronExpressions(FindingRule):
    """What is to be said of the expressions alone, whether they fired in these days or not."""

    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        for text in self.run.crons:
            for notice in parse(text).notices:
                headline = f"{_quoted(text)}: {notice.text.partition(';')[0]}"
                yield Finding(notice.id, f"{_quoted(text)}: {notice.text}", weight="risk", headline=headline)


class CronTriggersOverLimit(FindingRule):
    """More triggers than the account has: Cloudflare refuses all schedules of such a deployment."""

    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        most, count = self.run.limits.cron_triggers, len(self.run.crons)
        if count > most:
            said = _FREE_TEXT.format(most) if self.run.limits.account == "free" else f"{most} are allowed"
            yield Finding(
                "cron-triggers-over-limit",
                f"the scenario has {count:,} crons: {said}; of such a deployment Cloudflare sets no schedule",
                weight="loss",
                headline=f"{count:,} crons, of which Cloudflare sets none: {most:,} are allowed",
                of_account=True,
            )


def _quoted(text: str) -> str:
    return f'cron "{text}"'
