"""`JSON.parse` letter by letter, against the fast reader and the engine's recorded words."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeday.errors import PlatformSyntaxError
from edgeday.web.json_reader import JSONSyntaxError, read
from edgeday.web.json_text import parse, parse_or_syntax_error

RECORDED = [
    ("", "Unexpected end of JSON input"),
    ("[", "Unexpected end of JSON input"),
    ("[1,", "Unexpected end of JSON input"),
    ("nul", "Unexpected end of JSON input"),
    ("truex", "Unexpected non-whitespace character after JSON at position 4 (line 1 column 5)"),
    ("nulL", "Unexpected token 'L', \"nulL\" is not valid JSON"),
    ("t1", "Unexpected number in JSON at position 1 (line 1 column 2)"),
    ("t-", "Unexpected number in JSON at position 1 (line 1 column 2)"),
    ('tr"', "Unexpected string in JSON at position 2 (line 1 column 3)"),
    ("undefined", '"undefined" is not valid JSON'),
    ("NaN", '"NaN" is not valid JSON'),
    ("[object Object]", '"[object Object]" is not valid JSON'),
    ("-", "No number after minus sign in JSON at position 1 (line 1 column 2)"),
    ("-x", "No number after minus sign in JSON at position 1 (line 1 column 2)"),
    ("01", "Unexpected number in JSON at position 1 (line 1 column 2)"),
    ("-01", "Unexpected number in JSON at position 2 (line 1 column 3)"),
    ("+1", "Unexpected token '+', \"+1\" is not valid JSON"),
    (".5", "Unexpected token '.', \".5\" is not valid JSON"),
    ("1.", "Unterminated fractional number in JSON at position 2 (line 1 column 3)"),
    ("1.e5", "Unterminated fractional number in JSON at position 2 (line 1 column 3)"),
    ("1e", "Exponent part is missing a number in JSON at position 2 (line 1 column 3)"),
    ("1e+", "Exponent part is missing a number in JSON at position 3 (line 1 column 4)"),
    ('"', "Unterminated string in JSON at position 1 (line 1 column 2)"),
    ('"a', "Unterminated string in JSON at position 2 (line 1 column 3)"),
    ('"\\x"', "Bad escaped character in JSON at position 2 (line 1 column 3)"),
    ('"\\u12G4"', "Bad Unicode escape in JSON at position 5 (line 1 column 6)"),
    ('"\n"', "Bad control character in string literal in JSON at position 1 (line 1 column 2)"),
    ('"\t"', "Bad control character in string literal in JSON at position 1 (line 1 column 2)"),
    ('["\\', "Unexpected end of JSON input"),
    ("[1", "Expected ',' or ']' after array element in JSON at position 2 (line 1 column 3)"),
    ("[1 2]", "Expected ',' or ']' after array element in JSON at position 3 (line 1 column 4)"),
    ("[1]]", "Unexpected non-whitespace character after JSON at position 3 (line 1 column 4)"),
    ("[1,]", "Unexpected token ']', \"[1,]\" is not valid JSON"),
    ("[,1]", "Unexpected token ',', \"[,1]\" is not valid JSON"),
    ("]", "Unexpected token ']', \"]\" is not valid JSON"),
    ("{", "Expected property name or '}' in JSON at position 1 (line 1 column 2)"),
    ("{a:1}", "Expected property name or '}' in JSON at position 1 (line 1 column 2)"),
    ('{"a"', "Expected ':' after property name in JSON at position 4 (line 1 column 5)"),
    ('{"a" 1}', "Expected ':' after property name in JSON at position 5 (line 1 column 6)"),
    ('{"a":}', 'Unexpected token \'}\', "{"a":}" is not valid JSON'),
    ('{"a":1', "Expected ',' or '}' after property value in JSON at position 6 (line 1 column 7)"),
    ('{"a":1 "b":2}', "Expected ',' or '}' after property value in JSON at position 7 (line 1 column 8)"),
    ('{"a":1,', "Expected double-quoted property name in JSON at position 7 (line 1 column 8)"),
    ('{"a":1,}', "Expected double-quoted property name in JSON at position 7 (line 1 column 8)"),
    ("{,}", "Expected property name or '}' in JSON at position 1 (line 1 column 2)"),
    ("1,2", "Unexpected non-whitespace character after JSON at position 1 (line 1 column 2)"),
    ("1 // c", "Unexpected non-whitespace character after JSON at position 2 (line 1 column 3)"),
    ("\ufeff1", "Unexpected token '\ufeff', \"\ufeff1\" is not valid JSON"),
    ("\xa01", "Unexpected token '\xa0', \"\xa01\" is not valid JSON"),
    ("\ufeff", "Unexpected token '\ufeff', \"\ufeff\" is not valid JSON"),
    ('{\n "a": 1,\n "b": x\n}', 'Unexpected token \'x\', "{\n "a": 1,\n "b": x\n}" is not valid JSON'),
    ('{\n "a": 1,\n "b" 2\n}', "Expected ':' after property name in JSON at position 16 (line 3 column 6)"),
    (
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "Unexpected token 'x', \"xxxxxxxxxx\"... is not valid JSON",
    ),
    (
        "                                              x",
        "Unexpected token 'x', ...\"          x\" is not valid JSON",
    ),
    (
        '[1,22,[tru]e,false,null],"x\\ty"]',
        "Unexpected token ']', ...\"[1,22,[tru]e,false,n\"... is not valid JSON",
    ),
    (
        "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,x,20,21,22,23,24,25]",
        "Unexpected token 'x', ...\",16,17,18,x,20,21,22\"... is not valid JSON",
    ),
    ('{"a":[1,2', "Expected ',' or ']' after array element in JSON at position 9 (line 1 column 10)"),
    ("<html>", "Unexpected token '<', \"<html>\" is not valid JSON"),
    ("\u65e5\u672c", "Unexpected token '\u65e5', \"\u65e5\u672c\" is not valid JSON"),
    (
        '{\n  "a": 1,\r\n  "b": [\n 1',
        "Expected ',' or ']' after array element in JSON at position 24 (line 4 column 3)",
    ),
    ('{"\xe9:"\U0001f600"', "Expected ':' after property name in JSON at position 5 (line 1 column 6)"),
]
"""Texts, and what JSON.parse said of them in workerd 1.20260426.1."""

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def as_it_is(members):
    return members


@pytest.mark.parametrize(("text", "message"), RECORDED)
def test_what_is_wrong_is_said_in_the_words_of_the_engine(text, message):
    with pytest.raises(JSONSyntaxError) as raised:
        read(text, as_it_is)
    assert str(raised.value) == message
    with pytest.raises(PlatformSyntaxError) as raised:
        parse_or_syntax_error(text.encode(), keep_mark=True)
    assert str(raised.value) == message


@given(values, st.booleans(), st.sampled_from([None, 1, "\t"]))
def test_a_value_is_read_as_the_standard_library_reads_it(value, ascii_only, indent):
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    if "Infinity" not in text:
        assert read(text, as_it_is) == json.loads(text) == value


@given(st.text(st.sampled_from('[]{}",:\\ntruefalse0123.-+eE \n\x01é😀')))
def test_no_text_is_taken_that_the_standard_library_refuses(text):
    try:
        value = json.loads(text)
    except ValueError:
        with pytest.raises(JSONSyntaxError):
            read(text, as_it_is)
    else:
        assert read(text, as_it_is) == value


def test_half_of_a_pair_cut_out_by_the_words_is_a_replacement_character():
    with pytest.raises(JSONSyntaxError) as raised:
        read("😀", as_it_is)
    assert str(raised.value) == "Unexpected token '\ufffd', \"😀\" is not valid JSON"


def test_escapes_of_halves_are_joined_or_kept():
    assert read('"\\ud83d\\ude00 \\ud83d"', as_it_is) == "😀 \ud83d"


@pytest.mark.parametrize("depth", [1000, 2000, 50_000])
def test_a_value_may_be_nested_to_any_depth(depth):
    value = parse('[{"b":' * depth + '{"1":1.5,"0":2}' + "}]" * depth)
    for _ in range(depth):
        (item,) = value
        value = item["b"]
    assert list(value.items()) == [("0", 2), ("1", 1.5)]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1" * 5000, math.inf),
        ("-" + "9" * 310, -math.inf),
        ("0." + "3" * 5000, 1 / 3),
        ("1e" + "0" * 5000 + "5", 1e5),
        ("[1e999]", [math.inf]),
    ],
    ids=["digits", "negative", "fraction", "exponent", "list"],
)
def test_a_number_may_have_any_number_of_digits(text, number):
    assert parse(text) == number
