"""JSON text as JavaScript writes and reads it, against the standard library and known texts."""

from __future__ import annotations

import json
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeday.errors import PlatformSyntaxError
from edgeday.web.json_text import (
    is_array_index,
    number_text,
    parse,
    parse_or_syntax_error,
    stringify,
    stringify_utf8,
)

SAFE = 2**53 - 1
NUMBER_OF_JAVASCRIPT = re.compile(r"-?(0|[1-9]\d*)(\.\d*[1-9])?(e[+-][1-9]\d*)?\Z")

names = st.text(st.characters(exclude_categories=["Cs"])).filter(lambda name: not is_array_index(name))
scalars = (
    st.none() | st.booleans() | st.integers(-SAFE, SAFE) | st.text(st.characters(exclude_categories=["Cs"]))
)
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(names, inner), max_leaves=20)


@given(values)
def test_text_is_that_of_a_compact_standard_encoder(value):
    expected = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    assert stringify(value) == expected
    assert stringify_utf8(value) == expected.encode()


@given(values)
def test_what_is_written_is_read_back(value):
    assert parse(stringify(value)) == value
    assert parse(stringify_utf8(value)) == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_written_as_javascript_writes_it_and_read_back(number):
    text = number_text(number)
    assert NUMBER_OF_JAVASCRIPT.match(text)
    assert float(text) == number


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (-1.5, "-1.5"),
        (0.1, "0.1"),
        (100.0, "100"),
        (123456789.125, "123456789.125"),
        (1e20, "100000000000000000000"),
        (123456789012345680000.0, "123456789012345680000"),
        (1e21, "1e+21"),
        (1.5e300, "1.5e+300"),
        (0.000001, "0.000001"),
        (1e-7, "1e-7"),
        (1.25e-10, "1.25e-10"),
        (5e-324, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (2**53 - 1, "9007199254740991"),
        (2**53 + 1, "9007199254740992"),
        (10**21, "1e+21"),
    ],
)
def test_known_numbers(number, text):
    assert number_text(number) == text
    assert stringify([number]) == f"[{text}]"


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_has_not_become_null(number):
    assert stringify({"n": number}) == '{"n":null}'


def test_array_indices_come_first_and_in_order():
    assert stringify({"b": 1, "10": 2, "9": 3, "a": 4, "01": 5}) == '{"9":3,"10":2,"b":1,"a":4,"01":5}'
    assert list(parse('{"b":1,"10":2,"9":3}')) == ["9", "10", "b"]


@pytest.mark.parametrize(
    ("key", "index"),
    [("0", True), ("7", True), ("4294967294", True), ("4294967295", False), ("07", False), ("-1", False),
     ("1.5", False), ("", False), ("٣", False)],
)  # fmt: skip
def test_array_indices_are_canonical_and_below_2_to_the_32(key, index):
    assert is_array_index(key) is index


def test_lone_surrogates_are_escaped_and_pairs_are_not():
    assert stringify("\ud800x") == '"\\ud800x"'
    assert stringify({"\udfff": "😀"}) == '{"\\udfff":"😀"}'


def test_a_value_that_contains_itself_is_refused():
    loop: dict = {}
    loop["again"] = [loop]
    with pytest.raises(TypeError, match="circular"):
        stringify(loop)
    shared = ["twice"]
    assert stringify([shared, shared]) == '[["twice"],["twice"]]'


def test_other_objects_have_no_json_form():
    with pytest.raises(TypeError, match="JSON has no form for set"):
        stringify({"s": {1}})


def test_integers_beyond_2_to_the_53_become_the_nearest_double():
    assert parse("9007199254740993") == 9007199254740992
    assert parse("[1e400]") == [math.inf]


@pytest.mark.parametrize("text", ["", " ", "hello", '{"a":[1,2', '{"a":1} x', "NaN", "01", "'a'", "[1,]"])
def test_what_is_no_json_is_a_syntax_error(text):
    with pytest.raises(ValueError):  # noqa: PT011 - the text is the engine's
        parse(text)
    with pytest.raises(PlatformSyntaxError):
        parse_or_syntax_error(text.encode())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hello", "Unexpected token 'h', \"hello\" is not valid JSON"),
        ("", "Unexpected end of JSON input"),
        ("<p>", "Unexpected token '<', \"<p>\" is not valid JSON"),
    ],
)
def test_a_syntax_error_says_where(text, message):
    with pytest.raises(PlatformSyntaxError) as raised:
        parse_or_syntax_error(text.encode())
    assert str(raised.value) == message
