"""Findings: what a run shows although no budget asked.

Reads the events it needs while the run goes on, and says afterwards what stands out.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterator

from edgeday.clock import iso_seconds
from edgeday.events import Cause, EventStream, InvocationEnded, Operation
from edgeday.ledger import QUOTA_OF, QUOTAS, Op
from edgeday.limits import AccountLimits, Switches
from edgeday.measure.metrics import Snapshot, subrequests_used
from edgeday.measure.noun import REQUESTS, Noun
from edgeday.measure.results import Finding

_NEARLY_PERCENT = 80


class Watcher:
    """Notes what findings are made of."""

    def __init__(
        self, events: EventStream, limits: AccountLimits, switches: Switches, noun: Noun = REQUESTS
    ) -> None:
        self._limits = limits
        self._switches = switches
        self._noun = noun
        self._most_subrequests = 0
        self._most_kv_calls = 0
        self._kv_calls_over = 0
        self._over = 0
        self._losing_a_fetch = 0
        self._first_refusals: dict[Op, Operation] = {}
        self._lost: Tally[Op] = Tally()
        self._same_second: Tally[str] = Tally()
        self._cut_off: Operation | None = None
        self._cut_off_requests = 0
        events.subscribe(Operation, self._operation, outcomes=("refused", "error"))
        events.subscribe(Operation, self._cancelled, outcomes=("cancelled",))
        events.subscribe(InvocationEnded, self._ended)

    def _operation(self, event: Operation) -> None:
        quota = QUOTA_OF.get((event.service, event.op))
        if event.cause is Cause.QUOTA and quota is not None:
            self._first_refusals.setdefault(quota.op, event)
            self._lost[quota.op] += max(event.units, 1)
        elif event.cause is Cause.KEY_RATE:
            self._same_second[event.key_family] += 1

    def _cancelled(self, event: Operation) -> None:
        self._cut_off = self._cut_off or event
        self._cut_off_requests += 1

    def _ended(self, event: InvocationEnded) -> None:
        limit = self._limits.external_subrequests
        used = subrequests_used(event, self._limits)
        self._most_subrequests = max(self._most_subrequests, used)
        if not self._limits.subrequests_shared:
            self._most_kv_calls = max(self._most_kv_calls, event.internal)
            self._kv_calls_over += max(event.internal - self._limits.internal_subrequests, 0)
        if used > limit and self._noun.counts(event.route):
            self._over += 1
            if event.last_fetch > limit:
                self._losing_a_fetch += 1

    def findings(self, snapshot: Snapshot) -> list[Finding]:
        """What stands out, the gravest first."""
        return [
            *self._subrequests(snapshot),
            *self._kv_calls(),
            *self._refusals(),
            *self._nearly_spent(snapshot),
            *self._write_rate(),
            *self._wait_until(),
        ]

    def _subrequests(self, snapshot: Snapshot) -> Iterator[Finding]:
        most = self._most_subrequests
        limit = self._limits.external_subrequests
        if most <= limit:
            return
        account = self._limits.account.capitalize()
        noun = self._noun
        started = snapshot.values[noun.started]
        text = f"{most:,} subrequests in one invocation, the {account} limit is {limit:,}: "
        if self._switches.subrequests == "enforce":
            refused = snapshot.values["subrequests.refused"]
            text += f"{refused} {'was' if refused == 1 else 'were'} refused"
            if started:
                text += f", and {self._losing_a_fetch} of {started} {noun.plural} lost {noun.fetch}"
        elif not started:
            text += "with the limit enforced, those beyond it would fail"
        else:
            lost = self._losing_a_fetch or self._over
            verb = "would fail" if self._losing_a_fetch else f"would lose {noun.loses}"
            text += f"with the limit enforced, {lost} of {started} {noun.plural} {verb}"
        yield Finding("subrequests-over-limit", text)

    def _kv_calls(self) -> Iterator[Finding]:
        over, limit = self._kv_calls_over, self._limits.internal_subrequests
        if over:
            account = self._limits.account.capitalize()
            refused = "was refused" if over == 1 else "were refused"
            if self._switches.subrequests != "enforce":
                refused = "would be refused"
            yield Finding(
                "kv-calls-over-limit",
                f"{self._most_kv_calls:,} KV calls in one invocation, the {account} limit is {limit:,}: "
                f"{over:,} {refused}",
            )

    def _refusals(self) -> Iterator[Finding]:
        for quota in QUOTAS:
            first = self._first_refusals.get(quota.op)
            if first is not None:
                yield Finding(
                    f"{quota.service}-{quota.op}-quota-spent",
                    f"the daily quota of {quota.label} was spent at {iso_seconds(first.at)}: "
                    f'{self._lost[quota.op]} refused ("{first.reason}"), '
                    f"the first was {first.op} {first.key_family} in {first.route or 'no invocation'}",
                )

    def _nearly_spent(self, snapshot: Snapshot) -> Iterator[Finding]:
        for quota in QUOTAS:
            percent = snapshot.values.get(f"{quota.metric}.used_percent", 0)
            if percent >= _NEARLY_PERCENT and not snapshot.values[f"{quota.metric}.refused"]:
                text = f"{percent:g} % of a day's {quota.label} were used"
                yield Finding(f"{quota.service}-{quota.name}-nearly-spent", text)

    def _write_rate(self) -> Iterator[Finding]:
        if self._same_second:
            family, count = self._same_second.most_common(1)[0]
            total = sum(self._same_second.values())
            yield Finding(
                "kv-one-write-per-second",
                f"{total} KV {'write' if total == 1 else 'writes'} failed with 429: the same key was written "
                f"twice within a second (most often {family}: {count})",
            )

    def _wait_until(self) -> Iterator[Finding]:
        first, count = self._cut_off, self._cut_off_requests
        if first is not None:
            yield Finding(
                "wait-until-cancelled",
                f"the waitUntil work of {count} {'request' if count == 1 else 'requests'} went on for "
                f"{self._limits.wait_until_s} s after the response and was cancelled; what it had not done "
                f"by then was never done; first in {first.route or 'no route'} at {iso_seconds(first.at)}",
            )
