from __future__ import annotations

import pickle
from collections import Counter
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeday.errors import BadInput
from edgeday.scenario.errors_in_words import validate
from edgeday.scenario.model import Scenario
from edgeday.scenario.request_template import encoded
from edgeday.scenario.values import Draws

GOOD = {"name": "good", "start": "2026-02-16T00:00:00Z"}
ORIGIN = "https://worker.example"
PATH_RULE = "must begin with /, or with the {placeholder} of a path, and be ASCII without blanks"


def part(**fields):
    return Scenario.model_validate({**GOOD, "traffic": [{"requests": 5, **fields}]}).traffic[0]


def sent(values=(), **fields):
    """The request of a part, with these values."""
    return part(**fields).template.request(ORIGIN, dict(values).__getitem__)


def said(**fields):
    scenario, errors = validate({**GOOD, "traffic": [{"requests": 5, **fields}]})
    assert scenario is None
    return [
        ".".join(map(str, error.at[2:])) + ": " + f"{error.what} {error.hint}".strip() for error in errors
    ]


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "head", "options"])
def test_the_short_form_of_each_method_is_the_same_request_as_the_long_one(method):
    short, long = sent(**{method: "/menu?lang=bg"}), sent(method=method.upper(), path="/menu?lang=bg")
    assert (short.method, short.url) == (long.method, long.url) == (method.upper(), f"{ORIGIN}/menu?lang=bg")


def test_values_are_encoded_in_path_and_query_and_stand_as_they_are_in_headers():
    values = {"item": "a/b ü?&", "user": "Ann Ü", "n": 5}
    request = sent(
        values, get="/item/{item}?who={user}&n={n}#{n}", headers={"x-{n}": "{user}"}, client="10.0.{n}"
    )
    assert request.url == f"{ORIGIN}/item/a%2Fb%20%C3%BC%3F%26?who=Ann%20%C3%9C&n=5#5"
    assert dict(request.headers) == {"cf-connecting-ip": "10.0.5", "x-5": "Ann Ü"}


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("/orders/5?x=1&y=a b", f"{ORIGIN}/orders/5?x=1&y=a%20b?n=5"),
        ("/плод", f"{ORIGIN}/%D0%BF%D0%BB%D0%BE%D0%B4?n=5"),
        ("https://other.example:8080/a", "https://other.example:8080/a?n=5"),
    ],
)
def test_a_value_at_the_beginning_of_a_path_is_a_path_or_a_url_as_it_is(value, url):
    one = part(get="{where}?n={n}")
    assert one.template.request(ORIGIN, {"where": value, "n": 5}.__getitem__).url == url
    assert (one.route, one.template.names) == ("GET {where}", {"where", "n"})


@pytest.mark.parametrize("value", ["orders/5", "", "javascript:x", 5])
def test_a_value_that_is_no_path_cannot_begin_one(value):
    with pytest.raises(BadInput, match="is neither a path, which begins with /, nor a URL"):
        sent({"where": value}, get="{where}")


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("a.example:65535", "a.example:65536"),
        ("1.2.3.255", "1.2.3.256"),
        ("[::1]:80", "[::1"),
        ("a_b", "a b"),
    ],
)
def test_a_host_is_one_that_a_url_can_have(good, bad):
    assert sent(host=good, get="/").url.startswith("https://")
    assert said(host=bad, get="/") == [
        f'host: "{bad}" is no host; write shop.example, shop.example:8080 or http://shop.example'
    ]


def test_a_client_has_an_address():
    assert said(client="", get="/") == ['client: "client" must not be empty; this is ""']


def test_a_path_begins_with_a_slash_or_a_placeholder():
    for path in ("x", "x{a}", "{{a}}", "{a b}", "{a} b"):
        assert said(get=path) == [f'get: "get" {PATH_RULE}; this is "{path}"']


async def test_values_keep_their_types_in_json_and_are_text_in_text():
    values = {"n": 5, "list": [1], "none": None}
    body = {"n": "{n}", "text": "{n}!", "of": ["{list}", "{none}"]}
    for field in ("json", "body"):
        request = sent(values, post="/", **{field: body})
        assert await request.json() == {"n": 5, "text": "5!", "of": [[1], None]}
        assert request.headers["content-type"] == "application/json"
    assert await sent(values, post="/", json="{n}").json() == 5
    text = sent(values, post="/", body="{n}")
    assert (await text.text(), text.headers["content-type"]) == ("5", "text/plain;charset=UTF-8")


