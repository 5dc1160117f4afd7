from __future__ import annotations

from dataclasses import replace

import pytest

from edgeday.events import Cause, EventStream, ExpectationChecked, SessionEnded, SessionStarted
from edgeday.ledger import Op, quota_error
from edgeday.limits import CutOff, Switches
from edgeday.measure.findings import rules_of
from edgeday.measure.findings.rule import Conditions
from tests.replay.runs import FREE, MIDNIGHT, PAID, PLAN, PLANS, counting, ended, operation, started


def findings(*events, limits=FREE, switches=None):
    """Findings by their id."""
    stream = EventStream()
    counter = counting(stream, limits)
    rules = rules_of(stream, Conditions(limits, switches or Switches(), PLANS))
    for event in events:
        stream.emit(event)
    snapshot = counter.snapshot()
    return {finding.id: finding.text for rule in rules for finding in rule.findings(snapshot)}


OBSERVED = Switches(subrequests="observe")


def plan(**end):
    return started(), ended(**end)


def test_an_ordinary_run_shows_nothing():
    assert findings(*plan(external=50, last_fetch=50), operation(units=799)) == {}


@pytest.mark.parametrize(("external", "expected"), [(50, False), (51, True)])
def test_more_subrequests_than_the_limit_are_a_finding(external, expected):
    assert ("subrequests-over-limit" in findings(*plan(external=external))) is expected


def test_where_the_limit_is_observed_the_finding_says_how_many_plans_would_fail():
    events = [*plan(external=55, last_fetch=52), *plan(external=55, last_fetch=50), *plan(external=10)]
    assert findings(*events, switches=OBSERVED)["subrequests-over-limit"] == (
        "55 subrequests in one invocation, the Free limit is 50: "
        "with the limit enforced, 1 of 3 plans would fail"
    )


@pytest.mark.parametrize(("last_fetch", "what"), [(50, "would lose log entries"), (51, "would fail")])
def test_a_plan_would_fail_only_if_a_fetch_comes_after_the_limit(last_fetch, what):
    (text,) = findings(*plan(external=55, last_fetch=last_fetch), switches=OBSERVED).values()
    assert text.endswith(f"1 of 1 plans {what}")


def test_where_the_limit_is_enforced_the_finding_says_what_was_lost():
    (text,) = findings(*plan(external=55, last_fetch=52, refused=5)).values()
    assert text.endswith("5 were refused, and 1 of 1 plans lost an AI call")


@pytest.mark.parametrize(("internal", "expected"), [(4_000, False), (4_001, True)])
def test_where_one_counter_serves_both_kinds_the_finding_counts_both(internal, expected):
    texts = findings(*plan(external=6_000, internal=internal), limits=PAID, switches=OBSERVED)
    assert bool(texts) is expected
    assert not expected or texts["subrequests-over-limit"].startswith(
        "10,001 subrequests in one invocation, the Paid limit is 10,000"
    )


@pytest.mark.parametrize("op", Op)
def test_a_spent_quota_is_a_finding_with_both_instants_its_text_and_what_was_lost(op):
    text = quota_error(op).message
    call = {"read": "get", "write": "put"}.get(op, str(op))
    texts = findings(
        operation(op=call, outcome="ok", units=100_000 if op is Op.READ else 1_000, at_s=1800),
        operation(op=call, outcome="refused", reason=text, cause=Cause.QUOTA, at_s=3600, key="log:1"),
        operation(
            op=call, outcome="refused", reason=text, cause=Cause.QUOTA, at_s=3601, key="other", units=4
        ),
    )
    assert texts == {
        f"kv-{op}-quota-spent": f"the daily quota of KV {op}s was spent at 2026-02-16T00:30:00Z and first "
        f'refused at 2026-02-16T01:00:00Z: 5 refused ("{text}"), the first was {call} log:* in {PLAN}; '
        "refused most: 4 of other, 1 of log:*"
    }


def refused(at_s, units=1, **more):
    return operation(outcome="refused", cause=Cause.QUOTA, reason="spent", at_s=at_s, units=units, **more)


def spent(*events, op="write", **more):
    return findings(*events, **more)[f"kv-{op}-quota-spent"]


def test_a_quota_that_was_spent_before_the_run_has_no_instant():
    assert spent(refused(60)).startswith(
        "the daily quota of KV writes was spent before this run and first refused at 2026-02-16T00:01:00Z: "
    )


def test_a_quota_of_which_a_part_was_spent_before_the_run_says_how_much():
    assert spent(operation(units=600), operation(at_s=5), refused(60)).startswith(
        "the daily quota of KV writes was spent at 2026-02-16T00:00:05Z, 399 of 1,000 units before this run, "
        "and first refused at 2026-02-16T00:01:00Z: "
    )


