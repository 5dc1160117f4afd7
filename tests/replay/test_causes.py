"""Every outcome that is not what the worker hoped for has a cause, as a type."""

from __future__ import annotations

from collections import Counter

import pytest

from edgeday.events import Cause, Operation
from edgeday.replay.runner import replay
from tests.scenario_days import SCENARIOS, loaded

UNHAPPY = frozenset({"refused", "error", "cancelled", "not-stored"})


class Causes:
    """The observer that counts operations by service, outcome and cause."""

    def begin(self, start, events):
        self.counted = Counter()
        events.subscribe(Operation, self._note)

    def _note(self, event):
        self.counted[event.service, event.outcome, event.cause] += 1

    def end(self, end):
        pass


def causes_of(name):
    observer = Causes()
    replay(loaded((SCENARIOS / name).read_text("utf-8"), head=""), observers=[observer])
    return observer.counted


@pytest.mark.parametrize(
    ("name", "causes"),
    [
        ("production/quota-at-noon.yaml", {("kv", "refused", Cause.QUOTA)}),
        ("production/workers-dev.yaml", {("cache", "not-stored", Cause.FAULT)}),
        (
            "subrequest-limit-day.yaml",
            {("cache", "refused", Cause.SUBREQUESTS), ("fetch", "refused", Cause.SUBREQUESTS)},
        ),
        ("system-issues-day.yaml", {("fetch", "error", Cause.ORIGIN)}),
    ],
)
def test_what_was_refused_failed_or_was_not_stored_has_a_cause_and_the_rest_has_none(name, causes):
    counted = causes_of(name)
    assert causes <= counted.keys()
    for service, outcome, cause in counted:
        if outcome in UNHAPPY:
            assert cause is not Cause.NONE, (service, outcome)
        elif outcome in {"ok", "hit", "stored", "deleted"}:
            assert cause is Cause.NONE, (service, outcome)
