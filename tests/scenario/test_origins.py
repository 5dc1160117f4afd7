from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import jsonschema
import pytest

from edgeday.errors import BadInput
from edgeday.scenario.errors_in_words import validate
from edgeday.scenario.loader import json_schema, load_text
from edgeday.scenario.model import Scenario
from edgeday.scenario.origins import Window

pytestmark = pytest.mark.usefixtures("forgotten_workers")

GOOD = {"name": "day", "start": "2026-02-16T00:00:00Z"}
HEAD = "name: day\nstart: 2026-02-16T00:00:00Z\n"


def wrong(origins):
    """What is said about origins, each after the place of what it is about."""
    scenario, errors = validate({**GOOD, "origins": origins})
    assert scenario is None
    return [
        ".".join(map(str, error.at)) + ": " + " ".join((error.what, error.hint)).strip() for error in errors
    ]


def hosts_of(*written):
    return list(Scenario.model_validate({**GOOD, "origins": {host: {} for host in written}}).origins)


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("api.example", "api.example"),
        ("API.Example", "api.example"),
        ("api.example:8443", "api.example:8443"),
        ("api.example:443", "api.example"),
        ("*.example", "*.example"),
        ("*.Example:81", "*.example:81"),
        ("*", "*"),
        ("*:8080", "*:8080"),
        ("localhost", "localhost"),
        ("127.0.0.1:5000", "127.0.0.1:5000"),
        ("[::1]:80", "[::1]:80"),
        ("меню.example", "меню.example".encode("idna").decode()),
    ],
)
def test_a_host_is_kept_as_a_url_has_it(written, host):
    assert hosts_of(written) == [host]


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("https://api.example/x", "api.example"),
        ("api.example/x", "api.example"),
        ("api.*.example", "api.example.com"),
        ("a b", "a"),
        ("", "api.example.com"),
    ],
)
def test_what_is_no_host_is_said_with_one(written, instead):
    (problem,) = wrong({written: {}})
    assert f"is no host; write {instead}, *.example.com, or * for every other host" in problem


@pytest.mark.parametrize(
    ("origin", "problem"),
    [
        ({"stauts": 200}, 'a.b.stauts: unknown key "stauts" did you mean "status"?'),
        ({"status": 99}, 'a.b.status: "status" must be at least 200; this is 99'),
        ([{"status": 99}], 'a.b.0.status: "status" must be at least 200; this is 99'),
        ({"body": "x", "json": {}}, 'a.b.json: "body" and "json" are two bodies: leave one'),
        ({"file": "x", "body": "y"}, 'a.b.file: "body" and "file" are two bodies: leave one'),
        ({"status": 204, "body": "x"}, "a.b.body: an answer of status 204 has no body"),
        (
            {"unreachable": True, "status": 200},
            'a.b.status: "unreachable" means that no answer comes: leave "status" out',
        ),
        (
            {"hangs": True, "unreachable": True},
            "a.b.hangs: what is unreachable cannot hang as well: leave one",
        ),
        ({"headers": {"x y": "z"}}, 'a.b.headers.x y: no header can be "x y: z": Invalid header name.'),
        ({"seconds": 86_401}, 'a.b.seconds: "seconds" may go up to 86,400'),
        ({"failing": {}}, "a.b.failing: fails how? say status: 503, unreachable: true or hangs: true"),
        (
            {"failing": {"rate": 1.5, "status": 503}},
            'a.b.failing.rate: "rate" must be at most 1; this is 1.5',
        ),
        ({"failing": {"status": 302}}, "a.b.failing.status: 302 is no failure; write a status from 400 on"),
        (
            {"failing": [{"status": 503}, {"count": 0, "status": 503}]},
            "a.b.failing.1.count: 1..0 is no part of 1, 2, 3 and so on",
        ),
        (
            {"failing": {"count": "3-4", "status": 503}},
            "a.b.failing.count: write how many fail from the first on, such as 3, or which, such as 4..6",
        ),
        (
            {"failing": {"window": {"from": "noon"}, "status": 503}},
            'a.b.failing.window.from: "noon" is no instant; write an offset (+2h) or a time of day (12:30)',
        ),
        (
            {"failing": {"window": {"from": "12:00"}, "status": 503}},
            "a.b.failing.window.to: every day from 12:00, but until when? say to",
        ),
        (
            {"failing": {"window": {"from": "12:00", "to": "+2h"}, "status": 503}},
            "a.b.failing.window.to: one end is an offset, the other a time of day: write both alike",
        ),
        (
            {"failing": {"window": {"from": "+2h", "to": "+2h"}, "status": 503}},
            "a.b.failing.window.to: from +2h to +2h is no time at all",
        ),
    ],
)
def test_what_an_origin_cannot_be_is_said_at_its_place(origin, problem):
    (said,) = wrong({"a.b": origin})
    assert said.removeprefix("origins.") == problem


