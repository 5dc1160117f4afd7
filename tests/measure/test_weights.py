"""How grave findings are, and their words for a headline."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edgeday.events import Cause, Diagnostic, EventStream
from edgeday.limits import Switches
from edgeday.measure.findings import rules_of
from edgeday.measure.findings.rule import Conditions
from edgeday.measure.noun import REQUESTS
from edgeday.scenario.profile import NO_PROFILE
from tests.replay.runs import FREE, MIDNIGHT, PLANS, counting, ended, operation, started
from tests.scenario_days import SHOP_HEAD, replayed

OBSERVED = Switches(daily_kv="observe", subrequests="observe", requests="observe")
OFF = Switches(daily_kv="off", subrequests="off", requests="off")
QUOTA = operation(outcome="refused", cause=Cause.QUOTA)
KEY_RATE = operation(outcome="error", cause=Cause.KEY_RATE)


def findings(*events, noun=PLANS, limits=FREE, switches=None, crons=()):
    stream = EventStream()
    counter = counting(stream, limits)
    rules = rules_of(stream, Conditions(limits, switches or Switches(), noun, crons=crons))
    for event in events:
        stream.emit(event)
    snapshot = counter.snapshot()
    return [one for rule in rules for one in rule.findings(snapshot)]


def lines(*events, **more):
    """Weight and headline of each finding."""
    return [f"{one.weight}: {one.headline}" for one in findings(*events, **more)]


def raised(number=1, place="shop.py:12", **more):
    end = {"outcome": "exception", "status": 500, "error": "ValueError: a", "place": place, "number": number}
    return ended(**{**end, **more})


def test_plans_that_the_subrequest_limit_would_fail_are_a_loss_that_says_would():
    events = [started(), ended(external=55, last_fetch=51), started(), ended()]
    assert lines(*events, switches=OBSERVED) == ["loss: 1 of 2 plans would be lost to the subrequest limit"]


def test_plans_that_would_lose_what_comes_after_their_last_fetch_are_not_lost():
    (one,) = findings(started(), ended(external=55, last_fetch=50), switches=OBSERVED)
    assert one.headline == "1 of 1 plans would lose log entries to the subrequest limit"
    assert (one.weight, one.requests) == ("loss", 0)


def test_requests_that_limits_cost_are_told_first_and_are_of_the_account():
    refused = operation("fetch", "POST", "refused", cause=Cause.SUBREQUESTS)
    first, second = findings(started(), refused, ended(external=55, last_fetch=51, refused=5, status=500))
    assert (first.headline, first.requests, first.of_account) == (
        "1 of 1 plans were lost to the subrequest limit",
        1,
        True,
    )
    assert second.id == "subrequests-over-limit"


@pytest.mark.parametrize(("status", "lost"), [(399, False), (400, True)])
def test_a_request_that_a_limit_refused_something_is_lost_if_it_is_answered_with_an_error(status, lost):
    events = [started(), QUOTA, ended(status=status)]
    told = [one.headline for one in findings(*events, noun=REQUESTS)]
    assert ("1 of 1 requests were lost to a daily KV quota" in told) is lost


@pytest.mark.parametrize(
    ("noun", "status", "lost"), [(REQUESTS, 404, 0), (REQUESTS, 500, 1), (PLANS, 404, 1)]
)
def test_an_answer_is_a_failure_from_the_status_on_that_the_noun_has(noun, status, lost):
    told = findings(started(), ended(status=status), noun=noun)
    assert sum(one.requests for one in told) == lost


def test_one_write_a_second_is_a_loss_but_no_limit_of_the_account():
    (one,) = findings(KEY_RATE, KEY_RATE, replace_key(KEY_RATE, "b:1"))
    assert one.headline == "one write a second refused 3 puts to 2 keys"
    assert (one.weight, one.of_account) == ("loss", False)


def replace_key(event, key):
    return event._replace(key=key)


def test_an_exception_is_a_loss_with_its_type_and_its_line():
    assert lines(started(), raised(), started(), ended(), noun=REQUESTS) == [
        "loss: 1 of 2 requests failed with an uncaught ValueError (shop.py:12)"
    ]


@pytest.mark.parametrize("event", [QUOTA, KEY_RATE])
def test_an_exception_that_a_limit_led_to_stands_in_no_headline_twice(event):
    events = [started(), event, raised(), started(), raised(number=2)]
    told = {one.id: one for one in findings(*events, noun=REQUESTS)}
    assert told["requests-lost"].requests == 1
    assert told["uncaught-exception"].headline.startswith("1 of 2 requests failed")
    assert "in 2 of 2 requests" in told["uncaught-exception"].text
    told = {one.id: one for one in findings(started(), event, raised(), noun=REQUESTS)}
    assert told["uncaught-exception"].headline == ""


def test_requests_that_raised_are_counted_once_among_those_that_were_lost():
    told = findings(started(), raised(), started(), ended(status=500, number=2), noun=REQUESTS)
    assert sum(one.requests for one in told) == 2


@pytest.mark.parametrize(("asked", "expected"), [(1000, False), (1001, True)])
def test_a_quota_that_is_observed_says_what_it_would_refuse(asked, expected):
    told = lines(operation(units=asked), switches=OBSERVED)
    assert ("loss: 1 KV write beyond the quota of a day would be refused" in told) is expected
    assert len(told) == 1


def test_what_a_quota_would_refuse_is_added_up_over_the_days():
    events = [operation(units=1100, at_s=day * 86_400) for day in range(3)]
    (one,) = findings(*events, switches=OBSERVED)
    assert one.text == (
        "with the daily quota of 1,000 KV writes enforced, 300 would be refused: the last unit would have "
        "been spent at 2026-02-16T00:00:00Z; more than allowed on 3 days"
    )


@pytest.mark.parametrize(
    ("requests", "expected"),
    [
        (3, ["100 % of a day's requests were used"]),
        (4, ["1 of 4 requests would be lost to the requests of the day"]),
    ],
)
def test_requests_beyond_an_observed_limit_of_a_day_would_be_turned_away(requests, expected):
    limits = replace(FREE, requests_per_day=3)
    told = findings(*[started()] * requests, limits=limits, switches=OBSERVED)
    assert [one.headline for one in told] == expected


def test_a_limit_that_is_off_has_no_findings():
    events = [operation(units=1001), *[started()] * 4, ended(external=51, last_fetch=51, internal=1001)]
    assert findings(*events, limits=replace(FREE, requests_per_day=3), switches=OFF) == []


def test_what_may_go_wrong_is_a_risk_and_what_only_tells_is_a_note():
    events = [
        operation(units=800),
        Diagnostic(MIDNIGHT, "time-sleep", "no time passes; wait otherwise", "shop.py:3", 1, "GET /"),
        started("GET /a"), ended("GET /a", status=404),
    ]  # fmt: skip
    assert lines(*events) == [
        "risk: 80 % of a day's KV writes were used",
        "risk: shop.py:3: no time passes",
        "risk: the worker refused every request of GET /a",
    ]


def test_more_crons_than_the_account_has_are_a_loss_of_the_account():
    told = findings(crons=["* * * * *"] * 6)
    assert [(one.headline, one.of_account) for one in told] == [
        ("6 crons, of which Cloudflare sets none: 5 are allowed", True)
    ]


def test_losses_are_told_in_runs_without_an_audit():
    result = replayed("traffic: [{requests: 1001, path: /put/a, method: POST}]\n", SHOP_HEAD)
    assert result.noun is NO_PROFILE.noun
    assert [one.headline for one in result.findings if one.id == "requests-lost"] == [
        "1 of 1,001 requests were lost to a daily KV quota"
    ]
