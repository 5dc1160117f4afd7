"""Every recorded case, on every store."""

from __future__ import annotations

import pytest

from edgeday.fidelity import DIFFERENCES

from .notation import NoCounterpart
from .rules import explains
from .runner import run

REGISTERED = {case_id for row in DIFFERENCES for case_id in row.cases}


async def test_what_was_recorded_happens(case, store, request, bundled_ids):
    """Cases tagged `simulator` may differ where the registry says so; all the others have to agree."""
    verdict = _Verdict(request, case)
    try:
        wrong = await run(case, store)
    except NoCounterpart as reason:
        verdict.is_("without a counterpart")
        pytest.skip(str(reason))
    report = "\n".join(wrong)
    if case.id in REGISTERED:
        assert wrong, "registered as a difference, but it agrees with the recording: take it out"
        verdict.is_("differ as registered")
    elif not wrong:
        verdict.is_("passed")
    elif "simulator" in case.tag and case.id not in bundled_ids:
        if any(explains(row.rule, case) for row in DIFFERENCES):
            verdict.is_("differ as registered")
        else:
            verdict.is_("differ, not explained")
            pytest.xfail(f"differs from the simulator, and no registered rule says why:\n{report}")
    else:
        pytest.fail(report)


class _Verdict:
    """What the table at the end says of a case; "failed" until told otherwise."""

    def __init__(self, request: pytest.FixtureRequest, case) -> None:
        self._properties = request.node.user_properties
        store = request.node.callspec.params["store"]
        self._properties += [("store", store), ("area", case.area), ("tag", case.tag)]
        self.is_("failed")

    def is_(self, verdict: str) -> None:
        self._properties[:] = [pair for pair in self._properties if pair[0] != "verdict"]
        self._properties.append(("verdict", verdict))
