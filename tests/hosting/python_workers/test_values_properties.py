"""Conversions there and back, and JavaScript's dates, queries and JSON, held against Python's own."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode

from hypothesis import given
from hypothesis import strategies as st

from edgeday.hosting.python_workers.classes import CLASSES
from edgeday.hosting.python_workers.containers import from_data
from edgeday.hosting.python_workers.conversions import plain, to_js
from edgeday.hosting.python_workers.generations import PYODIDE_0_26, PYODIDE_314, current_generation
from edgeday.hosting.python_workers.proxies import jsnull

from_entries = CLASSES["Object"].fromEntries
text = st.text(st.characters(codec="utf-8"), max_size=8)
numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=12,
)
safe = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 2, 2**53 - 2) | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=12,
)


def with_null(value):
    """None as null is seen."""
    if isinstance(value, dict):
        return {key: with_null(item) for key, item in value.items()}
    if isinstance(value, list):
        return [with_null(item) for item in value]
    return jsnull if value is None else value


@given(values)
def test_to_py_undoes_to_js(value):
    back = to_js([value]).to_py()
    assert back == [value]


@given(values)
def test_to_py_undoes_to_js_with_plain_objects_for_dicts(value):
    assert to_js([value], dict_converter=from_entries).to_py() == [value]


@given(values)
def test_every_generation_gives_back_what_it_was_given(value):
    for generation in (PYODIDE_0_26, PYODIDE_314):
        token = current_generation.set(generation)
        try:
            assert to_js([value]).to_py() == [value]
        finally:
            current_generation.reset(token)


@given(safe)
def test_data_of_a_service_is_seen_alike_whether_it_is_converted_at_once_or_when_looked_at(value):
    at_once = from_data([value]).to_py()
    looked_at = from_data([value])
    assert len(looked_at) == 1
    assert list(looked_at) is not None
    assert at_once == looked_at.to_py() == with_null([value])
    assert plain(from_data([value])) == [value]


@given(safe, st.integers(1, 4))
def test_depth_cuts_off_below_so_many_levels(value, depth):
    nested = to_js([[[[value]]]]).to_py(depth=depth)
    for _ in range(depth - 1):
        nested = nested[0]
    assert type(nested) is list
    assert type(nested[0]).__name__ == "JsProxy" or depth >= 4


@given(st.lists(st.tuples(text, text)))
def test_a_query_is_what_pythons_urllib_reads_and_writes(pairs):
    params = CLASSES["URLSearchParams"].new(to_js([list(pair) for pair in pairs]))
    written = params.toString()
    assert parse_qsl(written, keep_blank_values=True) == pairs
    again = CLASSES["URLSearchParams"].new(urlencode(pairs))
    assert [tuple(pair) for pair in again.entries()] == pairs


@given(st.integers(-62_135_596_800_000, 253_402_300_799_999))
def test_the_fields_of_a_date_are_those_of_pythons_calendar(ms):
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
    date = CLASSES["Date"].new(ms)
    assert date.toISOString() == at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert date.getUTCDay() == at.isoweekday() % 7
    fields = (date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate(), date.getUTCHours())
    assert CLASSES["Date"].UTC(*fields, date.getMinutes(), date.getSeconds(), date.getMilliseconds()) == ms


@given(safe, st.integers(1, 4))
def test_indented_json_is_laid_out_as_pythons(value, indent):
    here = CLASSES["JSON"].stringify(to_js({"a": value}, dict_converter=from_entries), None, indent)
    assert json.loads(here) == without_undefined({"a": value})
    lengths = {len(line) - len(line.lstrip(" ")) for line in here.splitlines()}
    assert all(length % indent == 0 for length in lengths)


def without_undefined(value):
    """What JSON keeps of None, which is undefined here: nothing in an object, null in an array."""
    if isinstance(value, dict):
        return {key: without_undefined(item) for key, item in value.items() if item is not None}
    return [without_undefined(item) for item in value] if isinstance(value, list) else value