def test_all_that_is_wrong_with_origins_is_said_in_one_go():
    assert (
        len(wrong({"a.b": {"status": 1}, "c.d": [{"failing": {}}, {"json": 1, "body": ""}], "e/f": {}})) == 4
    )


@pytest.mark.parametrize(
    ("window", "now_s", "is_in"),
    [
        ({"from": "+1h", "to": "+2h"}, 3599.999, False),
        ({"from": "+1h", "to": "+2h"}, 3600, True),
        ({"from": "+1h", "to": "+2h"}, 7199.999, True),
        ({"from": "+1h", "to": "+2h"}, 7200, False),
        ({"from": "+1h"}, 3599, False),
        ({"from": "+1h"}, 9e9, True),
        ({"from": "12:00", "to": "12:00:01"}, 12 * 3600 - 0.001, False),
        ({"from": "12:00", "to": "12:00:01"}, 12 * 3600, True),
        ({"from": "12:00", "to": "12:00:01"}, 12 * 3600 + 1, False),
        ({"from": "12:00", "to": "12:00:01"}, 86_400 + 12 * 3600, True),
        ({"from": "23:00", "to": "01:00"}, 22 * 3600, False),
        ({"from": "23:00", "to": "01:00"}, 23 * 3600, True),
        ({"from": "23:00", "to": "01:00"}, 3599, True),
        ({"from": "23:00", "to": "01:00"}, 3600, False),
        ({"from": "23:00", "to": "00:00"}, 23 * 3600 + 3599, True),
        ({"from": "23:00", "to": "00:00"}, 0, False),
    ],
)
def test_a_window_has_its_beginning_and_not_its_end(window, now_s, is_in):
    midnight = 1771200000
    assert Window.model_validate(window).has(midnight + now_s, midnight) is is_in


def problems_of(tmp_path, text):
    """What is wrong, each with what stands in the file at its place, in as many letters as are wanted."""
    text = HEAD + dedent(text)
    with pytest.raises(BadInput) as raised:
        load_text(text, tmp_path / "day.yaml")
    lines = text.splitlines()
    return [(lines[one.line - 1][one.column - 1 :], one.what) for one in raised.value.problems]


def test_placeholders_that_mean_nothing_are_problems_at_their_places(tmp_path):
    problems = problems_of(
        tmp_path,
        """\
        values: {user: [ann, bob]}
        origins:
          api.example:
            - {json: {who: "{usr}", "{key}": 1}, headers: {x-path: "{request.pth}"}}
            - {body: "{request.query} {{user}} {user}", failing: {status: 503, body: "{request.header}"}}
          other.example: {body: "{request.json} {request.json.a.0} {request.method.x}"}
        """,
    )
    assert [what for _, what in problems] == [
        "nothing defines {usr}",
        "nothing defines {key}",
        "{request.pth} is no part of a request",
        "{request.query} is no part of a request",
        "{request.header} is no part of a request",
        "{request.method.x} is no part of a request",
    ]
    assert all(rest.startswith(what[what.index("{") : what.index("}") + 1]) for rest, what in problems)


def test_a_file_that_is_not_there_is_a_problem_at_the_place_that_names_it(tmp_path):
    (tmp_path / "rates.json").write_text("{}")
    assert problems_of(
        tmp_path, "origins: {a.b: [{file: rates.json}, {file: gone.json, failing: {status: 500, file: .}}]}\n"
    ) == [
        (
            "gone.json, failing: {status: 500, file: .}}]}",
            "gone.json cannot be read: No such file or directory",
        ),
        (".}}]}", ". cannot be read: Is a directory"),
    ]


@pytest.mark.parametrize(
    ("host", "other"),
    [
        ("api.example", "API.example"),
        ("api.example", '"api.example:443"'),
        ("'*.b.example'", "'*.B.example'"),
    ],
)
def test_a_host_that_is_declared_twice_is_a_problem(tmp_path, host, other):
    text = f"origins: {{{host}: {{status: 200}}, {other}: {{status: 201}}}}\n"
    ((_, what),) = problems_of(tmp_path, text)
    first, second = (one.strip("'\"") for one in (host, other))
    assert what == f'"{second}" is the same host as "{first}": write its answers as a list'


@pytest.mark.parametrize(
    ("written", "what"),
    [
        ('""', "'' cannot be read: Is a directory"),
        ('"a\\0"', "'a\\x00' cannot be read: embedded null byte"),
        ("x" * 300, f"{'x' * 300} cannot be read: File name too long"),
    ],
)
def test_a_name_that_no_file_can_have_is_a_problem(tmp_path, written, what):
    assert [one for _, one in problems_of(tmp_path, f"origins: {{a.b: {{file: {written}}}}}\n")] == [what]


