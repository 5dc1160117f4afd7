"""Requests that were lost, and the limit that they were lost to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from edgeday.events import Cause, EventStream, InvocationEnded, Operation
from edgeday.measure.findings.rule import Conditions, FindingRule, has_failed, refused_by
from edgeday.measure.metrics import Snapshot
from edgeday.measure.results import Finding

_SUBREQUESTS = "the subrequest limit"
_QUOTA = "a daily KV quota"
_REQUESTS = "the requests of the day"


class RequestsLost(FindingRule):
    """How many requests were lost, by cause.

    A failed request is lost to the subrequest limit if its last fetch was refused, to a quota if its last
    fetch went well and a quota refused it something; else no limit is to blame.
    """

    audits_only = True

    def __init__(self, events: EventStream, run: Conditions) -> None:
        super().__init__(events, run)
        self._no_limit = f"no limit: {run.noun.fetch} or the platform failed"
        self._over_quota: set[int] = set()
        self._last_fetch: dict[int, str] = {}
        self._lost: Counter[str] = Counter()
        events.subscribe(Operation, self._refused, outcomes=("refused",))
        events.subscribe(Operation, self._fetched, outcomes=("ok", "error", "refused"))
        events.subscribe(InvocationEnded, self._ended)

    def _refused(self, event: Operation) -> None:
        if event.cause is Cause.REQUESTS:
            self._lost[_REQUESTS] += self.run.noun.counts(event.route)
        elif refused_by(event) is not None:
            self._over_quota.add(event.invocation)

    def _fetched(self, event: Operation) -> None:
        if event.service == "fetch":
            self._last_fetch[event.invocation] = event.outcome

    def _ended(self, event: InvocationEnded) -> None:
        over_quota = event.invocation in self._over_quota
        self._over_quota.discard(event.invocation)
        last_fetch = self._last_fetch.pop(event.invocation, "ok")
        if not has_failed(event) or not self.run.noun.counts(event.route):
            return
        if last_fetch == "refused":
            self._lost[_SUBREQUESTS] += 1
        else:
            self._lost[_QUOTA if over_quota and last_fetch == "ok" else self._no_limit] += 1

    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        noun = self.run.noun
        total = snapshot.values[noun.started] + self._lost[_REQUESTS]
        for cause, count in self._lost.most_common():
            if count:
                share = 100 * count / max(total, count)
                text = f"{count} of {total} {noun.plural} ({share:.3g} %) were lost to {cause}"
                yield Finding(f"{noun.plural}-lost", text)