def test_a_call_for_more_units_than_are_left_does_not_say_that_the_quota_was_spent():
    read = {"op": "get", "outcome": "hit"}
    call = operation(op="get", outcome="refused", cause=Cause.QUOTA, at_s=60, units=100)
    events = [operation(units=99_950, **read), call]
    said = (
        "the daily quota of KV reads was nearly spent, with 50 left where 100 were asked for, and first "
        "refused at 2026-02-16T00:01:00Z: 100 refused"
    )
    assert spent(*events, op="read").startswith(said)
    assert spent(*events, operation(units=50, at_s=90, **read), op="read").startswith(said)


def test_of_several_days_the_first_is_told_in_full_and_the_others_are_counted():
    day = 86_400
    text = spent(
        operation(units=1000, at_s=10), refused(20), refused(21),
        operation(units=1000, at_s=day), operation(units=1000, at_s=2 * day), refused(2 * day + 5),
    )  # fmt: skip
    assert text.startswith(
        "the daily quota of KV writes was spent at 2026-02-16T00:00:10Z and first refused at "
        '2026-02-16T00:00:20Z: 2 refused on that day, 3 on 2 days ("spent"), the first was put a:*'
    )


QUOTA_OBSERVED = Switches(daily_kv="observe")


@pytest.mark.parametrize(("more", "expected"), [(0, False), (1, True)])
def test_a_quota_that_is_only_observed_says_when_it_would_have_been_spent(more, expected):
    events = [operation(units=999), operation(at_s=60), operation(units=more, at_s=120)]
    texts = findings(*events, switches=QUOTA_OBSERVED)
    assert ("kv-write-quota-over" in texts) is expected
    if expected:
        assert texts["kv-write-quota-over"] == (
            "with the daily quota of 1,000 KV writes enforced, 1 would be refused: the last unit would have "
            "been spent at 2026-02-16T00:01:00Z"
        )
        assert "kv-writes-nearly-spent" not in texts


def test_a_quota_that_is_off_is_not_looked_at():
    assert findings(operation(units=5000), switches=Switches(daily_kv="off")) == {}


def test_a_soft_cut_off_says_how_much_more_was_accepted_and_that_no_unit_is_promised():
    soft = Switches(cut_off=CutOff("0..37%"))
    text = spent(operation(units=1000), operation(units=50, at_s=5), refused(60), switches=soft)
    assert text.startswith(
        "the daily quota of KV writes was spent at 2026-02-16T00:00:00Z (50 more were accepted) and first "
        "refused at 2026-02-16T00:01:00Z: "
    )
    assert text.endswith("; its band is the scenario's, as Cloudflare promises no exact unit")


def test_what_a_soft_cut_off_let_through_is_told_although_nothing_was_refused():
    soft = Switches(cut_off=CutOff("0..37%"))
    assert findings(operation(units=1000), operation(units=50, at_s=5), switches=soft) == {
        "kv-write-quota-over": "50 beyond the daily quota of 1,000 KV writes were accepted after "
        "2026-02-16T00:00:00Z; its band is the scenario's, as Cloudflare promises no exact unit"
    }


FEW = replace(FREE, requests_per_day=10)


@pytest.mark.parametrize(("requests", "ids"), [(7, []), (8, ["requests-nearly-spent"])])
def test_requests_are_nearly_spent_from_80_percent_of_a_day(requests, ids):
    texts = findings(*(started(at_s=at_s) for at_s in range(requests)), limits=FEW)
    assert [id for id in texts if id.startswith("requests")] == ids


def test_requests_used_to_the_last_are_told_with_their_instant_and_fit():
    texts = findings(*(started(at_s=at_s) for at_s in range(10)), limits=FEW)
    assert texts["requests-nearly-spent"] == (
        "100 % of a day's requests were used, the last one at 2026-02-16T00:00:09Z; none was refused"
    )


def test_spent_requests_are_a_finding_with_both_instants():
    away = operation("request", "GET", "refused", cause=Cause.REQUESTS, reason="error code: 1027", at_s=50)
    texts = findings(*(started(at_s=at_s) for at_s in range(10)), away, away, limits=FEW)
    assert texts["requests-spent"] == (
        "the requests of the day were spent at 2026-02-16T00:00:09Z and first refused at "
        f'2026-02-16T00:00:50Z: 2 refused ("error code: 1027"), the first was {PLAN}'
    )
    assert "requests-nearly-spent" not in texts


@pytest.mark.parametrize(("units", "expected"), [(799, False), (800, True)])
def test_a_quota_is_nearly_spent_from_80_percent(units, expected):
    texts = findings(operation(units=units))
    assert texts == ({"kv-writes-nearly-spent": "80 % of a day's KV writes were used"} if expected else {})


