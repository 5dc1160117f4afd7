"""JavaScript's ways, against values that a JavaScript engine gives."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker_port import js
from worker_port.calls import estimate_tokens

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@pytest.mark.parametrize("value", [None, False, 0, 0.0, -0.0, math.nan, "", js.UNDEFINED])
def test_falsy_values(value):
    assert js.truthy(value) is False
    assert js.either(value, "default") == "default"


@pytest.mark.parametrize("value", [True, 1, -1, 0.5, math.inf, " ", "0", "false", [], {}, [0], {"a": 0}])
def test_truthy_values(value):
    assert js.truthy(value) is True
    assert js.either(value, "default") is value


@pytest.mark.parametrize(
    ("value", "length"),
    [
        ("", 0),
        ("abc", 3),
        ("Здравей", 7),
        ("👋🏽", 4),
        ("\ud83d", 1),
        ([], 0),
        ([1, [2, 3]], 2),
        ({}, 0),
        ({"length": 7}, 7),
        ({"length": "seven"}, "seven"),
        ({"length": None}, 0),
        (42, 0),
        (True, 0),
        (None, 0),
    ],
)
def test_length(value, length):
    assert js.length(value) == length


@pytest.mark.parametrize(
    ("items", "value", "expected"),
    [
        (["a", "1"], "1", True),
        (["a", "1"], 1, False),
        ([True], 1, False),
        ([1], True, False),
        ([0, 1.0], 1, True),
        ([None], None, True),
        ([0, "", False], None, False),
        ([False], False, True),
    ],
)
def test_includes_tells_types_apart(items, value, expected):
    assert js.includes(items, value) is expected


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        (None, "null"),
        (js.UNDEFINED, "undefined"),
        (True, "true"),
        (False, "false"),
        (7, "7"),
        (1.0, "1"),
        (12.5, "12.5"),
        (1e21, "1e+21"),
        (-0.0, "0"),
        (math.nan, "NaN"),
        (math.inf, "Infinity"),
        (-math.inf, "-Infinity"),
        ([], ""),
        ([1, [2, 3], None, "x"], "1,2,3,,x"),
        ([None, js.UNDEFINED], ","),
        ({}, "[object Object]"),
        ([{}], "[object Object]"),
    ],
)
def test_values_in_text(value, text):
    assert js.text(value) == text


@pytest.mark.parametrize(
    ("source", "number"),
    [
        ("7", 7),
        ("010", 10),
        ("3.9", 3),
        ("1e3", 1),
        ("1_0", 1),
        ("2abc", 2),
        ("0x1F", 31),
        ("0x", None),
        ("-0Xg", None),
        (" \t\n\u00a0\ufeff5", 5),
        ("+3", 3),
        ("-0x10", -16),
        ("- 3", None),
        ("--1", None),
        ("", None),
        ("abc", None),
        ("Infinity", None),
        ("２", None),
        ("٢", None),
        ("99999999999999999999", 100000000000000000000),
        ("9007199254740993", 9007199254740992),
        ("9" * 400, math.inf),
        ("-" + "9" * 400, -math.inf),
    ],
)
def test_parse_int(source, number):
    parsed = js.parse_int(source)
    assert math.isnan(parsed) if number is None else parsed == number


@given(st.integers(-(2**53), 2**53), st.sampled_from(["", " ", "x", ".5", "e9"]))
def test_parse_int_reads_back_any_safe_integer_whatever_follows(number, rest):
    assert js.parse_int(f"{number}{rest}") == number


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0, 3, [0, 1, 2]),
        (1, 1, []),
        (-2, 5, [3, 4]),
        (0, -1, [0, 1, 2, 3]),
        (-100, 2, [0, 1]),
        (3, 100, [3, 4]),
        (math.nan, 2, [0, 1]),
        (0, math.nan, []),
        (math.inf, math.inf, []),
        (-math.inf, math.inf, [0, 1, 2, 3, 4]),
        (1e20, 2e20, []),
    ],
)
def test_array_slice(start, end, expected):
    assert js.array_slice([0, 1, 2, 3, 4], start, end) == expected


@given(st.lists(st.integers()), st.integers(-20, 20), st.integers(-20, 20))
def test_array_slice_is_python_s_for_whole_numbers(items, start, end):
    assert js.array_slice(items, start, end) == items[start:end]


@pytest.mark.parametrize(
    ("epoch_ms", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1, "1970-01-01T00:00:00.001Z"),
        (1771203201000, "2026-02-16T00:53:21.000Z"),
        (1709251199999, "2024-02-29T23:59:59.999Z"),
        (1709251200000, "2024-03-01T00:00:00.000Z"),
    ],
)
def test_iso_timestamp(epoch_ms, text):
    assert js.iso_timestamp(epoch_ms) == text


@given(json_values)
def test_indented_json_is_json_with_two_spaces(value):
    text = js.indented_json(value)
    assert json.loads(text) == value
    assert text.count("\n") == 0 or text.split("\n")[1].startswith("  ")


def test_indented_json_keeps_empty_containers_on_one_line():
    assert js.indented_json({"a": [], "b": {}, "c": [1, {"d": None}]}) == (
        '{\n  "a": [],\n  "b": {},\n  "c": [\n    1,\n    {\n      "d": null\n    }\n  ]\n}'
    )


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        (None, 0),
        ("a", 1),
        ("abcd", 1),
        ("abcde", 2),
        ("здравей", 3),
        ("здравей, hello", 4),
        ("👋", 1),
    ],
)
def test_the_token_estimate_counts_cyrillic_denser_than_latin(text, tokens):
    assert estimate_tokens(text) == tokens


@given(st.text(alphabet=st.characters(exclude_categories=()), min_size=1))
def test_the_token_estimate_is_the_formula(text):
    size = sum(2 if ord(character) > 0xFFFF else 1 for character in text)
    cyrillic = sum("\u0400" <= character <= "\u04ff" for character in text)
    assert estimate_tokens(text) == math.ceil(size / (4 - cyrillic / size))