async def test_json_text_as_a_body_is_sent_as_it_stands():
    written = '{"a": {"b": [1, {}]}}'
    assert await sent(post="/", body=written).text() == written


async def test_braces_in_double_are_text_everywhere():
    request = sent({"n": 5}, post="/{{n}}/{n}", headers={"x": "{{n}}"}, json={"{{n}}": "{{n}}"})
    assert (unquote(request.url), request.headers["x"]) == (f"{ORIGIN}/{{n}}/5", "{n}")
    assert await request.json() == {"{n}": "{n}"}


def test_a_content_type_of_ones_own_takes_the_place_of_that_of_json():
    assert sent(post="/", json={}, headers={"content-type": "a/b"}).headers["content-type"] == "a/b"


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("shop.example", "https://shop.example"),
        ("http://shop.example:8080", "http://shop.example:8080"),
        ("{shop}.example:81", "https://tea.example:81"),
        ("[::1]", "https://[::1]"),
    ],
)
def test_the_host_is_of_the_users_choice(host, origin):
    assert sent({"shop": "tea"}, get="/a", host=host).url == f"{origin}/a"


@pytest.mark.parametrize(
    ("fields", "route"),
    [
        ({"get": "/item/{item}?u={user}"}, "GET /item/{item}"),
        ({"post": "/item", "json": "{item}"}, None),
        ({"get": "/item?u={user}"}, None),
        ({"get": "/{{item}}"}, None),
    ],
)
def test_what_has_a_placeholder_in_its_path_is_counted_by_its_template_without_the_query(fields, route):
    assert part(**fields).route == route
    assert part(mix=[fields]).route_of("seed") == route


def test_without_placeholders_the_headers_and_body_are_made_once():
    template = part(post="/", json={"a": 1}, headers={"x": "y"}).template
    assert template.names == frozenset()
    first, second = (template.request(ORIGIN, {}.__getitem__) for _ in range(2))
    assert dict(first.headers) == dict(second.headers) == {"content-type": "application/json", "x": "y"}


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_encoded_is_ascii_without_delimiters_and_can_be_decoded(text):
    made = encoded(text)
    assert made.isascii()
    assert not set(made) & set(' /?#&=+{}"<>:@;,$[]\\^`|')
    assert unquote(made) == text


@pytest.mark.parametrize(
    ("fields", "value", "what"),
    [
        ({"headers": {"x": "a{v}"}}, "\n1", "Invalid header value. x: 'a\\n1'"),
        ({"host": "{v}"}, "a b", "'https://a b' is no host"),
        ({"host": "{v}"}, "a/b@c", "'https://a/b@c' is no host"),
    ],
)
def test_a_value_that_cannot_be_sent_is_an_error_that_names_it(fields, value, what):
    with pytest.raises(BadInput) as raised:
        sent({"v": value}, get="/{v}", **fields)
    assert str(raised.value.problems[0]).startswith(f"GET /{{v}}: {what}")