def test_a_quota_used_to_its_last_unit_is_told_with_its_instant_and_fits():
    assert findings(operation(units=999), operation(at_s=60)) == {
        "kv-writes-nearly-spent": "100 % of a day's KV writes were used, the last one at "
        "2026-02-16T00:01:00Z; none was refused"
    }


def test_a_quota_that_is_spent_is_not_nearly_spent():
    texts = findings(operation(units=1000), operation(outcome="refused", cause=Cause.QUOTA))
    assert list(texts) == ["kv-write-quota-spent"]


@pytest.mark.parametrize(("external", "addition"), [(51, "1 was refused"), (52, "2 were refused")])
def test_where_there_are_no_plans_only_the_refused_subrequests_are_told(external, addition):
    text = f"{external} subrequests in one invocation, the Free limit is 50: "
    end = ended("GET /panel", external=external, refused=external - 50)
    assert findings(started("GET /panel"), end) == {"subrequests-over-limit": text + addition}
    assert findings(started("GET /panel"), end, switches=OBSERVED) == {
        "subrequests-over-limit": f"{text}with the limit enforced, those beyond it would fail"
    }


@pytest.mark.parametrize(
    ("internal", "switches", "texts"),
    [
        (1000, None, []),
        (1001, None, ["1,001 KV calls in one invocation, the Free limit is 1,000: 1 was refused"]),
        (
            1003,
            OBSERVED,
            ["1,003 KV calls in one invocation, the Free limit is 1,000: 3 would be refused"],
        ),
    ],
)
def test_more_kv_calls_than_a_request_may_make_are_a_finding(internal, switches, texts):
    assert list(findings(started(), ended(internal=internal), switches=switches).values()) == texts


def test_writes_of_one_key_within_a_second_are_a_finding():
    failed = {"outcome": "error", "cause": Cause.KEY_RATE}
    assert findings(operation(**failed)) == {
        "kv-one-write-per-second": "1 KV write failed with 429: the same key was written twice within a "
        "second (most often a:*: 1)"
    }
    other = operation(key="b:1", **failed)
    (text,) = findings(operation(**failed), other, other).values()
    assert text.startswith("3 KV writes failed with 429")
    assert text.endswith("(most often b:*: 2)")


@pytest.mark.parametrize("op", ["get", "put"])
def test_a_429_of_a_backend_in_trouble_is_not_laid_to_two_writes_of_a_key(op):
    reason = f"KV {op.upper()} failed: 429 Too Many Requests"
    assert findings(operation(op=op, outcome="error", reason=reason, cause=Cause.FAULT)) == {}


def test_work_that_was_cut_off_after_the_response_is_a_finding():
    cut = operation("waitUntil", "wait", "cancelled", route="POST /a")
    assert findings(cut, cut._replace(route="POST /b")) == {
        "wait-until-cancelled": "the waitUntil work of 2 requests went on for 30 s after the response and "
        "was cancelled; what it had not done by then was never done; first in POST /a at 2026-02-16T00:00:00Z"
    }


def test_other_errors_of_kv_are_none():
    assert findings(operation(outcome="error", cause=Cause.BACKEND)) == {}


def test_the_gravest_comes_first():
    texts = findings(
        operation(op="get", outcome="hit", units=90_000),
        operation(outcome="refused", cause=Cause.QUOTA),
        *plan(external=51),
    )
    assert list(texts) == ["subrequests-over-limit", "kv-write-quota-spent", "kv-reads-nearly-spent"]


@pytest.mark.parametrize(("statuses", "expected"), [((422, 401), True), ((422, 200), False), ((500,), False)])
def test_a_route_that_the_worker_refused_every_request_of_is_a_finding(statuses, expected):
    events = [event for status in statuses for event in (started(), ended(status=status))]
    assert ("routes-refused" in findings(*events)) is expected


def test_the_finding_of_refused_routes_names_each_with_its_statuses():
    events = [ended(route=f"GET /{n}", status=status) for n in range(7) for status in (404, 401, 404)]
    text = findings(*[one for event in events for one in (started(), event)])["routes-refused"]
    assert text.startswith(
        "the worker refused every request of GET /0 (3 with 401, 404), GET /1 (3 with 401, 404), "
    )
    assert text.endswith("2 more routes: does the scenario send what it expects there?")


@pytest.mark.parametrize(("as_expected", "found"), [(3, False), (2, True)])
def test_refusals_that_the_scenario_expects_are_no_finding(as_expected, found):
    refusals = [started("GET /nix"), ended("GET /nix", status=404)] * 3
    checks = [
        ExpectationChecked(MIDNIGHT, "pages", "GET /nix", int(number >= as_expected), "status")
        for number in range(3)
    ]
    assert ("routes-refused" in findings(*refusals, *checks)) is found


def answers(**counts):
    """Requests answered so: s302=19 is 19 of 302."""
    return [
        event
        for status, count in counts.items()
        for _ in range(count)
        for event in (started("GET /x"), ended("GET /x", status=int(status[1:])))
    ]


