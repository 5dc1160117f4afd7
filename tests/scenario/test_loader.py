from __future__ import annotations

import json
import re
import sys
from itertools import groupby
from pathlib import Path
from textwrap import dedent

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeday.errors import BadInput
from edgeday.limits import Switches
from edgeday.scenario.errors_in_words import _PATTERN_WORDS, validate
from edgeday.scenario.loader import json_schema, load, load_one
from edgeday.scenario.model import Scenario
from edgeday.scenario.templates import NAME
from edgeday.scenario.yaml_source import read_yaml
from worker_port import AiDietWorker

SCENARIOS = sorted((Path(__file__).parents[2] / "scenarios").glob("*.yaml"))
GOOD = {"name": "good", "start": "2026-02-16T00:00:00Z"}


def write(path, text):
    path.write_text(dedent(text), encoding="utf-8")
    return path


def problems_of(*paths):
    with pytest.raises(BadInput) as raised:
        load(paths)
    return [str(problem).splitlines()[0] for problem in raised.value.problems]


def wrong(**fields):
    """What is said about a scenario with these fields, each after the place of what it is about."""
    scenario, errors = validate({**GOOD, **fields})
    assert scenario is None
    return [
        ".".join(map(str, error.at)) + ": " + " ".join((error.what, error.hint)).strip() for error in errors
    ]


def plans(**fields):
    return {"traffic": [{"plans": 50, **fields}]}


# good files


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_the_scenarios_of_the_project_are_valid(path):
    assert load_one(path).scenario.name == path.stem


def test_a_scenario_needs_no_more_than_a_name_and_a_start(tmp_path):
    path = write(tmp_path / "day.yaml", "{name: day, start: 2026-02-16T02:00:00+02:00}")
    scenario = load_one(path).scenario
    assert scenario.start.isoformat() == "2026-02-16T00:00:00+00:00"
    assert (scenario.days, scenario.account, scenario.seed) == (1, "free", 0)
    assert (scenario.entry, scenario.bindings) == ("", {})
    assert scenario.limits == Switches()


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ({"arrivals": "poisson"}, {"arrivals": {"kind": "poisson"}}),
        (
            {"arrivals": "even"},
            {"arrivals": {"kind": "even", "weights": None, "at": None, "minutes": 10, "share": 1.0}},
        ),
        ({"ai": {"seconds": 5}}, {"ai": {"seconds": {"kind": "fixed", "value": 5}}}),
        ({"ai": {"seconds": [5, 6]}}, {"ai": {"seconds": {"kind": "uniform", "low": 5, "high": 6}}}),
    ],
)
def test_what_may_be_written_short_means_the_same_as_written_long(short, long):
    first, second = (Scenario.model_validate({**GOOD, **plans(**fields)}) for fields in (short, long))
    assert first == second


def test_a_number_as_a_budget_stands_for_its_equality():
    scenario = Scenario.model_validate({**GOOD, "budgets": {"kv.refused": 0, "kv.errors": [1, ">= 0"]}})
    assert scenario.budgets == {"kv.refused": ("== 0",), "kv.errors": ("== 1", ">= 0")}


