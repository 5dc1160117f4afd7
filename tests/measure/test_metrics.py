from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeday.events import (
    EventStream,
    ExpectationChecked,
    InvocationEnded,
    InvocationStarted,
    Operation,
    SessionEnded,
    SessionStarted,
)
from edgeday.measure.counter import Counter
from edgeday.measure.metrics import METRICS, Scope
from tests.replay.runs import FREE, PAID, ended, operation, started

DAY_S = 86_400


def measure(*events, limits=FREE, **more):
    stream = EventStream()
    counter = Counter(stream, Scope(limits, **more))
    for event in events:
        stream.emit(event)
    return counter.snapshot()


def test_nothing_measured_is_zero_and_every_metric_is_there():
    snapshot = measure()
    assert list(snapshot.values) == [name for name, metric in METRICS.items() if not metric.by]
    assert set(snapshot.values.values()) == {0}


def test_each_status_that_occurred_is_measured_and_any_other_is_0():
    events = [ended(status=404), ended(status=200), ended(status=404), ended(status=0), started()]
    snapshot = measure(*events)
    statuses = {name: value for name, value in snapshot.values.items() if name.startswith("requests.status")}
    assert list(statuses.items()) == [("requests.status{status=200}", 1), ("requests.status{status=404}", 2)]
    assert list(snapshot.metrics) == list(snapshot.values)
    assert snapshot.metrics["requests.status{status=404}"] is METRICS["requests.status"]
    assert snapshot.value_of("requests.status{status=404}") == 2
    assert snapshot.value_of("requests.status{status=500}") == 0


def test_what_is_no_metric_has_no_data():
    assert measure().value_of("plans.lost") is None
    assert measure().value_of("kv.reads.accepted{family=a:*}") is None


def test_every_metric_can_be_moved_by_some_event():
    events = [
        *(operation("kv", op, outcome) for op, outcome in [
            ("get", "hit"), ("put", "stored"), ("delete", "deleted"), ("list", "ok"), ("put", "error"),
            ("get", "refused"), ("put", "refused"), ("delete", "refused"), ("list", "refused")]),
        *(operation("cache", op, outcome) for op, outcome in [
            ("put", "stored"), ("match", "hit"), ("match", "miss"), ("delete", "deleted"),
            ("put", "not-stored"), ("put", "refused"), ("evict", "evicted")]),
        operation("request", "POST", "refused"),
        started(), ended(external=51, internal=3, refused=1), started(), ended(status=500, cut_off=2),
        checked(unmet=1), SessionStarted(0, "shop", 1),
        *(session_ended(outcome) for outcome in ("completed", "left", "failed")),
    ]  # fmt: skip
    snapshot = measure(*events, namespaces={"b": "n"}, crons=["* * * * *"])
    assert {name for name, value in snapshot.values.items() if not value} == set()


def test_namespaces_are_counted_once_however_many_bindings_name_them():
    assert measure(namespaces={"A": "one", "B": "one", "C": "two"}).values["kv.namespaces"] == 2


def test_the_share_of_a_days_requests_is_that_of_the_busiest_utc_day():
    values = measure(*(started(at_s=at_s) for at_s in (0, DAY_S - 1, DAY_S, DAY_S + 1, DAY_S + 2))).values
    assert values["requests.used_percent"] == 0.003
    assert "requests.used_percent" not in measure(started(), limits=PAID).values


def test_the_names_that_scenario_files_use_are_in_the_table():
    kv = [f"kv.{name}.{what}" for name in ("reads", "writes", "deletes", "lists")
          for what in ("asked", "accepted", "refused", "used_percent")]  # fmt: skip
    cache = [f"cache.{name}" for name in ("puts", "matches", "deletes", "hits", "misses")]
    others = ["requests.started", "requests.failed", "kv.refused",
              "subrequests.max_per_invocation", "subrequests.invocations_over_limit"]  # fmt: skip
    assert set(kv + cache + others) <= set(METRICS)


# requests


