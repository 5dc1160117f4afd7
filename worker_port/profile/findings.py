"""What an audit of the logs shows, as findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from edgeday import Conditions, EventStream, Finding, FindingRule, Operation, Snapshot


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
            f"{values[f'logs.{name}']} {words}"
            for name, words in (
                ("readable", "readable where the admin is"),
                ("elsewhere", "only elsewhere"),
                ("orphaned", "orphaned"),
                ("expired", "expired"),
                ("evicted", "evicted"),
                ("deleted", "deleted"),
            )
        )
        yield Finding("logs", f"{values['logs.written']} log entries were stored: {kept}")
        for reason, count in self._never_stored.most_common():
            yield Finding(
                "logs-never-stored",
                f"{count} log entries were never stored: {reason}",
                weight="loss",
                headline=f"{count:,} log entries were never stored",
            )
        errors, useful = values["logs.errors"], values["logs.errors_debuggable"]
        if errors:
            yield Finding(
                "error-logs",
                f"{useful} of {errors} error logs in KV hold prompt, session, model and error",
            )