# one thing wrong


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"acount": "free"}, 'acount: unknown key "acount" did you mean "account"?'),
        ({"worker": {"foo": 1}},
         'worker.foo: unknown key "foo" known here: entry, profile, variant, vars, env, stubs'),
        (plans(error={}), 'traffic.0.error: unknown key "error" did you mean "errors"?'),
        ({"traffic": [{"requests": 1, "path": "/x", "hedders": {}}]},
         'traffic.0.hedders: unknown key "hedders" did you mean "headers"?'),
        ({"account": "pro"}, 'account: "account" must be "free" or "paid"; this is "pro"'),
        ({"account": None}, 'account: "account" must be "free" or "paid"; this is nothing'),
        ({"limits": {"seconds": 5}},
         ('limits.seconds: unknown key "seconds" known here: daily_kv, key_write_rate, subrequests, '
          'value_sizes, requests, cut_off')),
        ({"limits": "off"}, 'limits: "limits" must be a mapping; this is "off"'),
        ({"limits": {"subrequests": "obsrve"}},
         ('limits.subrequests: "subrequests" must be "enforce", "observe" or "off"; this is "obsrve" '
         'did you mean "observe"?')),
        ({"days": "1"}, 'days: "days" must be a whole number; this is "1"'),
        ({"days": 1.5}, 'days: "days" must be a whole number; this is 1.5'),
        ({"days": True}, 'days: "days" must be a whole number; this is true'),
        ({"days": 0}, 'days: "days" must be at least 1; this is 0'),
        ({"days": 401}, 'days: "days" must be at most 400; this is 401'),
        ({"name": ""}, 'name: "name" must not be empty; this is ""'),
        ({"name": "x" * 81}, 'name: "name" must have at most 80 characters; this is text'),
        ({"name": "a/b"},
         'name: "name" must be letters, digits, blanks and . _ -, a letter or digit first; this is "a/b"'),
        ({"description": ["x"]}, 'description: "description" must be text; this is ["x"]'),
        ({"traffic": {"plans": 1}}, 'traffic: "traffic" must be a list; this is {"plans": 1}'),
        ({"traffic": [5]}, 'traffic.0: item 1 of "traffic" must be a mapping; this is 5'),
        ({"start": "2026-02-16T00:00:00"},
         'start: "2026-02-16T00:00:00" has no time zone; write 2026-02-16T00:00:00Z for UTC'),
        ({"start": "2026-02-16"},
         'start: "2026-02-16" has no time zone; write 2026-02-16T00:00:00Z for UTC'),
        ({"start": "tomorrow"}, 'start: "tomorrow" is no instant; write 2026-02-16T00:00:00Z'),
        ({"start": 5}, 'start: "start" must be an instant such as 2026-02-16T00:00:00Z; this is 5'),
        ({"start": "0001-01-01T00:00:00+23:00"},
         'start: "0001-01-01T00:00:00+23:00" is outside the calendar'),
        ({"start": "2018-09-27T00:00:00Z"},
         "start: no limits are known for 2018-09-27: Workers KV did not exist yet"),
        ({"worker": {"entry": "nonsense"}},
         ('worker.entry: "nonsense" names no class; write package.module:Class '
          "or a file: src/entry.py, src/index.ts, wrangler.jsonc")),
        ({"worker": {"profile": "diet", "vars": {"page_content": 1}}},
         'worker.vars.page_content: "page_content" is the name of a KV binding too'),
        ({"worker": {"profile": "diet"}, "namespaces": {"OPENAI_API_KEY": "x"}},
         'namespaces.OPENAI_API_KEY: "OPENAI_API_KEY" is a variable that every worker gets'),
        (plans(plans=-1), 'traffic.0.plans: "plans" must be at least 0; this is -1'),
        (plans(plans=1_000_001), 'traffic.0.plans: "plans" must be at most 1000000; this is 1000001'),
        (plans(plans=[1, 2]), "traffic.0.plans: 2 numbers are given for 1 day"),
        (plans(ai_calls=8), 'traffic.0.ai_calls: "ai_calls" must be 7 or 9; this is 8'),
        (plans(errors={"plans": 51}), "traffic.0.errors.plans: 51 error plans are more than the 50 plans"),
        (plans(errors={"plans": 1, "response_errors": 8}),
         "traffic.0.errors.response_errors: 8 response errors are more than the 7 calls of a plan"),
        (plans(errors={}),
         "traffic.0.errors: say how many plans have errors (plans: 2) or at what rate (rate: 0.05)"),
        (plans(errors={"plans": 1, "rate": 0.5}),
         "traffic.0.errors.rate: say either how many plans have errors, or at what rate"),
        (plans(errors={"rate": 1.01}), 'traffic.0.errors.rate: "rate" must be at most 1; this is 1.01'),
        (plans(arrivals="diurnl"),
         ('traffic.0.arrivals: "arrivals" must be "even", "poisson", "diurnal", "burst", "ramp" or "stages"; '
         'this is "diurnl" did you mean "diurnal"?')),
        (plans(arrivals={"kind": "diurnal", "weights": [1] * 23}),
         "traffic.0.arrivals.weights: 24 weights are needed, one for each hour; these are 23"),
        (plans(arrivals={"kind": "diurnal", "weights": [0] * 24}),
         "traffic.0.arrivals.weights: the weights are all 0: no hour would get a request"),
        (plans(arrivals={"kind": "even", "weights": [1] * 24}),
         "traffic.0.arrivals.weights: weights belong to diurnal arrivals, not to even"),
        (plans(arrivals={"minutes": 5}),
         "traffic.0.arrivals.minutes: minutes belong to burst arrivals, not to even"),
        (plans(ai={"seconds": {"kind": "normal", "mean": 3, "sd": 1, "low": 2}}),
         "traffic.0.ai.seconds.low: low belongs to uniform distributions, not to normal"),
        (plans(arrivals={"kind": "burst", "at": "24:00"}),
         'traffic.0.arrivals.at.0: "24:00" is no time of day; write HH:MM or HH:MM:SS'),
        (plans(ai={"seconds": [6, 5]}), "traffic.0.ai.seconds: least 6 is more than most 5"),
        (plans(ai={"seconds": -1}), 'traffic.0.ai.seconds: "seconds" must be at least 0; this is -1'),
        (plans(ai={"seconds": float("inf")}),
         'traffic.0.ai.seconds: "seconds" must be a finite number; this is Infinity'),
        (plans(ai={"seconds": 90_000}), 'traffic.0.ai.seconds: "seconds" may go up to 86,400'),
        ({"budgets": {"kv.writs.accepted": 6}},
         ('budgets.kv.writs.accepted: unknown metric "kv.writs.accepted" '
         '(did you mean "kv.writes.accepted"?)')),
        ({"budgets": {"kv.refused": True}}, 'budgets.kv.refused: "kv.refused" must be text; this is true'),
        ({"claims": [{"says": "x", "metric": "ai.cals", "value": 1}]},
         'claims.0.metric: unknown metric "ai.cals" (did you mean "ai.calls"?)'),
        ({"claims": [{"says": "x", "metric": "ai.calls", "value": float("inf")}]},
         'claims.0.value: "value" must be a finite number; this is Infinity'),
        ({"claims": [{"metric": "ai.calls", "value": 1}]}, 'claims.0: "says" is missing'),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_a_readers_words(fields, message):
    assert wrong(**fields) == [message]


