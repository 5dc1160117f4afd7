"""What a scenario file may say about sessions, and what is wrong with it, in one go and with its place."""

from __future__ import annotations

import pytest

from edgeday.distributions import Lognormal
from edgeday.errors import BadInput
from edgeday.scenario.model import Scenario
from edgeday.scenario.sessions import RequestStep, Wait
from tests.replay.till import CHECKOUT, TILL, VALUES
from tests.scenario_days import HEAD, loaded

STEP = "{get: /item/a}"


def visit(steps, more=""):
    """The only part of the traffic of a scenario with these steps."""
    head = HEAD + TILL + VALUES
    return loaded(f"traffic: [{{name: visit, sessions: 1, steps: [{steps}]{more}}}]\n", head).scenario


def test_steps_are_requests_and_waits():
    (part,) = visit(
        '{post: /cart, json: {item: "{item}"}, keep: {cart: "json:id"}, again: item},'
        "{wait: {lognormal: {median: 40s}}, leave: 0.1}, {post: '/cart/{cart}/pay', leave: 1}"
    ).traffic
    first, wait, last = part.steps
    assert isinstance(first, RequestStep)
    assert (first.keep, first.again) == ({"cart": "json:id"}, ("item",))
    assert wait == Wait(wait=Lognormal(kind="lognormal", median=40), leave=0.1)
    assert (last.asked, last.leave) == (("POST", "/cart/{cart}/pay"), 1)
    assert (part.requests_each, part.count(1, 0)) == (2, 1)


def test_a_dump_of_a_scenario_with_sessions_is_that_scenario():
    scenario = loaded(CHECKOUT % 3, HEAD + TILL + VALUES).scenario
    assert Scenario.model_validate(scenario.model_dump(mode="json")) == scenario


def test_headers_host_client_and_expectations_of_the_part_are_those_of_every_step():
    more = ", host: shop.example, client: '10.0.0.{n}', headers: {x-a: '1', x-b: '2'}, expect: {status: 2xx}"
    (part,) = visit(
        f"{STEP}, {{get: /b, host: b.example, headers: {{X-A: '3'}}, expect: {{text: b}}}}", more
    ).traffic
    first, second = (template.request("", lambda _: 7) for template in part.templates)
    assert first.url == "https://shop.example/item/a"
    assert [first.headers[name] for name in ("x-a", "x-b", "cf-connecting-ip")] == ["1", "2", "10.0.0.7"]
    assert second.url == "https://b.example/b"
    assert [second.headers[name] for name in ("x-a", "x-b")] == ["3", "2"]
    assert [template.expect for template in part.templates] == [
        {"status": "2xx"},
        {"status": "2xx", "text": "b"},
    ]


@pytest.mark.parametrize("leave", ["0", "1", "0.5"])
def test_a_chance_lies_between_0_and_1(leave):
    (part,) = visit(f"{STEP}, {{get: /b, leave: {leave}}}").traffic
    assert part.steps[1].leave == float(leave)


@pytest.mark.parametrize("wait", ["0", "86400", "1d", "[0, 24h]", "{uniform: [1s, 1d]}"])
def test_a_visitor_may_wait_up_to_a_day(wait):
    assert len(visit(f"{STEP}, {{wait: {wait}}}").traffic[0].steps) == 2


@pytest.mark.parametrize(
    ("steps", "what"),
    [
        ("", "a session makes a request: say {get: /path} in one of its steps"),
        ("{wait: 3}", "a session makes a request: say {get: /path} in one of its steps"),
        ("{get: /a, leave: 1.1}", '"leave" must be at most 1; this is 1.1'),
        ("{get: /a, leave: -0.1}", '"leave" must be at least 0; this is -0.1'),
        (f"{STEP}, {{wait: 86401}}", "a visitor waits a day at most; this may be 86,401 s"),
        (f"{STEP}, {{wait: 1d1s}}", "a visitor waits a day at most; this may be 86,401 s"),
        (f"{STEP}, {{wait: soon}}", '"soon" is no duration; write 40s, 1m30s, 200ms or a number of seconds'),
        (f"{STEP}, {{wait: 3, get: /b}}", 'unknown key "get"'),
        ("{leave: 0.5}", "which path? say get: /path, post: /path or path: /path"),
        ("{get: /a, json: {}}", "a GET request has no body"),
        (
            "{get: /a, keep: {it: body}}",
            '"body" cannot be kept; write json:PATH, header:NAME, cookie:NAME, status or text',
        ),
        (
            "{get: /a, keep: {it: 'json:'}}",
            '"json:" cannot be kept; write json:PATH, header:NAME, cookie:NAME, status or text',
        ),
        ("{get: /a, keep: {item: status}}", '"item" is one of the values of the scenario too'),
        ("{get: /a, again: itme}", '"itme" cannot be drawn again: it is none of the values'),
        ("{get: '/{itme}'}", "nothing defines {itme}"),
        ("{get: '/{it}', keep: {it: status}}", "nothing defines {it} yet: step 1 keeps it"),
        (
            "{get: '/{it}'}, {get: /b}, {get: /c, keep: {it: status}}",
            "nothing defines {it} yet: step 3 keeps it",
        ),
        (
            "{get: /a, expect: {'json:id': '{it}'}}, {get: /b, keep: {it: status}}",
            "nothing defines {it} yet: step 2 keeps it",
        ),
        ("{get: /a, expect: {stauts: 200}}", '"stauts" cannot be expected; did you mean "status"?'),
        ("{get: /a, expect: {zebra: 200}}", '"zebra" cannot be expected; there are status, '),
        ("{get: /a, expect: {status: 99}}", "99 is no status; write 200, 2xx, 200..299"),
        ("{get: /a, expect: {status: 600}}", "600 is no status; write 200, 2xx, 200..299"),
        ("{get: /a, expect: {'header:etag': null}}", '"header:etag" is text, and cannot be null'),
        ("{get: /a, expect: {text: null}}", '"text" is text, and cannot be null'),
        (
            "{get: /a}, {wait: {lognormal: {median: 40s, sigma: 10.5}}}",
            '"sigma" must be at most 10; this is 10.5',
        ),
        ("{get: /a, expect: {status: twohundred}}", '"twohundred" is no status; write 200, 2xx, 200..299'),
    ],
)
def test_what_makes_no_sense_is_refused_before_the_run(steps, what):
    with pytest.raises(BadInput) as bad:
        visit(steps)
    (problem,) = bad.value.problems
    assert problem.what.startswith(what)
    assert problem.line == 6


def test_a_value_that_an_earlier_step_keeps_is_defined():
    visit(
        "{get: /a, keep: {it: status}}, {get: '/{it}', expect: {'json:it': '{it}'}}, "
        "{post: /c, json: ['{it}']}"
    )


def test_what_another_part_keeps_is_not_defined():
    text = (
        "traffic:\n"
        "  - {name: a, sessions: 1, steps: [{get: /a, keep: {it: status}}]}\n"
        "  - {name: b, sessions: 1, steps: [{get: '/{it}'}]}\n"
    )
    with pytest.raises(BadInput, match=r"nothing defines \{it\}"):
        loaded(text, HEAD + TILL)


def test_all_that_is_wrong_is_said_at_once():
    steps = "{get: '/{it}', keep: {it: body}}, {wait: 2d}, {get: /b, leave: 2, again: nix}"
    with pytest.raises(BadInput) as bad:
        visit(steps, ", arrivals: sometimes")
    assert len(bad.value.problems) == 6
    assert [problem.line for problem in bad.value.problems] == [6] * 6