@pytest.mark.parametrize(
    ("fields", "messages"),
    [
        ({}, [": which path? say get: /path, post: /path or path: /path"]),
        ({"get": "/", "post": "/"}, ['post: "get" and "post" are two requests: leave one']),
        ({"get": "/", "path": "/"}, ['path: "get" says method and path: leave "path" out']),
        ({"get": "/", "method": "GET"}, ['method: "get" says method and path: leave "method" out']),
        ({"post": "/", "body": "x", "json": 1}, ['json: "body" and "json" are two bodies: leave one']),
        ({"get": "/", "json": 1}, ["json: a GET request has no body"]),
        (
            {"get": "menu"},
            [f'get: "get" {PATH_RULE}; this is "menu"'],
        ),
        ({"get": "/", "host": "a b"},
         [('host: "a b" is no host; write shop.example, shop.example:8080 or '
           "http://shop.example")]),
        ({"get": "/", "client": "1", "headers": {"CF-Connecting-IP": "2"}},
         ['client: "client" is the header CF-Connecting-IP too: leave one']),
        ({"get": "/", "headers": {"a b": "c"}},
         ['headers.a b: no header can be "a b: c": Invalid header name.']),
        ({"gett": "/"}, ['gett: unknown key "gett" did you mean "get"?']),
        ({"mix": []}, ['mix: "mix" must have at least 1 item; this is []']),
        ({"mix": [{"get": "/", "weight": 0}]}, ["mix: the weights are all 0: none of them could come"]),
        ({"mix": [{"weight": 1}]}, ["mix.0: which path? say get: /path, post: /path or path: /path"]),
        ({"mix": [{"get": "/", "wieght": 1}]}, ['mix.0.wieght: unknown key "wieght" did you mean "weight"?']),
        ({"mix": [{"get": "/"}], "path": "/"},
         ['path: "path" stands beside "mix": move it into an entry of it']),
        ({"mix": [{"get": "/"}], "json": {}},
         ['json: "json" stands beside "mix": move it into an entry of it']),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_request_is_said_in_words_at_its_place(fields, messages):
    assert said(**fields) == messages


async def test_a_probe_is_written_as_any_request_and_expects_beside_it():
    probe = {
        "at": "+1h",
        "request": {"post": "/a", "json": {"b": 1}, "host": "shop.example"},
        "expect": {"status": 200},
    }
    asked = Scenario.model_validate({**GOOD, "probes": [probe]}).probes[0].asks(ORIGIN, {})
    assert (asked.method, asked.url, await asked.json()) == ("POST", "https://shop.example/a", {"b": 1})
    wrong = {**probe, "request": {"get": "/a", "expect": {"status": 200}}}
    _, errors = validate({**GOOD, "probes": [wrong]})
    assert [(error.at, error.what) for error in errors] == [
        (("probes", 0, "request", "expect"), '"expect" stands beside "request", not in it')
    ]


# mixes


def test_each_request_of_a_mix_is_one_of_its_entries_as_often_as_the_weights_say():
    mix = part(
        mix=[{"weight": 70, "get": "/a/{n}"}, {"get": "/b", "weight": 0}, {"weight": 30, "post": "/c"}]
    )
    found = Counter(mix.planned(f"0/requests/0/{number}").fields.asked for number in range(10_000))
    assert set(found) == {("GET", "/a/{n}"), ("POST", "/c")}
    assert 6_800 < found["GET", "/a/{n}"] < 7_200


def test_entries_of_a_mix_have_the_headers_host_and_client_of_the_part_unless_they_say_their_own():
    mix = part(
        headers={"x": "part", "y": "part"}, host="part.example", client="1.1.1.1",
        mix=[{"get": "/"}, {"get": "/", "headers": {"X": "own"}, "host": "own.example", "client": "{n}"}],
    )  # fmt: skip
    templates = {id(template): template for number in range(50) if (template := mix.planned(str(number)))}
    requests = [one.request(ORIGIN, {"n": 2}.__getitem__) for one in templates.values()]
    assert sorted((one.url, sorted(one.headers.items())) for one in requests) == [
        ("https://own.example/", [("cf-connecting-ip", "2"), ("x", "own"), ("y", "part")]),
        ("https://part.example/", [("cf-connecting-ip", "1.1.1.1"), ("x", "part"), ("y", "part")]),
    ]


def test_a_request_of_a_mix_is_filled_with_the_draws_of_its_number():
    scenario = Scenario.model_validate(
        {**GOOD, "values": {"n": {"sequence": 1}}, "traffic": [{"requests": 5, "mix": [{"get": "/a/{n}"}]}]}
    )
    draws = Draws(scenario.pools, "seed", 4)
    assert scenario.traffic[0].drawn(draws, failing=False, origin=ORIGIN).url == f"{ORIGIN}/a/4"


def test_a_copy_with_another_request_is_looked_through_anew():
    one = part(get="/a", mix=None)
    assert one.template.fields.asked == ("GET", "/a")
    assert one.model_copy(update={"get": "/b"}).template.fields.asked == ("GET", "/b")
    assert one.template.fields.asked == ("GET", "/a")


def test_traffic_goes_to_another_process_as_it_is_also_once_it_was_looked_through():
    scenario = Scenario.model_validate(
        {**GOOD, "values": {"n": [1]}, "traffic": [{"requests": 1, "mix": [{"post": "/{n}", "json": "{n}"}]}]}
    )
    scenario.traffic[0].planned("seed")
    again = pickle.loads(pickle.dumps(scenario))
    assert again == scenario
    draws = Draws(again.pools, "seed", 1)
    assert again.traffic[0].drawn(draws, failing=False, origin=ORIGIN).url == f"{ORIGIN}/1"


def test_what_is_dumped_is_the_same_traffic():
    scenario = Scenario.model_validate(
        {**GOOD, "traffic": [{"name": "a", "requests": 1, "post": "/", "json": {"a": "{b}"}},
                             {"name": "b", "requests": 1, "mix": [{"get": "/", "host": "a.example"}]}]}
    )  # fmt: skip
    assert Scenario.model_validate(scenario.model_dump(mode="json")) == scenario