@pytest.mark.parametrize("start", ["[]", "{}", "null", ".inf", "1e308", "10000000000000000000000000000000"])
def test_a_start_of_another_kind_is_one_problem(tmp_path, start):
    path = write(tmp_path / "day.yaml", f"name: day\nstart: {start}\nbudgets: {{requests.started: 0}}\n")
    (problem,) = problems_of(path)
    assert problem.startswith(f"{path}:2:8: ")


@pytest.mark.parametrize("missing", ["name", "start"])
def test_a_scenario_without_its_name_or_start_is_refused(missing):
    _, errors = validate({name: value for name, value in GOOD.items() if name != missing})
    assert [(error.at, error.what) for error in errors] == [((), f'"{missing}" is missing')]


@pytest.mark.parametrize(("error_plans", "possible"), [(50, True), (51, False)])
def test_all_plans_may_have_errors_but_not_more(error_plans, possible):
    scenario, errors = validate({**GOOD, **plans(errors={"plans": error_plans})})
    assert (scenario is not None) is possible
    assert bool(errors) is not possible


def test_every_pattern_of_the_model_is_explained_in_words():
    patterns = set(re.findall(r'"pattern": "((?:[^"\\]|\\.)*)"', json_schema()))
    fields = {json.loads(f'"{pattern}"') for pattern in patterns}
    budgets = {pattern for pattern in fields if "max" in pattern}
    names_of_values = {f"^{NAME}$"}  # which the model says itself
    assert fields - budgets - names_of_values == set(_PATTERN_WORDS)


# many things wrong


