"""Invocations that asked for more than the limits of one invocation allow, or for nearly as much."""

from __future__ import annotations

from collections.abc import Iterator

from edgeday.events import EventStream, InvocationEnded
from edgeday.limits import NEARLY_PERCENT
from edgeday.measure.findings.rule import Conditions, FindingRule
from edgeday.measure.metrics import Snapshot, subrequests_used
from edgeday.measure.results import Finding


class SubrequestsOverLimit(FindingRule):
    """The most subrequests of any invocation, where it is more than allowed, and what that costs."""

    def __init__(self, events: EventStream, run: Conditions) -> None:
        super().__init__(events, run)
        self._most = 0
        self._over = 0
        self._losing_a_fetch = 0
        if run.switches.subrequests != "off":
            events.subscribe(InvocationEnded, self._ended)

    def _ended(self, event: InvocationEnded) -> None:
        limit = self.run.limits.external_subrequests
        used = subrequests_used(event, self.run.limits)
        self._most = max(self._most, used)
        if used > limit and self.run.noun.counts(event.route):
            self._over += 1
            self._losing_a_fetch += event.last_fetch > limit

    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        limits, noun = self.run.limits, self.run.noun
        if self._most <= limits.external_subrequests:
            return
        started = snapshot.values[noun.started]
        lost = 0
        text = (
            f"{self._most:,} subrequests in one invocation, the {limits.account.capitalize()} limit is "
            f"{limits.external_subrequests:,}: "
        )
        if self.run.switches.subrequests == "enforce":
            refused = snapshot.values["subrequests.refused"]
            text += f"{refused:,} {'was' if refused == 1 else 'were'} refused"
            headline = f"{refused:,} {'subrequest was' if refused == 1 else 'subrequests were'} refused"
            if started:
                text += f", and {self._losing_a_fetch:,} of {started:,} {noun.plural} lost {noun.fetch}"
        elif not started:
            text += "with the limit enforced, those beyond it would fail"
            headline = (
                f"{self._most:,} subrequests in one invocation, {limits.external_subrequests:,} allowed"
            )
        else:
            lost = self._losing_a_fetch
            verb = "would fail" if lost else f"would lose {noun.loses}"
            of_them = f"{lost or self._over:,} of {started:,} {noun.plural}"
            text += f"with the limit enforced, {of_them} {verb}"
            verb = "would be lost" if lost else verb
            headline = f"{of_them} {verb} to the subrequest limit"
        yield Finding(
            "subrequests-over-limit",
            text,
            weight="loss",
            headline=headline,
            of_account=True,
            requests=lost,
        )


class KVCallsOverLimit(FindingRule):
    """KV calls beyond what one invocation may make, where they have a limit of their own."""

    def __init__(self, events: EventStream, run: Conditions) -> None:
        super().__init__(events, run)
        self._over = 0
        if not run.limits.subrequests_shared and run.switches.subrequests != "off":
            events.subscribe(InvocationEnded, self._ended)

    def _ended(self, event: InvocationEnded) -> None:
        self._over += max(event.internal - self.run.limits.internal_subrequests, 0)

    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        limits, over = self.run.limits, self._over
        if over:
            most = snapshot.values["subrequests.internal_max_per_invocation"]
            refused = "was refused" if over == 1 else "were refused"
            if self.run.switches.subrequests != "enforce":
                refused = "would be refused"
            yield Finding(
                "kv-calls-over-limit",
                f"{most:,} KV calls in one invocation, the {limits.account.capitalize()} limit is "
                f"{limits.internal_subrequests:,}: {over:,} {refused}",
                weight="loss",
                headline=f"{over:,} {'KV call' if over == 1 else 'KV calls'} {refused}",
                of_account=True,
            )


class SubrequestsNearLimit(FindingRule):
    """How many requests used most of their subrequests, or more."""

    audits_only = True

    def __init__(self, events: EventStream, run: Conditions) -> None:
        super().__init__(events, run)
        self._near = 0
        self._invocations = 0
        if run.switches.subrequests != "off":
            events.subscribe(InvocationEnded, self._ended)

    def _ended(self, event: InvocationEnded) -> None:
        self._invocations += 1
        used = subrequests_used(event, self.run.limits)
        self._near += 100 * used >= NEARLY_PERCENT * self.run.limits.external_subrequests

    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        if self._near:
            yield Finding(
                "subrequests-near-limit",
                f"{self._near:,} of {self._invocations:,} requests used {NEARLY_PERCENT} % or more of their "
                f"{self.run.limits.external_subrequests:,} subrequests",
                weight="risk",
                headline=f"{self._near:,} of {self._invocations:,} requests used {NEARLY_PERCENT} % or more "
                "of their subrequests",
            )
