"""A day of a JavaScript worker whose bindings a scenario stubs, and what is said of the rest."""

from __future__ import annotations

import pytest

from tests.replay.stubbed import result_of, written

pytestmark = pytest.mark.workerd


@pytest.fixture(params=["shop.js"])
def entry(request, tmp_path):
    """The file of a worker that uses its stubs."""
    return written(tmp_path, request.param)


def test_it_gets_what_the_scenario_says_new_each_time(entry):
    result = result_of(entry, "/ai", "/db", "/backend", "/batch")
    assert (result.verdict, result.problem) == ("pass", "")
    assert [finding.text for finding in result.findings if finding.id == "stubbed"] == [
        "AI, DB, BACKEND: stubbed by the scenario; their own limits are not looked at"
    ]
    assert not [finding for finding in result.findings if finding.id == "not-emulated"]


def test_a_call_that_is_not_stubbed_is_named_with_what_is_and_its_line(entry):
    (finding,) = [one for one in result_of(entry, "/other").findings if one.id == "not-emulated"]
    line = next(n for n, text in enumerate(entry.read_text().splitlines(), 1) if "AI.embed" in text)
    assert finding.text.endswith(f"{entry.name}:{line}: the stub of AI has no embed; it has run()")
    assert finding.weight == "risk"


def test_a_fetch_of_a_service_is_a_subrequest_and_other_calls_are_none(entry):
    assert result_of(entry, "/backend").metrics.values["subrequests.max_per_invocation"] == 1
    assert result_of(entry, "/ai").metrics.values["subrequests.max_per_invocation"] == 0
