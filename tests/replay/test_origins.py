from __future__ import annotations

import json
from textwrap import indent

import pytest

from edgeday.events import Cause, Operation
from edgeday.replay.runner import replay
from edgeday.report import json_report
from edgeday.scenario.loader import load_text
from edgeday.wrangler import load_wrangler_config

pytestmark = pytest.mark.usefixtures("forgotten_workers")

WORKER = """
from urllib.parse import urlsplit

from edgeday import Response, fetch, now_ms


class Caller:
    async def fetch(self, request):
        path = urlsplit(request.url).path
        _, host, way = path.split("/", 2)
        before = now_ms()
        body = await request.text() if request.method == "POST" else None
        headers = {"x-user": request.headers.get("x-user") or ""}
        try:
            answer = await fetch(
                "https://" + host + "/" + way + "?q=a%20b", method=request.method, body=body, headers=headers
            )
        except Exception as error:
            return Response("lost: " + str(error), headers={"x-took": str(now_ms() - before)})
        kept = {"x-took": str(now_ms() - before), "x-kind": answer.headers.get("content-type") or "none"}
        kept["x-own"] = answer.headers.get("x-own") or "none"
        return Response(await answer.text(), status=answer.status, headers=kept)
"""


class Fetches:
    """The observer that keeps every fetch."""

    def __init__(self):
        self.all = []

    def begin(self, start, events):
        events.subscribe(Operation, self._note)

    def _note(self, event):
        if event.service == "fetch":
            self.all.append((event.at, event.binding, event.outcome, event.reason, event.cause))

    def end(self, end):
        pass


@pytest.fixture
def day(tmp_path):
    """Makes a day of the worker with these origins."""

    def make(origins, *, traffic="", probes=(), rest="", files=(), worker=WORKER):
        (tmp_path / "caller.py").write_text(worker)
        for name, data in dict(files).items():
            (tmp_path / name).write_bytes(data)
        text = "name: day\nstart: 2026-02-16T00:00:00Z\nworker: caller.py\n"
        text += f"origins: {json.dumps(origins)}\n{rest}\n"
        if traffic:
            text += f"traffic:\n{indent(traffic, '  ')}\n"
        if probes:
            text += f"probes: {json.dumps(list(probes))}\n"
        return load_text(text, tmp_path / "day.yaml")

    return make


def asks(path, expect, *, at="+0s", **request):
    return {"at": at, "request": {"path": path, **request}, "expect": expect}


def wrong(result):
    """The expectations of probes that were not met."""
    return [
        (probe.name, check.what, check.expected, check.found)
        for probe in result.probes
        for check in probe.checks
        if not check.ok
    ]


def statuses(loaded):
    """The status of each request of the day in order of arrival, 0 for a lost connection."""
    fetches = Fetches()
    replay(loaded, observers=[fetches])
    return [
        200 if outcome == "ok" else int(reason.split()[0]) if reason[0].isdigit() else 0
        for _, _, outcome, reason, _ in fetches.all
    ]


ONCE_AN_HOUR = "- {name: calls, requests: 24, path: /api.example/x}"


# what is answered


@pytest.mark.parametrize(
    ("origin", "expect"),
    [
        ({}, {"status": 200, "header:x-kind": "none"}),
        (
            {"status": 418, "body": "tea"},
            {"status": 418, "text": "tea", "header:x-kind": "text/plain;charset=UTF-8"},
        ),
        ({"json": {"eur": 1.95}}, {"json:eur": 1.95, "header:x-kind": "application/json"}),
        (
            {"body": "<x/>", "headers": {"Content-Type": "application/xml"}},
            {"header:x-kind": "application/xml"},
        ),
        ({"file": "rates.csv"}, {"text": "eur,1.95", "header:x-kind": "text/csv;charset=UTF-8"}),
        ({"file": "unknown"}, {"text": "x", "header:x-kind": "application/octet-stream"}),
        ({"headers": {"x-own": "yes"}}, {"header:x-own": "yes"}),
    ],
)
def test_an_origin_answers_with_its_status_headers_and_body(day, origin, expect):
    loaded = day(
        {"api.example": origin},
        probes=[asks("/api.example/x", expect)],
        files={"rates.csv": b"eur,1.95", "unknown": b"x"},
    )
    assert wrong(replay(loaded)) == []