def test_every_problem_of_every_file_is_named_in_one_go_with_file_line_and_column(tmp_path, monkeypatch):
    first = write(
        tmp_path / "first.yaml",
        """\
        name: same
        start: 2026-02-16T00:00:00
        acount: free
        worker: {entry: "worker_port:AiDietWorker", variant: hybrd}
        traffic:
          - plans: 50
            errors: {plans: 60, respons_errors: 2}
          - plans: -5
            ai: {seconds: "long"}
        budgets:
          kv.writs.accepted: "<= 6"
          kv.refused: "=> 6"
          ai.calls: "<= 50%"
        """,
    )
    second = write(tmp_path / "second.yaml", "name: same\nstart: 2026-02-16T00:00:00Z\ndays: many\n")
    third = tmp_path / "third.yaml"
    monkeypatch.chdir(tmp_path)
    problems = problems_of(*(path.relative_to(tmp_path) for path in (first, third, second)))
    assert problems == [
        'first.yaml:2:8: "2026-02-16T00:00:00" has no time zone; write 2026-02-16T00:00:00Z for UTC',
        'first.yaml:3:1: unknown key "acount"',
        f'first.yaml:4:54: unknown variant "hybrd" (there are {", ".join(AiDietWorker.variants)})',
        "first.yaml:7:21: 60 error plans are more than the 50 plans",
        'first.yaml:7:25: unknown key "respons_errors"',
        'first.yaml:8:12: "plans" must be at least 0; this is -5',
        'first.yaml:9:19: "long" is no duration; write 40s, 1m30s, 200ms or a number of seconds',
        'first.yaml:11:3: unknown metric "kv.writs.accepted" (did you mean "kv.writes.accepted"?)',
        (
            'first.yaml:12:15: "=> 6" is no budget: write a comparison (<= 6, == 0), a share of the limit '
            "(<= 50%) or a range (10..30); before it perhaps: max over 1h; after it: always, or no data"
        ),
        'first.yaml:13:13: "<= 50%": no account limit belongs to ai.calls, so there is no share of it',
        "third.yaml: no such file",
        'second.yaml:1:7: the name "same" is taken by first.yaml',
        'second.yaml:3:7: "days" must be a whole number; this is "many"',
    ]


@pytest.mark.parametrize("key", ["<", "<plans>", "[key]", ""])
def test_a_key_that_looks_like_the_models_own_marks_is_unknown_like_any_other(key):
    for fields, place in (
        ({key: 1}, ""),
        ({"worker": {key: 1}}, "worker."),
        (plans(**{key: 1}), "traffic.0."),
    ):
        (message,) = wrong(**fields)
        assert message.startswith(f'{place}{key}: unknown key "{key}"')


def test_three_parts_of_one_name_are_two_problems():
    assert wrong(traffic=[{"plans": 1}] * 3) == [
        'traffic.1.name: two parts of the traffic are called "plans"',
        'traffic.2.name: two parts of the traffic are called "plans"',
    ]


def test_what_depends_on_a_wrong_value_is_not_said():
    messages = wrong(traffic=[{"plans": 5, "arrivals": {"kind": "diurnl", "weights": [1] * 24}}])
    assert len(messages) == 1
    messages = wrong(traffic=[{"plans": 5, "errors": {"plans": "one"}}])
    assert messages == ['traffic.0.errors.plans: "plans" must be a whole number; this is "one"']


def test_a_file_that_is_named_twice_is_refused(tmp_path):
    path = write(tmp_path / "day.yaml", "{name: day, start: 2026-02-16T00:00:00Z}")
    assert problems_of(path, path) == [f'{path}:1:8: the name "day" is taken by {path}']


@pytest.mark.parametrize(
    ("text", "kind"),
    [("- 1", "a list"), ("5", "a number"), ("text", "text"), ("~", "nothing"), ("true", "true or false")],
)
def test_a_file_that_holds_no_mapping_is_refused(tmp_path, text, kind):
    path = write(tmp_path / "day.yaml", text)
    assert problems_of(path) == [f"{path}:1:1: a scenario is a mapping, this is {kind}"]


def test_the_loader_goes_through_a_file_in_one_pass():
    own, entered = "edgeday.scenario.loader", []

    def note(frame, event, argument):
        if event == "call" and frame.f_back is not None and frame.f_back.f_globals["__name__"] == own:
            entered.append(frame.f_globals["__name__"])

    sys.setprofile(note)
    try:
        load_one(SCENARIOS[0])
    finally:
        sys.setprofile(None)
    others = [name for name, _ in groupby(entered) if name.startswith("edgeday.") and name != own]
    rooms = [name.rpartition(".")[2] for name in others]
    once = [
        "yaml_source",
        "errors_in_words",
        "written_budgets",
        "value_files",
        "placeholders",
        "origin_values",
        "model",
        "entry",
        "origins_needed",
        "stub_names",
    ]
    assert rooms == [*once, "yaml_source"]


