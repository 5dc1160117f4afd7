"""JavaScript's conversions, and text as UTF-8."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeday.web.javascript import to_number, to_string, truthy
from edgeday.web.text import decode_text, utf8, utf16_units, well_formed


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("text", "text"),
        (None, "null"),
        (True, "true"),
        (1.0, "1"),
        (1e21, "1e+21"),
        (math.nan, "NaN"),
        (-math.inf, "-Infinity"),
        ([1, None, ["a", "b"]], "1,,a,b"),
        ({}, "[object Object]"),
        (b"x", "[object ArrayBuffer]"),
    ],
)
def test_string_of_a_value(value, text):
    assert to_string(value) == text


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (None, 0),
        (True, 1),
        ("", 0),
        (" 12.5\n", 12.5),
        ("1e3", 1000),
        (".5", 0.5),
        ("5.", 5),
        ("+7", 7),
        ("0x1F", 31),
        ("0b101", 5),
        ("0o17", 15),
        ("-Infinity", -math.inf),
        ("\ufeff\xa060\u3000", 60),
        ([90], 90),
        ([], 0),
        (10**400, math.inf),
    ],
)
def test_number_of_a_value(value, number):
    assert to_number(value) == number


@pytest.mark.parametrize(
    "value",
    [
        "soon",
        "12px",
        "1_000",
        "0x",
        "-0x10",
        "infinity",
        "١٢",
        "\x1c60",
        "\x8560",
        "\u200b60",
        {},
        [1, 2],
        math.nan,
    ],
)
def test_what_is_no_number_is_nan(value):
    assert math.isnan(to_number(value))


@pytest.mark.parametrize("value", [None, False, "", 0, -0.0, math.nan])
def test_falsy_values(value):
    assert not truthy(value)


@pytest.mark.parametrize("value", [True, "0", 1, math.inf, [], {}, object()])
def test_truthy_values(value):
    assert truthy(value)


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_becomes_bytes_in_which_half_a_pair_takes_three(text):
    units = text.encode("utf-16-le", "surrogatepass")
    assert utf8(text) == units.decode("utf-16-le", "surrogatepass").encode("utf-8", "surrogatepass")
    assert well_formed(text) == utf8(text).decode("utf-8", "replace")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_utf16_units_are_what_javascript_counts(text):
    assert utf16_units(text) == sum(2 if ord(character) > 0xFFFF else 1 for character in text)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("a\ud800b", "a\ufffd\ufffd\ufffdb"),
        ("\udc00\ud800", "\ufffd" * 6),
        ("\ud83d\ude00", "😀"),
        ("é", "é"),
    ],
)
def test_half_a_surrogate_pair_is_read_as_three_replacement_characters(text, read):
    assert well_formed(text) == read


def test_decoding_drops_one_byte_order_mark_and_replaces_malformed_bytes():
    assert decode_text(b"\xef\xbb\xbf\xef\xbb\xbfa\xff\xc3(") == "\ufeffa\ufffd\ufffd("