@pytest.mark.parametrize(
    ("statuses", "text"),
    [
        ({"s302": 20}, "20 of 20 requests were answered 302"),
        ({"s302": 19, "s200": 1}, "19 of 20 requests were answered 302"),
        ({"s302": 18, "s200": 2}, None),
        ({"s429": 19, "s200": 1}, "19 of 20 requests were answered 429"),
        ({"s401": 15, "s302": 5}, "20 of 20 requests were answered 401 or 302"),
        ({"s401": 20}, None),  # that is said by route
        ({"s500": 20}, None),
    ],
)
def test_that_nearly_all_answers_are_redirects_or_refusals_is_a_finding(statuses, text):
    assert findings(*answers(**statuses)).get("answers-unusual") == text


@pytest.mark.parametrize(("unmet", "found"), [(0, False), (1, True)])
def test_redirects_that_the_scenario_expects_are_no_finding(unmet, found):
    checked = ExpectationChecked(MIDNIGHT, "pages", "GET /x", unmet, "status")
    assert ("answers-unusual" in findings(*answers(s302=20), checked)) is found


def uncaught(route, error):
    return ended(outcome="exception", status=500, route=route, error=error, place="shop.py:4")


def test_errors_of_one_line_that_say_different_things_are_counted_by_what_they_say():
    spent, twice = (
        "Error: KV put() limit exceeded for the day.",
        "Error: KV PUT failed: 429 Too Many Requests",
    )
    events = [uncaught("GET /a", spent), uncaught("GET /b", twice), uncaught("GET /a", spent)]
    assert findings(*[started()] * 3, *events)["uncaught-exception"] == (
        "shop.py:4: uncaught Error in 3 of 3 requests (error code 1101): GET /a 2, GET /b 1; it said: "
        "KV put() limit exceeded for the day. 2, KV PUT failed: 429 Too Many Requests 1"
    )


def test_errors_of_one_line_that_say_the_same_are_told_with_what_they_say():
    events = [uncaught("GET /a", "KeyError: 'x'"), uncaught("GET /a", "KeyError: 'x'")]
    assert findings(*[started()] * 2, *events)["uncaught-exception"] == (
        "shop.py:4: uncaught KeyError: 'x' in 2 of 2 requests (error code 1101): GET /a 2"
    )


# what the traffic expects, and sessions


def checked(at_s=0.0, route="GET /a", found="404", what="status"):
    details = (what, "201", found) if what else ()
    return ExpectationChecked(MIDNIGHT + at_s, "pages", route, len(what) and 1, *details)


AS_EXPECTED = checked(what="")


def test_answers_as_expected_are_no_finding():
    assert findings(*plan(), AS_EXPECTED) == {}


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (["404"], "had 404"),
        (["404", "404"], "had 404, as had all of them"),
        (["404", "404", "500"], "had 404, as had 2 of them"),
        (["404", "500", "500"], "had 404, the most common was 500 (2 times)"),
        (["", "500", "500"], "had nothing of that name, the most common was 500 (2 times)"),
    ],
)
def test_answers_that_are_not_as_expected_are_told_with_the_first_and_the_most_common(found, said):
    events = [checked(number, found=one) for number, one in enumerate(found)]
    (text,) = findings(*plan(), AS_EXPECTED, *events).values()
    count = len(found)
    assert text == (
        f"pages: {count} of {count + 1} answers to GET /a were not as expected: "
        f"status was not 201: the first, at 2026-02-16T00:00:00Z, {said}"
    )


def test_what_was_not_as_expected_is_told_for_each_route_and_name():
    stream = EventStream()
    (rule,) = [
        rule for rule in rules_of(stream, Conditions(FREE)) if type(rule).__name__ == "UnmetExpectations"
    ]
    for event in (checked(), checked(what="json:id"), checked(route="GET /b"), AS_EXPECTED):
        stream.emit(event)
    first, second = [finding.text for finding in rule.findings(counting(stream).snapshot())]
    assert first.startswith("pages: 2 of 3 answers to GET /a")
    assert first.count("was not 201") == 2
    assert second.startswith("pages: 1 of 1 answers to GET /b")


def test_sessions_that_a_failure_ended_are_told_with_the_step():
    def over(outcome, *place):
        return SessionEnded(MIDNIGHT, "shop", 1, MIDNIGHT, outcome, 1, *place)

    begun = [SessionStarted(MIDNIGHT, "shop", number) for number in range(200)]
    lost = [over("failed", 2, "POST /cart", "json:id was not in the answer")] * 12
    assert findings(*plan(), *begun, *lost, over("completed"), over("left", 3, "POST /pay")) == {
        "sessions-failed": "shop: 12 of 200 sessions ended at step 2, POST /cart: "
        "json:id was not in the answer"
    }
