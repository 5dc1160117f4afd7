"""Requests that were lost, and the limit that they were lost to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from edgeday.events import Cause, EventStream, InvocationEnded, Operation
from edgeday.measure.findings.blame import LIMITS, LIMITS_OF_ACCOUNT, Blame
from edgeday.measure.findings.rule import Conditions, FindingRule, most
from edgeday.measure.metrics import Snapshot
from edgeday.measure.results import Finding

_ROUTES_SHOWN = 5
_LIMITS = {
    Cause.SUBREQUESTS: "the subrequest limit",
    Cause.QUOTA: "a daily KV quota",
    Cause.REQUESTS: "the requests of the day",
    Cause.KEY_RATE: "one write a second to a key",
}


class RequestsLost(FindingRule):
    """How many requests were lost, by cause.

    A request is lost that failed, or was answered with 400 or above after a limit had refused it something.
    What it was lost to: the subrequest limit, if its last fetch was refused; no limit, if its last fetch
    failed; else the limit that refused the last of its other operations, if one did. Those that raised and
    were lost to no limit are the uncaught exceptions, which another rule tells, and one that ended the run is
    its problem.
    """

    def __init__(self, events: EventStream, run: Conditions) -> None:
        super().__init__(events, run)
        self._blame = Blame(events)
        self._lost: Counter[Cause] = Counter()
        self._failed: set[Cause] = set()  # why something failed in requests that were lost to no limit
        self._by_itself: Counter[str] = Counter()  # routes of requests in which nothing had failed
        events.subscribe(Operation, self._refused, outcomes=("refused",))
        events.subscribe(InvocationEnded, self._ended)

    def _refused(self, event: Operation) -> None:
        if event.cause is Cause.REQUESTS:
            self._lost[Cause.REQUESTS] += self.run.noun.counts(event.route)

    def _ended(self, event: InvocationEnded) -> None:
        cause = self._blame.taken(event)
        noun = self.run.noun
        if (event.outcome == "ok" and event.status < 400) or not noun.counts(event.route):
            return
        if cause in LIMITS:
            self._lost[cause] += 1
        elif event.outcome not in {"exception", "misbehaved"} and (
            event.outcome != "ok" or event.status >= noun.fails_from
        ):
            self._lost[Cause.NONE] += 1
            if cause is not Cause.NONE:
                self._failed.add(cause)
            self._by_itself[event.route] += cause is Cause.NONE

    def _why(self) -> str:
        """What requests failed by that were lost to no limit."""
        if not self._failed:
            return f"the worker itself failed: {most(self._by_itself, _ROUTES_SHOWN, 'routes')}"
        if self._failed == {Cause.BACKEND}:
            return "KV refused what was asked of it"
        return f"{self.run.noun.fetch} or the platform failed"

    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        noun = self.run.noun
        total = snapshot.values[noun.started] + self._lost[Cause.REQUESTS]
        for cause, count in self._lost.most_common():
            if not count:
                continue
            share = 100 * count / max(total, count)
            what = _LIMITS.get(cause)
            of_them = f"{count:,} of {total:,} {noun.plural}"
            headline = f"{of_them} failed" if what is None else f"{of_them} were lost to {what}"
            if what is None:
                text = f"{of_them} ({share:.3g} %) failed, and no limit is to blame: {self._why()}"
            else:
                text = f"{of_them} ({share:.3g} %) were lost to {what}"
            yield Finding(
                f"{noun.plural}-lost",
                text,
                weight="loss",
                headline=headline,
                of_account=cause in LIMITS_OF_ACCOUNT,
                requests=count,
            )