def test_placeholders_are_what_was_fetched_and_the_values_of_the_request(day):
    origin = {
        "json": {
            "path": "{request.path}",
            "method": "{request.method}",
            "host": "{request.host}",
            "q": "{request.query.q}",
            "user": "{request.header.x-user}",
            "number": "{request.json.items.0.n}",
            "text": "n={request.json.items.0.n}",
            "none": "{request.json.gone}",
            "nothing": "<{request.query.gone}>",
            "{request.method}": "{{request.method}}",
        },
        "headers": {"x-own": "for {request.header.x-user}"},
    }
    expect = {
        "json:path": "/v1/x",
        "json:method": "POST",
        "json:host": "api.example",
        "json:q": "a b",
        "json:user": "ann",
        "json:number": 7,
        "json:text": "n=7",
        "json:nothing": "<>",
        "json:POST": "{request.method}",
        "header:x-own": "for ann",
        "text": '"none":null',
    }
    probe = asks(
        "/api.example/v1/x", expect, method="POST", headers={"x-user": "ann"}, body={"items": [{"n": 7}]}
    )
    assert wrong(replay(day({"api.example": origin}, probes=[probe]))) == []


COMPARES = """
from edgeday import Response, fetch


class Compares:
    async def fetch(self, request):
        answer = await (await fetch("https://api.example/x", headers=request.headers)).json()
        return Response("", status=200 if answer["sent"] == answer["drawn"] else 500)
"""


@pytest.mark.parametrize(("drawn", "failed"), [("{user}", 0), ("{other}", 20)])
def test_a_value_in_an_answer_is_the_one_that_the_request_was_sent_with(day, drawn, failed):
    loaded = day(
        {"api.example": {"json": {"sent": "{request.header.x-user}", "drawn": f"{drawn}."}}},
        rest="values: {user: {uniform: [1, 1000000]}, other: {uniform: [1, 1000000]}}",
        traffic='- {name: calls, requests: 20, path: /, headers: {x-user: "{user}."}}',
        worker=COMPARES,
    )
    assert replay(loaded).metrics.values["requests.failed"] == failed


def test_a_session_and_the_origins_that_its_steps_ask_have_the_same_values(day):
    loaded = day(
        {"api.example": {"json": {"sent": "{request.header.x-user}", "drawn": "{user}."}}},
        rest="values: {user: {uniform: [1, 1000000]}}",
        traffic="""- name: visits
  sessions: 10
  steps:
    - {get: /, headers: {x-user: "{user}."}}
    - {get: /, headers: {x-user: "{user}."}, again: [user]}""",
        worker=COMPARES,
    )
    values = replay(loaded).metrics.values
    assert (values["requests.started"], values["requests.failed"]) == (20, 0)


def test_in_a_file_only_what_means_something_is_filled(day):
    page = b'<i>{request.path}</i> {color} {{request.method}} {"a": {b}}'
    expect = {"text": '<i>/x</i> {color} {{request.method}} {"a": {b}}'}
    loaded = day(
        {"api.example": {"file": "p.html"}}, probes=[asks("/api.example/x", expect)], files={"p.html": page}
    )
    assert wrong(replay(loaded)) == []


def test_a_file_that_is_no_text_is_sent_to_the_byte(day):
    loaded = day(
        {"api.example": {"file": "p.bin"}},
        probes=[asks("/api.example/x", {"text": "{request.path}"})],
        files={"p.bin": b"\xff{request.path}"},
    )
    assert wrong(replay(loaded)) == []


# which rule answers


def test_of_several_rules_the_first_that_fits_method_and_path_answers(day):
    origins = {
        "api.example": [
            {"method": "POST", "body": "posted"},
            {"path": "/items/*/price", "body": "price"},
            {"path": "/items/*", "body": "item"},
            {"path": "/search?q=a*", "body": "search"},
            {"path": "/exact", "body": "exact"},
        ]
    }
    probes = [
        asks("/api.example/items/1", {"text": "posted"}, method="POST", body="x"),
        asks("/api.example/items/1/price", {"text": "price"}),
        asks("/api.example/items/1/2", {"text": "item"}),
        asks("/api.example/search", {"text": "search"}),
        asks("/api.example/exact", {"text": "exact", "status": 200}),
        asks(
            "/api.example/exactly",
            {"status": 404, "text": "no rule under origins: api.example answers GET /exactly"},
        ),
    ]
    assert wrong(replay(day(origins, probes=probes))) == []


def test_a_request_that_no_rule_fits_is_a_finding_too(day):
    loaded = day({"api.example": [{"path": "/y"}]}, traffic=ONCE_AN_HOUR)
    texts = [finding.text for finding in replay(loaded).findings if finding.id == "origin-without-rule"]
    assert len(texts) == 1
    assert texts[0].endswith("no rule of the origin api.example answers GET /x, so it was a 404 (24 times)")