@pytest.mark.parametrize(
    ("end", "failed"),
    [
        ({"status": 200}, 0),
        ({"status": 499}, 0),
        ({"status": 0}, 0),
        ({"status": 500}, 1),
        ({"outcome": "exception", "status": 500}, 1),
        ({"outcome": "cancelled", "status": 0}, 1),
    ],
)
def test_a_request_fails_from_500_or_if_it_is_not_answered(end, failed):
    values = measure(started(), ended(**end)).values
    assert (values["requests.started"], values["requests.failed"]) == (1, failed)


# KV


def test_an_error_of_a_call_on_many_keys_is_one_error_and_all_its_units_are_charged():
    values = measure(operation(op="get", outcome="error", units=100), operation(outcome="error")).values
    assert (values["kv.errors"], values["kv.reads.accepted"], values["kv.writes.accepted"]) == (2, 100, 1)


def test_what_was_asked_is_what_was_accepted_and_what_was_refused():
    values = measure(
        operation(op="get", outcome="miss"),
        operation(op="getWithMetadata", outcome="hit"),
        operation(op="get", outcome="hit", units=100),
        operation(op="get", outcome="refused", units=7),
        operation(op="put", outcome="error"),
    ).values
    assert [values[f"kv.reads.{what}"] for what in ("asked", "accepted", "refused")] == [109, 102, 7]
    assert [values[f"kv.writes.{what}"] for what in ("asked", "accepted", "refused")] == [1, 1, 0]
    assert (values["kv.refused"], values["kv.errors"]) == (7, 1)


def test_a_kv_call_that_the_subrequest_limit_refused_is_no_refusal_of_the_quota():
    values = measure(operation(op="put", outcome="refused", units=0), ended(refused=1)).values
    assert [values[f"kv.writes.{what}"] for what in ("asked", "accepted", "refused")] == [0, 0, 0]
    assert (values["kv.refused"], values["subrequests.refused"]) == (0, 1)


@pytest.mark.parametrize(
    ("first_at_s", "second_at_s", "percent"),
    [(0, DAY_S - 0.001, 60.0), (DAY_S - 0.001, DAY_S, 40.0), (5 * DAY_S, 5 * DAY_S, 60.0)],
)
def test_the_share_used_is_that_of_the_busiest_utc_day(first_at_s, second_at_s, percent):
    values = measure(operation(units=200, at_s=first_at_s), operation(units=400, at_s=second_at_s)).values
    assert values["kv.writes.used_percent"] == percent


def test_refused_units_are_not_used_and_failed_ones_are():
    values = measure(operation(units=10, outcome="refused"), operation(units=5, outcome="error")).values
    assert values["kv.writes.used_percent"] == 0.5


def test_without_a_quota_its_share_has_no_data():
    snapshot = measure(operation(), limits=PAID)
    assert "kv.writes.used_percent" not in snapshot.values
    assert "kv.writes.accepted" not in snapshot.limits
    assert snapshot.limits["subrequests.max_per_invocation"] == 10_000


# what the traffic expects, and sessions


def checked(**more):
    return ExpectationChecked(0, "pages", "GET /", **{"unmet": 0, **more})


def session_ended(outcome):
    return SessionEnded(1, "shop", 1, 0, outcome, 2)


@pytest.mark.parametrize(("unmet", "failed"), [(0, 0), (1, 1), (2, 1)])
def test_an_answer_that_misses_several_expectations_is_one_that_was_not_as_expected(unmet, failed):
    values = measure(checked(), checked(unmet=unmet, what="status")).values
    assert (values["expectations.checked"], values["expectations.failed"]) == (2, failed)


def test_sessions_are_counted_by_how_they_ended():
    begun = [SessionStarted(0, "shop", number) for number in (1, 2, 3, 4)]
    ends = [session_ended(outcome) for outcome in ("completed", "left", "completed", "?")]
    values = measure(*begun, *ends).values
    names = ("started", "completed", "left", "failed")
    assert [values[f"sessions.{name}"] for name in names] == [4, 2, 1, 0]


# cache


def test_a_cache_operation_counts_once_it_reaches_the_cache():
    values = measure(
        operation("cache", "put", "stored"), operation("cache", "put", "not-stored"),
        operation("cache", "put", "refused"), operation("cache", "match", "hit"),
        operation("cache", "match", "miss"), operation("cache", "delete", "absent"),
        operation("cache", "purge", "deleted"), operation("cache", "evict", "evicted"),
    ).values  # fmt: skip
    assert (values["cache.puts"], values["cache.matches"], values["cache.deletes"]) == (2, 2, 1)
    assert (values["cache.hits"], values["cache.misses"]) == (1, 1)
    assert (values["cache.operations"], values["cache.not_stored"], values["cache.refused"]) == (5, 1, 1)


