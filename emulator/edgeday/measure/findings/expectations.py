"""Answers that were not as the traffic expects, and sessions that a failure ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from edgeday.clock import iso_seconds
from edgeday.events import EventStream, ExpectationChecked, SessionEnded, SessionStarted
from edgeday.measure.findings.rule import Conditions, FindingRule
from edgeday.measure.metrics import Snapshot
from edgeday.measure.results import Finding

_FOUND_KEPT = 100
_REASONS_KEPT = 1000
_ABSENT = "nothing of that name"


@dataclass(slots=True)
class _Unmet:
    """One expectation that answers of one route did not meet. first: of these."""

    first: ExpectationChecked
    count: int = 0
    found: Counter[str] = field(default_factory=Counter)

    def note(self, event: ExpectationChecked) -> None:
        """Count one answer."""
        self.count += 1
        if event.found in self.found or len(self.found) < _FOUND_KEPT:
            self.found[event.found] += 1

    def __str__(self) -> str:
        """What was expected and what came."""
        first = self.first
        at = iso_seconds(first.at)
        text = f"{first.what} was not {first.expected}: the first, at {at}, had {first.found or _ABSENT}"
        ((most, times),) = self.found.most_common(1)
        if most != first.found:
            text += f", the most common was {most or _ABSENT} ({times:,} times)"
        elif self.count > 1:
            text += f", as had {'all' if times == self.count else f'{times:,}'} of them"
        return text


class UnmetExpectations(FindingRule):
    """For each part and route of the traffic: how many answers were not as expected, and what came."""

    def __init__(self, events: EventStream, run: Conditions) -> None:
        super().__init__(events, run)
        self._answers: Counter[tuple[str, str]] = Counter()
        self._unmet: dict[tuple[str, str], dict[str, _Unmet]] = {}
        events.subscribe(ExpectationChecked, self._checked)

    def _checked(self, event: ExpectationChecked) -> None:
        place = (event.part, event.route)
        self._answers[place] += 1
        if event.unmet:
            by_name = self._unmet.setdefault(place, {})
            by_name.setdefault(event.what, _Unmet(event)).note(event)

    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        for place, by_name in self._unmet.items():
            part, route = place
            unmet = sum(one.count for one in by_name.values())
            answers = self._answers[place]
            headline = f"{unmet:,} of {answers:,} answers to {route} were not as expected"
            text = f"{part}: {headline}: {'; '.join(map(str, by_name.values()))}"
            yield Finding("expectation-unmet", text, weight="loss", headline=headline, requests=unmet)


class SessionsFailed(FindingRule):
    """For each step that ended sessions of a part of the traffic by its failure: how many, and why."""

    def __init__(self, events: EventStream, run: Conditions) -> None:
        super().__init__(events, run)
        self._started: Counter[str] = Counter()
        self._failed: Counter[tuple[str, int, str, str]] = Counter()
        events.subscribe(SessionStarted, self._begun)
        events.subscribe(SessionEnded, self._ended)

    def _begun(self, event: SessionStarted) -> None:
        self._started[event.part] += 1

    def _ended(self, event: SessionEnded) -> None:
        kind = (event.part, event.step, event.route, event.reason)
        if event.outcome == "failed" and (kind in self._failed or len(self._failed) < _REASONS_KEPT):
            self._failed[kind] += 1

    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        for (part, step, route, reason), count in self._failed.items():
            sessions = f"{count:,} of {max(self._started[part], count):,} sessions"
            text = f"{sessions} ended at step {step}, {route}: {reason}"
            yield Finding("sessions-failed", f"{part}: {text}", weight="loss", headline=text, requests=count)