def test_what_names_a_host_most_closely_answers_for_it(day):
    origins = {
        "*": {"body": "any"},
        "*.example": {"body": "below"},
        "api.example": {"body": "own"},
        "api.example:8443": {"body": "port"},
    }
    probes = [
        asks("/api.example/x", {"text": "own"}),
        asks("/api.example:8443/x", {"text": "port"}),
        asks("/api.example:8444/x", {"text": "own"}),
        asks("/b.example/x", {"text": "below"}),
        asks("/b.other/x", {"text": "any"}),
    ]
    assert wrong(replay(day(origins, probes=probes))) == []


def test_a_redirect_of_one_origin_leads_to_another_and_costs_two_subrequests(day):
    origins = {
        "api.example": {"status": 302, "headers": {"Location": "https://new.example{request.path}"}},
        "new.example": {"body": "moved from {request.path}"},
    }
    result = replay(day(origins, probes=[asks("/api.example/x", {"text": "moved from /x"})]))
    assert wrong(result) == []
    assert result.metrics.values["subrequests.max_per_invocation"] == 2


# when it fails


@pytest.mark.parametrize(
    ("count", "failed"),
    [(3, [1, 2, 3]), (1, [1]), ("2..3", [2, 3]), ([24, 30], [24])],
)
def test_what_fails_by_count_fails_from_its_first_to_its_last_request(day, count, failed):
    loaded = day({"api.example": {"failing": {"count": count, "status": 503}}}, traffic=ONCE_AN_HOUR)
    assert [place for place, status in enumerate(statuses(loaded), 1) if status == 503] == failed


def test_a_count_begins_anew_with_each_run(day):
    loaded = day({"api.example": {"failing": {"count": 2, "status": 503}}}, traffic=ONCE_AN_HOUR)
    assert statuses(loaded) == statuses(loaded)


@pytest.mark.parametrize(
    ("window", "failed"),
    [
        ({"from": "+2h", "to": "+4h"}, [2, 3]),
        ({"from": "+22h"}, [22, 23]),
        ({"from": "02:00", "to": "02:00:01"}, [2]),
        ({"from": "23:00", "to": "01:00"}, [0, 23]),
    ],
)
def test_what_fails_by_window_fails_from_its_beginning_to_before_its_end(day, window, failed):
    probes = [asks("/api.example/x", {"status": 200}, at=f"+{hour}h") for hour in range(24)]
    loaded = day({"api.example": {"failing": {"window": window, "status": 503}}}, probes=probes)
    assert [hour for hour, status in enumerate(statuses(loaded)) if status == 503] == failed


def test_a_rate_is_the_chance_of_each_request(day):
    traffic = "- {name: calls, requests: 2000, path: /api.example/x}"
    loaded = day({"api.example": {"failing": {"rate": 0.1, "status": 503}}}, traffic=traffic)
    assert 160 < statuses(loaded).count(503) < 240
    assert (
        statuses(day({"api.example": {"failing": {"rate": 0, "status": 503}}}, traffic=traffic)).count(503)
        == 0
    )
    assert (
        statuses(day({"api.example": {"failing": {"rate": 1, "status": 503}}}, traffic=traffic)).count(200)
        == 0
    )


def test_of_several_failures_the_first_that_comes_is_the_one(day):
    failing = [{"count": 1, "unreachable": True}, {"window": {"from": "+2h"}, "status": 502, "body": "down"}]
    loaded = day(
        {"api.example": {"failing": failing}}, traffic="- {name: c, requests: 4, path: /api.example/x}"
    )
    assert statuses(loaded) == [0, 502, 502, 502]


def test_an_answer_that_fails_may_have_headers_and_a_body_of_its_own(day):
    failing = {"status": 429, "headers": {"x-own": "later"}, "json": {"error": "slow down, {request.path}"}}
    expect = {"status": 429, "json:error": "slow down, /x", "header:x-own": "later"}
    loaded = day({"api.example": {"body": "x", "failing": failing}}, probes=[asks("/api.example/x", expect)])
    assert wrong(replay(loaded)) == []


def test_a_host_that_is_unreachable_on_purpose_loses_the_connection_and_fails_no_run(day):
    probe = asks("/api.example/x", {"text": "lost: Network connection lost."})
    result = replay(day({"api.example": {"unreachable": True}}, probes=[probe]))
    assert (result.verdict, result.problem, wrong(result)) == ("pass", "", [])


