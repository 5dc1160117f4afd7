"""Requests beyond those of a day, where that limit is only observed."""

from __future__ import annotations

from collections.abc import Iterator

from edgeday.clock import iso_seconds
from edgeday.measure.findings.rule import FindingRule
from edgeday.measure.metrics import Snapshot
from edgeday.measure.quota_days import REQUESTS
from edgeday.measure.results import Finding


class RequestsPassed(FindingRule):
    """How many requests would be turned away."""

    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        days = self.days.passed(REQUESTS) if self.run.switches.requests == "observe" else []
        if not days:
            return
        first_at = days[0].passed_at
        assert first_at is not None
        beyond = sum(day.beyond for day in days)
        of_all = f"{beyond:,} of {snapshot.values['requests.started']:,} requests"
        yield Finding(
            "requests-over-limit",
            f"with the limit of {days[0].limit:,} requests a day enforced, {of_all} would be turned away; "
            f"the first at {iso_seconds(first_at)}",
            weight="loss",
            headline=f"{of_all} would be lost to the requests of the day",
            of_account=True,
            requests=beyond,
        )
