"""What an audit of the logs shows, and what crowding costs, as findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from edgeday import Conditions, EventStream, Finding, FindingRule, Operation, Snapshot
from worker_port.ai_log import SESSION_INDEX_KEY
from worker_port.profile.traffic import PLAN_ROUTE


class LogFindings(FindingRule):
    """What became of the logs, and why some were never stored; silent where the audit was not reached."""

    audits_only = True

    def __init__(self, events: EventStream, run: Conditions) -> None:
        super().__init__(events, run)
        self._never_stored: Counter[str] = Counter()
        events.subscribe(Operation, self._audited, outcomes=("never-stored",))

    def _audited(self, event: Operation) -> None:
        self._never_stored[event.reason] += event.units

    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        """Where the logs are, those that were never stored, and how useful the error logs are."""
        values = snapshot.values
        if "logs.written" not in values:
            return
        kept = ", ".join(
            f"{values[f'logs.{name}']:,} {words}"
            for name, words in (
                ("readable", "readable where the admin is"),
                ("elsewhere", "only elsewhere"),
                ("orphaned", "orphaned"),
                ("expired", "expired"),
                ("evicted", "evicted"),
                ("deleted", "deleted"),
            )
        )
        unseen = sum(int(values[f"logs.{name}"]) for name in ("elsewhere", "orphaned", "evicted"))
        stored = unseen + int(values["logs.readable"])
        yield Finding(
            "logs",
            f"{values['logs.written']:,} log entries were stored: {kept}",
            weight="risk" if unseen else "note",
            headline=f"the admin cannot see {unseen:,} of {stored:,} log entries" if unseen else "",
        )
        for reason, count in self._never_stored.most_common():
            yield Finding(
                "logs-never-stored",
                f"{count:,} log entries were never stored: {reason}",
                weight="loss",
                headline=f"{count:,} log entries were never stored",
            )
        errors, useful = values["logs.errors"], values["logs.errors_debuggable"]
        if errors:
            yield Finding(
                "error-logs",
                f"{useful:,} of {errors:,} error logs in KV hold prompt, session, model and error",
                weight="risk" if useful < errors else "note",
                headline=f"{errors - useful:,} of {errors:,} error logs cannot be debugged"
                if useful < errors
                else "",
            )


class CrowdedIndex(FindingRule):
    """Plans whose session other plans pushed out of the index of ten while they were being made.

    Each call of such a plan puts the session into the index again: a subrequest more in the forms that log to
    the cache, a KV write more in the one that logs to KV.
    """

    def __init__(self, events: EventStream, run: Conditions) -> None:
        super().__init__(events, run)
        self._puts: Counter[int] = Counter()
        self._service = ""
        events.subscribe(Operation, self._stored, outcomes=("stored",))

    def _stored(self, event: Operation) -> None:
        if event.key.endswith(SESSION_INDEX_KEY) and event.op == "put" and event.route == PLAN_ROUTE:
            self._puts[event.invocation] += 1
            self._service = event.service

    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        """How many plans it met, and what it cost the one that it met most often."""
        again = [count - 1 for count in self._puts.values() if count > 1]
        if not again:
            return
        started = snapshot.values["plans.started"]
        plans = f"{len(again):,} of {started:,} plans"
        what = "KV writes" if self._service == "kv" else "subrequests"
        yield Finding(
            "session-index-crowded",
            f"more than ten plans were being made at once: {plans} were pushed out of the index of ten "
            f"sessions and put there again, which cost them up to {max(again)} {what} more than a plan alone",
            weight="risk",
            headline=f"{plans} needed up to {max(again)} {what} more, because the session index was crowded",
        )