# subrequests


@pytest.mark.parametrize(("external", "over"), [(50, 0), (51, 1)])
def test_an_invocation_is_over_the_limit_from_the_fifty_first_external_subrequest(external, over):
    values = measure(ended(external=3), ended("GET /", external=external, internal=900)).values
    assert values["subrequests.max_per_invocation"] == external
    assert values["subrequests.internal_max_per_invocation"] == 900
    assert values["subrequests.invocations_over_limit"] == over


@pytest.mark.parametrize(("internal", "over"), [(4_000, 0), (4_001, 1)])
def test_where_one_counter_serves_both_kinds_they_are_over_it_together(internal, over):
    values = measure(ended(external=6_000, internal=internal), limits=PAID).values
    assert values["subrequests.invocations_over_limit"] == over


# the whole counter against a naive recount

operations = st.builds(
    operation,
    st.just("kv"),
    st.sampled_from(["get", "getWithMetadata", "put", "delete", "list"]),
    st.sampled_from(["hit", "miss", "stored", "deleted", "absent", "ok", "error", "refused"]),
    at_s=st.integers(0, 3 * DAY_S),
    units=st.integers(0, 200),
)
others = st.one_of(
    st.builds(
        operation,
        st.just("cache"),
        st.sampled_from(["put", "match", "delete"]),
        st.sampled_from(["stored", "not-stored", "hit", "miss", "deleted", "absent", "refused"]),
    ),
    st.builds(started, st.sampled_from(["POST /order", "GET /"])),
    st.builds(
        ended,
        st.sampled_from(["POST /order", "GET /"]),
        outcome=st.sampled_from(["ok", "exception", "cancelled"]),
        status=st.sampled_from([0, 200, 404, 500]),
        external=st.integers(0, 99),
        refused=st.integers(0, 9),
    ),
)


@given(st.lists(operations | others, max_size=40))
def test_the_counter_agrees_with_a_recount_of_all_events(events):
    values = measure(*events).values
    of_kv = [event for event in events if isinstance(event, Operation) and event.service == "kv"]
    writes = [event for event in of_kv if event.op == "put"]
    taken = [event for event in writes if event.outcome != "refused"]
    days = {event.at // DAY_S for event in taken}
    busiest = max((sum(one.units for one in taken if one.at // DAY_S == day) for day in days), default=0)
    ends = [event for event in events if isinstance(event, InvocationEnded)]
    starts = [event for event in events if isinstance(event, InvocationStarted)]
    matches = [event for event in events if isinstance(event, Operation) and event.op == "match"]

    assert values["kv.writes.asked"] == sum(event.units for event in writes)
    assert values["kv.writes.accepted"] == sum(event.units for event in taken)
    assert values["kv.writes.used_percent"] == pytest.approx(busiest / 10)
    assert values["kv.refused"] == sum(event.units for event in of_kv if event.outcome == "refused")
    assert values["cache.matches"] == sum(event.outcome != "refused" for event in matches)
    assert values["cache.matches"] >= values["cache.hits"] + values["cache.misses"]
    failed = [event for event in ends if event.outcome != "ok" or event.status >= 500]
    assert (values["requests.started"], values["requests.failed"]) == (len(starts), len(failed))
    assert values["subrequests.max_per_invocation"] == max((event.external for event in ends), default=0)
    assert values["subrequests.invocations_over_limit"] == sum(event.external > 50 for event in ends)
    assert values["subrequests.refused"] == sum(event.refused for event in ends)


def test_a_stopped_counter_counts_no_more():
    stream = EventStream()
    counter = Counter(stream, Scope(FREE))
    stream.emit(operation())
    counter.stop()
    stream.emit(operation())
    stream.emit(started())
    assert counter.snapshot().values["kv.writes.accepted"] == 1
    assert counter.snapshot().values["requests.started"] == 0
