"""What the run would cost as a month."""

from __future__ import annotations

from collections.abc import Iterator

from edgeday.clock import DAY_S, utc, utc_day
from edgeday.events import EventStream, InvocationEnded
from edgeday.measure.findings.rule import Conditions, FindingRule
from edgeday.measure.metrics import Snapshot
from edgeday.measure.results import Finding
from edgeday.prices import monthly_usd

_MONTH_DAYS = 28


class MonthlyCost(FindingRule):
    """What four weeks or more cost; shorter runs are no month."""

    audits_only = True

    def __init__(self, events: EventStream, run: Conditions) -> None:
        super().__init__(events, run)
        self._days: set[int] = set()
        events.subscribe(InvocationEnded, self._ended)

    def _ended(self, event: InvocationEnded) -> None:
        self._days.add(utc_day(event.started_at))

    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        if len(self._days) < _MONTH_DAYS:
            return
        usd = monthly_usd(snapshot.values, utc(min(self._days) * DAY_S).date())
        text = f"{len(self._days):,} days like these cost ${float(usd):,.2f} on Paid, subscription included"
        if self.run.limits.account == "free":
            text = f"{len(self._days):,} days like these cost nothing on Free; what was accepted would cost "
            text += f"${float(usd):,.2f} on Paid"
        yield Finding("cost", f"{text} (CPU time is not measured)")
