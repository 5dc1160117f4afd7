from __future__ import annotations

from textwrap import dedent

import pytest

from edgeday.errors import BadInput
from edgeday.scenario.loader import load_one
from tests.scenario_days import HEAD, SHOP_HEAD, loaded

OB = """\
name: a
start: 2026-11-27T00:00:00Z
worker: {entry: "tests.scenario_days:Shop"}
namespaces: {COUNTERS: c}
traffic: [{requests: 2, path: "/item/{n}?u=${user}"}]
"""


def problems(text, head=SHOP_HEAD):
    with pytest.raises(BadInput) as raised:
        loaded(text, head)
    lines = head.count("\n")
    return [f"{one.line - lines}:{one.column}: {one.what}" for one in raised.value.problems]


def test_every_placeholder_that_nothing_defines_is_a_problem_with_its_place_and_a_hint(tmp_path):
    path = tmp_path / "ob.yaml"
    path.write_text(OB, encoding="utf-8")
    with pytest.raises(BadInput) as raised:
        load_one(path)
    said = "\n".join(str(problem).replace(f"{tmp_path}/", "") for problem in raised.value.problems)
    assert (
        said
        == dedent("""\
        ob.yaml:5:38: nothing defines {n}
             5 | traffic: [{requests: 2, path: "/item/{n}?u=${user}"}]
               |                                      ^ HINT {n: {uniform: [1, 100]}}; TEXT {{n}}
        ob.yaml:5:45: nothing defines {user}
             5 | traffic: [{requests: 2, path: "/item/{n}?u=${user}"}]
               |                                             ^ HINT {user: {uniform: [1, 100]}}; TEXT {{user}}
        """)
        .replace("HINT", "define it: values:")
        .replace("TEXT", "the text itself is")
        .rstrip()
    )


def test_placeholders_are_looked_for_wherever_values_may_stand():
    text = """\
        values: {a: 1}
        traffic:
          - name: one
            requests: 1
            post: "/{a}{b}{b}"
            headers: {"x-{c}": "{d}"}
            json: {"{e}": [{deep: "a {f}"}], g: "{{g}}", a: "{a}"}
            host: "{h}.example"
            client: "10.{i}"
          - name: two
            requests: 1
            mix:
              - {get: "/{j}"}
              - post: /
                body: |
                  a text
                  with {k} in it
    """
    assert problems(text) == [
        "5:16: nothing defines {b}",
        "6:18: nothing defines {c}",
        "6:25: nothing defines {d}",
        "7:13: nothing defines {e}",
        "7:30: nothing defines {f}",
        "8:12: nothing defines {h}",
        "9:17: nothing defines {i}",
        "13:17: nothing defines {j}",
        "17:16: nothing defines {k}",
    ]


def test_a_name_that_is_nearly_one_that_is_defined_is_pointed_at():
    with pytest.raises(BadInput) as raised:
        loaded('values: {user: 1}\ntraffic: [{requests: 1, get: "/{usr}"}]', SHOP_HEAD)
    assert 'did you mean "user"?' in str(raised.value.problems[0])


def test_json_text_and_braces_in_double_are_no_placeholders():
    text = """
        traffic: [{requests: 1, post: "/{{x}}", body: '{"user": {"id": 1}, "all": {}}'}]
        probes:
          - at: +1h
            request: {method: POST, path: "/{{x}}", body: '{"user": {}}'}
            expect: {status: 200}
    """
    assert loaded(text, SHOP_HEAD).scenario.name == "day"


def test_a_probe_draws_no_values():
    text = """\
        values: {n: 1}
        probes:
          - at: +1h
            request: {method: POST, path: "/{n}", headers: {x: "{n}"}, body: {a: "{m}"}}
            expect: {status: 200}
    """
    assert problems(text) == [
        f"4:{column}: a probe draws no values, and {{{name}}} is one"
        for column, name in ((37, "n"), (57, "n"), (75, "m"))
    ]


@pytest.mark.parametrize(
    ("values", "request_", "problem"),
    [
        (
            r'{v: ["a", "b\nc"]}',
            'headers: {x: "<{v}>"}',
            r"{v} may be 'b\nc', which cannot stand in a header",
        ),
        (
            r'{v: {choice: {"b\nc": 1}}}',
            'client: "{v}."',
            r"{v} may be 'b\nc', which cannot stand in a header",
        ),
        ('{v: "a b"}', 'host: "{v}.example"', "{v} may be 'a b', which cannot stand in a host"),
        ('{v: "a:65536"}', 'host: "{v}"', "{v} may be 'a:65536', which cannot stand in a host"),
        ("{v: {file: lines.txt}}", 'host: "{v}"', "{v} may be 'two words', which cannot stand in a host"),
    ],
)
def test_a_value_that_cannot_stand_in_a_header_or_host_is_a_problem_before_the_run(
    tmp_path, values, request_, problem
):
    (tmp_path / "lines.txt").write_text("one\ntwo words\n", encoding="utf-8")
    path = tmp_path / "day.yaml"
    text = f"values: {values}\ntraffic:\n  - {{requests: 1, get: /, {request_}}}\n"
    path.write_text(HEAD + SHOP_HEAD.removeprefix(HEAD) + text, encoding="utf-8")
    with pytest.raises(BadInput) as raised:
        load_one(path)
    assert [(one.line, one.what) for one in raised.value.problems] == [(7, problem)]
    path.write_text(dedent(path.read_text("utf-8")).replace(request_, 'headers: {y: "a"}'), encoding="utf-8")
    assert load_one(path).scenario.name == "day"


def test_what_a_path_begins_with_has_to_be_a_path():
    text = """\
        values: {good: [/a, "https://a.example/"], bad: [/a, b], n: {zipf: 3}}
        traffic:
          - {name: a, requests: 1, get: "{good}"}
          - {name: b, requests: 1, get: "{bad}?x={n}"}
          - {name: c, requests: 1, mix: [{post: "{n}/{bad}"}]}
          - {name: d, requests: 1, get: "/{bad}/{n}"}
        """
    assert problems(text) == [
        "4:34: {bad} may be 'b': a path begins with /",
        "5:42: {n} is a number: a path begins with /",
    ]
