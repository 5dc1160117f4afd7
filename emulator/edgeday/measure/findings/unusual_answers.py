"""Nearly all requests answered with a redirect or a refusal: such a run may show little of its worker."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from edgeday.events import EventStream, ExpectationChecked
from edgeday.measure.findings.rule import Conditions, FindingRule
from edgeday.measure.metrics import Snapshot
from edgeday.measure.requests_by_route import NEARLY_ALL
from edgeday.measure.results import Finding

_STATUSES_SHOWN = 3


class NearlyAllUnusual(FindingRule):
    """Nearly all answers have a status from 300 to 499, a redirect or an answer of another kind among them,
    and the scenario does not expect that. Where every one is a refusal, `RoutesRefused` says so by route."""

    def __init__(self, events: EventStream, run: Conditions) -> None:
        super().__init__(events, run)
        self._expected = 0
        events.subscribe(ExpectationChecked, self._checked)

    def _checked(self, event: ExpectationChecked) -> None:
        self._expected += not event.unmet

    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        statuses: Counter[int] = Counter()
        for row in self.routes.rows():
            if row.route not in self.run.expected:
                statuses.update({status: count for status, count in row.by_status.items() if status})
        unusual = Counter({status: count for status, count in statuses.items() if 300 <= status < 500})
        count, answered = unusual.total(), statuses.total()
        refused = sum(number for status, number in unusual.items() if status >= 400)
        if not count or count < NEARLY_ALL * answered or self._expected or refused == answered:
            return
        shown = [str(status) for status, _ in unusual.most_common(_STATUSES_SHOWN)]
        more = len(unusual) - len(shown)
        others = "another status" if more == 1 else f"{more:,} other statuses"
        named = " or ".join([*shown, *([others] if more else [])])
        text = f"{count:,} of {answered:,} requests were answered {named}"
        yield Finding("answers-unusual", text, headline=text)
