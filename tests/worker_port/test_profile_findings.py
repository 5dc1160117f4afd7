"""What stands out in a run of the worker that no metric says."""

from __future__ import annotations

import pytest

from edgeday.replay.runner import replay
from tests.scenario_days import HEAD, loaded

CROWD = (
    "traffic: [{{plans: {plans}, ai: {{seconds: 8}}, arrivals: {{kind: burst, at: '12:00', minutes: 1}}}}]"
)


def crowd(plans, variant):
    """The result of so many plans that are made within the same minute."""
    worker = f"worker: {{entry: 'worker_port:AiDietWorker', variant: {variant}}}\n"
    return replay(loaded(CROWD.format(plans=plans), f"{HEAD}{worker}"))


def crowded(result):
    return [finding.text for finding in result.findings if finding.id == "session-index-crowded"]


@pytest.mark.parametrize("variant", ["hybrid", "cache_only", "kv_only"])
def test_ten_plans_at_once_leave_each_other_in_the_index(variant):
    assert crowded(crowd(10, variant)) == []


def test_an_eleventh_plan_costs_others_a_subrequest_more_and_it_is_said():
    result = crowd(11, "hybrid")
    alone, most = 43, result.metrics.values["subrequests.max_per_invocation"]
    (text,) = crowded(result)
    assert most > alone
    assert f"up to {most - alone} subrequests more" in text
    assert "of 11 plans were pushed out of the index of ten sessions" in text


def test_in_kv_it_costs_writes():
    (text,) = crowded(crowd(20, "kv_only"))
    assert "KV writes more" in text


def test_a_form_with_one_index_put_for_each_plan_knows_no_crowd():
    assert crowded(crowd(20, "hybrid_batched")) == []


AUDITED = "traffic: [{plans: 2, errors: {plans: 1}}]\nplatform: {audit: true, colos: {SOF: 1}, admin: %s}\n"


def weights(variant, admin):
    """Id of finding -> its weight and headline, of a day with an audit."""
    worker = f"worker: {{entry: 'worker_port:AiDietWorker', variant: {variant}}}\n"
    result = replay(loaded(AUDITED % admin, f"{HEAD}{worker}"))
    return {finding.id: (finding.weight, finding.headline) for finding in result.findings}


def test_logs_that_the_admin_sees_are_a_note_and_others_a_risk():
    assert weights("hybrid_designed", "SOF")["logs"] == ("note", "")
    weight, headline = weights("hybrid_designed", "FRA")["logs"]
    assert weight == "risk"
    assert headline.startswith("the admin cannot see ")


def test_error_logs_that_cannot_be_debugged_are_a_risk_and_others_a_note():
    assert weights("hybrid_batched", "SOF")["error-logs"] == ("note", "")
    assert weights("hybrid", "SOF")["error-logs"] == ("risk", "1 of 1 error logs cannot be debugged")