def test_the_json_schema_takes_origins_in_all_their_forms(tmp_path):
    (tmp_path / "rates.json").write_text("{}")
    document = {
        **GOOD,
        "origins": {
            "a.b": {
                "status": 200,
                "json": {"x": 1},
                "seconds": [0.1, 0.4],
                "failing": {"rate": 0.5, "status": 500},
            },
            "*.c": [
                {"method": "POST", "path": "/x/*", "file": "rates.json", "headers": {"x": "y"}},
                {"failing": [{"count": 3, "hangs": True}, {"count": "4..6", "unreachable": True}]},
            ],
            "*": {"failing": {"window": {"from": "+2h", "to": "+3h"}, "status": 503}},
        },
    }
    jsonschema.Draft202012Validator(json.loads(json_schema())).validate(document)
    assert load_text(json.dumps(document), tmp_path / "day.yaml").scenario.origins


@pytest.mark.parametrize(
    "origin",
    [
        {},
        {"json": {"x": None}},
        {"status": 204, "seconds": [0, 1]},
        {"failing": {"count": 3, "status": 503, "window": {"from": "+1h"}}},
        [{"body": ""}, {"method": "POST", "unreachable": True}],
    ],
)
def test_a_scenario_with_origins_is_the_same_after_a_round_trip(origin):
    origins = {"a.b": origin}
    scenario = Scenario.model_validate({**GOOD, "origins": origins})
    again = Scenario.model_validate(json.loads(json.dumps(scenario.model_dump(mode="json"))))
    assert again.origins == scenario.origins
    assert again.model_dump(mode="json") == scenario.model_dump(mode="json")


# hosts that the worker's source shows

WORKER = """\
from edgeday import Response, fetch


class Rates:
    async def fetch(self, request):
        await fetch("https://mail.example/send")
        return await fetch("https://rates.example/latest")
"""
DAY = """\
worker: rates.py
traffic: [{requests: 1, path: /}]
"""


@pytest.fixture
def place(tmp_path):
    (tmp_path / "rates.py").write_text(WORKER)
    return tmp_path


def test_each_host_that_the_source_shows_and_nothing_declares_is_a_problem(place):
    with pytest.raises(BadInput) as raised:
        load_text(HEAD + DAY, place / "day.yaml")
    assert [(problem.line, problem.what) for problem in raised.value.problems] == [
        (3, "rates.py:6 fetches mail.example, and no origin answers for it"),
        (3, "rates.py:7 fetches rates.example, and no origin answers for it"),
    ]
    assert "declare it: origins: {mail.example: {status: 200, json: {}}}" in str(raised.value)


def test_beside_other_origins_the_hint_is_the_line_to_add(place):
    with pytest.raises(BadInput) as raised:
        load_text(f"{HEAD}{DAY}origins: {{mail.example: {{}}}}\n", place / "day.yaml")
    (problem,) = raised.value.problems
    assert (problem.line, problem.what) == (
        5,
        "rates.py:7 fetches rates.example, and no origin answers for it",
    )
    assert "write below it: rates.example: {status: 200, json: {}}" in str(problem)


@pytest.mark.parametrize(
    "origins", ["{rates.example: {}, mail.example: {}}", "{'*.example': {}}", "{'*': {}}"]
)
def test_a_host_that_an_origin_stands_for_is_no_problem(place, origins):
    assert load_text(f"{HEAD}{DAY}origins: {origins}\n", place / "day.yaml").scenario.origins


def test_the_hint_is_what_makes_the_problem_go_away(place):
    origins = "{rates.example: {status: 200, json: {}}, mail.example: {unreachable: true}}"
    assert load_text(f"{HEAD}{DAY}origins: {origins}\n", place / "day.yaml").scenario.name == "day"


def test_a_scenario_that_asks_nothing_of_the_worker_needs_no_origins(place):
    text = HEAD + "worker: rates.py\nbackground: [{writes: 1}]\n"
    assert load_text(text, place / "day.yaml").scenario.name == "day"


def test_undeclared_hosts_are_said_together_with_what_else_is_wrong(place):
    text = HEAD + 'worker: rates.py\ntraffic: [{requests: -1, path: "/{n}"}]\norigins: {mail.example: {}}\n'
    with pytest.raises(BadInput) as raised:
        load_text(text, place / "day.yaml")
    assert [problem.what for problem in raised.value.problems] == [
        '"requests" must be at least 0; this is -1',
        "nothing defines {n}",
        "rates.py:7 fetches rates.example, and no origin answers for it",
    ]


def test_the_hosts_of_the_workers_profile_need_no_origin():
    from edgeday.scenario.loader import load_one

    scenario = load_one(Path(__file__).parents[2] / "scenarios" / "normal-day.yaml").scenario
    assert "api.openai.com" in scenario.profile.outbound
    assert not scenario.origins
