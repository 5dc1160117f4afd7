"""Which of several failures an invocation was lost to."""

from __future__ import annotations

import pytest

from edgeday.events import Cause, EventStream, InvocationEnded, Operation
from edgeday.measure.findings.blame import Blame

FETCH = ("fetch", "error", Cause.ORIGIN)
PUT = ("kv", "refused", Cause.QUOTA)


@pytest.mark.parametrize(
    ("failed", "outcome", "status", "cause"),
    [
        ([FETCH, PUT], "exception", 500, Cause.QUOTA),
        ([PUT, FETCH], "exception", 500, Cause.ORIGIN),
        ([FETCH, PUT, FETCH], "exception", 500, Cause.ORIGIN),
        ([FETCH, PUT], "ok", 500, Cause.ORIGIN),
        ([PUT], "ok", 500, Cause.QUOTA),
        ([], "exception", 500, Cause.NONE),
    ],
)
def test_one_that_raised_was_lost_to_what_failed_last_and_others_to_their_last_fetch(
    failed, outcome, status, cause
):
    events = EventStream()
    blame = Blame(events)
    for service, result, why in failed:
        events.emit(Operation(0, service, "", "", "", result, "", 1, 0, 7, "GET /", "SOF", None, why))
    ended = InvocationEnded(0, 7, "GET /", "SOF", 0, outcome, status, 0, 0, 0, 0, "")
    assert blame.taken(ended) is cause
    assert blame.taken(ended) is Cause.NONE