def test_a_host_that_hangs_is_given_up_after_100_seconds_with_error_524(day):
    probe = asks("/api.example/x", {"status": 524, "header:x-took": "100000"})
    assert wrong(replay(day({"api.example": {"hangs": True}}, probes=[probe]))) == []


def test_a_fetch_is_counted_by_the_status_it_was_answered_with(day):
    fetches = Fetches()
    replay(
        day(
            {"a.example": {"status": 399}, "b.example": {"status": 400}},
            probes=[asks("/a.example/x", {"status": 399}), asks("/b.example/x", {"status": 400})],
        ),
        observers=[fetches],
    )
    assert [(outcome, cause) for _, _, outcome, _, cause in fetches.all] == [
        ("ok", Cause.NONE),
        ("error", Cause.ORIGIN),
    ]


# how long it takes


def test_an_answer_comes_after_its_seconds_of_virtual_time(day):
    slow, drawn = {"seconds": "1s500ms"}, {"seconds": [2, "3s"]}
    origins = {"slow.example": slow, "api.example": drawn, "quick.example": {}}
    probes = [
        asks("/slow.example/x", {"header:x-took": "1500"}),
        asks("/api.example/x", {"header:x-took": "2000..3000"}),
        asks("/quick.example/x", {"header:x-took": "0"}),
    ]
    assert wrong(replay(day(origins, probes=probes))) == []


def test_the_faults_of_the_platform_come_on_top(day):
    fault = "platform: {faults: [{service: fetch, at: +0s, lasts: 1h, slower_s: 2}]}"
    probes = [
        asks("/api.example/x", {"header:x-took": "3000"}),
        asks("/api.example/x", {"header:x-took": "1000"}, at="+1h"),
    ]
    assert wrong(replay(day({"api.example": {"seconds": 1}}, probes=probes, rest=fault))) == []


# draws


DRAWN = {"api.example": {"seconds": [0, 5], "failing": {"rate": 0.3, "status": 503}}}
CALLS = "- {name: calls, requests: 50, path: /api.example/x}"


def _calls(loaded):
    fetches = Fetches()
    replay(loaded, observers=[fetches])
    return sorted((at, outcome) for at, host, outcome, _, _ in fetches.all if host == "api.example")


def test_other_traffic_and_other_origins_change_no_draw(day):
    alone = _calls(day(DRAWN, traffic=CALLS.replace("}", ", arrivals: diurnal}")))
    more = {**DRAWN, "b.example": {"failing": {"rate": 0.5, "unreachable": True}, "seconds": [0, 1]}}
    traffic = CALLS.replace("}", ", arrivals: diurnal}")
    traffic += "\n- {name: others, requests: 70, path: /b.example/x, arrivals: poisson}"
    assert _calls(day(more, traffic=traffic)) == alone


def test_another_seed_draws_anew_and_the_same_one_alike(day):
    loaded = day(DRAWN, traffic=CALLS)
    assert _calls(loaded) == _calls(loaded)
    assert _calls(loaded) != _calls(day(DRAWN, traffic=CALLS, rest="seed: 1"))
    assert json_report.render([replay(loaded)]) == json_report.render([replay(loaded)])


# beside a profile


def test_the_scenarios_origins_stand_over_those_of_the_workers_profile(tmp_path):
    text = """
name: day
start: 2026-02-16T00:00:00Z
worker: {entry: "worker_port:AiDietWorker", variant: hybrid}
traffic: [{plans: 2, ai_calls: 7}]
budgets: {plans.failed: %d}
%s
"""
    plain = load_text(text % (0, ""), tmp_path / "day.yaml")
    down = load_text(text % (2, "origins: {api.openai.com: {status: 500}}"), tmp_path / "day.yaml")
    others = load_text(text % (0, "origins: {'*': {status: 500}}"), tmp_path / "day.yaml")
    assert [replay(one).verdict for one in (plain, down, others)] == ["pass", "pass", "pass"]


def test_an_origin_without_a_body_has_none_after_a_scenario_has_met_a_configuration(day, tmp_path):
    (tmp_path / "wrangler.json").write_text('{"name": "x", "main": "caller.py"}')
    (tmp_path / "rates.txt").write_text("eur")
    loaded = day(
        {"api.example": {}, "file.example": {"file": "rates.txt"}},
        probes=[
            asks("/api.example/x", {"header:x-kind": "none"}),
            asks("/file.example/x", {"text": "eur"}),
        ],
    )
    config = load_wrangler_config(tmp_path / "wrangler.json", None)
    configured = loaded._replace(scenario=loaded.scenario.with_configuration(config))
    assert wrong(replay(configured)) == []