# workers


def worker_file(tmp_path, entry):
    return write(
        tmp_path / "day.yaml", f"name: x\nstart: 2026-02-16T00:00:00Z\nworker: {{entry: '{entry}'}}\n"
    )


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("no_such_module:Worker", ('the worker "no_such_module:Worker" cannot be imported: No module named '
         "'no_such_module'")),
        ("workers_broken:Worker", 'importing "workers_broken" raised ZeroDivisionError: division by zero'),
        ("workers_fine:Nothing", ('"Nothing" in workers_fine is no worker: a class with '
         "`async def fetch(self, request)`")),
        ("workers_fine:not_a_class", ('"not_a_class" in workers_fine is no worker: a class with '
         "`async def fetch(self, request)`")),
        (".relative:Worker", '".relative:Worker" names no class; write package.module:Class'),
        (":Worker", '":Worker" names no class; write package.module:Class'),
        ("workers_fine:", '"workers_fine:" names no class; write package.module:Class'),
    ],
)  # fmt: skip
def test_a_worker_that_cannot_be_used_is_named_at_its_entry(tmp_path, monkeypatch, entry, message):
    (tmp_path / "workers_broken.py").write_text("1 / 0\n")
    (tmp_path / "workers_fine.py").write_text(
        "not_a_class = 5\nclass Mine:\n    async def fetch(self, request): ...\n"
    )
    monkeypatch.chdir(tmp_path)
    path = worker_file(tmp_path, entry)
    assert problems_of(path) == [f"{path}:3:17: {message}"]


def test_a_misspelt_class_gets_the_nearest_worker_as_a_hint(tmp_path):
    with pytest.raises(BadInput, match='did you mean "AiDietWorker"'):
        load([worker_file(tmp_path, "worker_port:AiDietWorkr")])


# the schema


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_the_json_schema_accepts_the_scenarios_of_the_project(path):
    jsonschema.Draft202012Validator(json.loads(json_schema())).validate(read_yaml(path).value)


@pytest.mark.parametrize(
    "fields",
    [
        {"acount": "free"},
        {"days": 0},
        {"days": "1"},
        plans(plans=-1),
        plans(ai_calls=8),
        plans(errors={"plans": 1, "then": "stop"}),
        {"budgets": {"kv.writs.accepted": 6}},
        {"budgets": {"kv.refused": "=> 6"}},
        {"claims": [{"says": "x", "metric": "ai.cals", "value": 1}]},
    ],
)
def test_the_json_schema_refuses_what_the_model_refuses(fields):
    schema = jsonschema.Draft202012Validator(json.loads(json_schema()))
    assert schema.is_valid(GOOD)
    assert wrong(**fields)
    assert not schema.is_valid({**GOOD, **fields})


def requests_of(**fields):
    return {"traffic": [{"requests": 1, **fields}]}


def late(jitter):
    return {"traffic": [{"cron": "* * * * *", "jitter": jitter}]}


@pytest.mark.parametrize(
    ("jitter", "message"),
    [
        ({"lognormal": {"median": -1}}, '.lognormal.median: "median" must be more than 0; this is -1'),
        ({"lognormal": {"medain": 1}}, '.lognormal: "median" is missing'),
        ({"uniform": [1, "x"]},
         '.uniform.1: "x" is no duration; write 40s, 1m30s, 200ms or a number of seconds'),
        ({"uniform": [5, 1]}, ".uniform: least 5 is more than most 1"),
        ({"fixed": -1}, '.fixed: "fixed" must be at least 0; this is -1'),
        ([1, "soon"], '.1: "soon" is no duration; write 40s, 1m30s, 200ms or a number of seconds'),
        ({"normal": {"mean": 1, "sd": 1, "least": 3, "most": 2}},
         ".normal.most: least 3 is more than most 2"),
        ({"lognormal": 5},
         (': "jitter" must be a number, two numbers [least, most], or a mapping with fixed, uniform, normal '
          'or lognormal, such as {lognormal: {median: 40, sigma: 0.5}}; this is {"lognormal": 5}')),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_distribution_is_said_where_it_is_written(jitter, message):
    assert wrong(**late(jitter))[0] == f"traffic.0.jitter{message}"


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ({"values": {"a": {"zipf": 5}, "b": {"sequence": {"from": 1, "to": 3}}, "c": [1], "d": "x"}},
         {"values": {"a": {"zipf": "5"}}}),
        ({"values": {"a": {"choice": {"x": 1}}, "b": {"uniform": [1, 2]}, "c": {"file": "f", "column": "c"}}},
         {"values": {"1st": 1}}),
        (requests_of(get="/"), requests_of()),
        (requests_of(path="/", method="POST", json={}), requests_of(get="/", post="/")),
        (requests_of(mix=[{"get": "/", "weight": 3}, {"post": "/", "json": 1}]),
         requests_of(mix=[{"weight": 3}])),
        (requests_of(get="/", arrivals=[{"for": "8h", "rate": 1}, {"rate": 2, "ramp_to": 0}]),
         requests_of(get="/", arrivals=[{"for": "8h", "rat": 1}])),
        (requests_of(get="/", arrivals={"kind": "ramp", "from": 1, "between": ["01:00", "24:00"]}),
         requests_of(get="/", arrivals={"kind": "ramp", "frm": 1})),
        (late(3), late(-3)),
        (late("40s"), late({"kind": "fixed"})),
        (late([1, "1m"]), late([1, "1m", 2])),
        (late({"uniform": [1, 2]}), late({"uniform": [1]})),
        (late({"lognormal": {"median": "40s", "most": 90}}), late({"lognormal": {"medain": "40s"}})),
        (late({"kind": "normal", "mean": "2s", "sd": 1}), late({"kind": "norml", "mean": 2, "sd": 1})),
    ],
)  # fmt: skip
def test_editors_say_what_the_loader_says(good, bad):
    schema = jsonschema.Draft202012Validator(json.loads(json_schema()))
    assert schema.is_valid({**GOOD, **good})
    assert validate({**GOOD, **good})[0] is not None
    assert not schema.is_valid({**GOOD, **bad})
    assert validate({**GOOD, **bad})[0] is None


def test_the_json_schema_is_a_good_one_and_the_file_in_scenarios_is_up_to_date():
    jsonschema.Draft202012Validator.check_schema(json.loads(json_schema()))
    committed = (SCENARIOS[0].parent / "scenario.schema.json").read_text("utf-8")
    assert committed == json_schema(), "run: edgeday validate --schema > scenarios/scenario.schema.json"


# anything at all

VALID = """name: day
start: 2026-02-16T00:00:00Z
days: 2
account: free
worker: {entry: "worker_port:AiDietWorker", variant: hybrid, vars: {A: 1}}
limits: {subrequests: observe}
traffic:
  - plans: [5, 6]
    ai_calls: 9
    arrivals: {kind: burst, at: "12:30", minutes: 5}
    errors: {plans: 2, request_errors: 1, response_errors: 2, then: continue}
    ai: {seconds: [4, 12], retries: {rate: 0.5}}
  - {name: chat, requests: 3, path: /api/chat, method: POST, body: {message: x}}
background: [{writes: 5}]
probes: [{at: +1d, request: {path: /}, expect: {status: 200}}]
budgets: {kv.refused: 0, "kv.writes.accepted{family=x:*}": ["<= 6", "max over 1h <= 5"]}
claims: [{says: x, metric: ai.calls, value: 5}]
"""
_TOKENS = sorted(
    set(re.findall(r"[\w.]+|[^\w\s]", VALID)) | {"-1", "1e999", "~", "'x'", "[]", "{}", "true", "0.5"}
)


def test_the_scenario_that_is_mutated_is_valid(tmp_path):
    assert load_one(write(tmp_path / "day.yaml", VALID)).scenario.days == 2


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_mutated_scenario_is_loaded_or_refused_as_bad_input(tmp_path_factory, data):
    tokens = re.findall(r"[\w.]+|\s+|[^\w\s]", VALID)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(tokens) - 1))
        tokens[place] = data.draw(st.sampled_from(["", *_TOKENS]))
    path = tmp_path_factory.getbasetemp() / "mutated.yaml"
    path.write_text("".join(tokens), encoding="utf-8")
    assert all(problem.where.startswith(str(path)) for problem in refusals(path))


def refusals(path):
    """The problems of a file; none if it is good."""
    try:
        load([path])
    except BadInput as bad:
        return bad.problems
    return ()
