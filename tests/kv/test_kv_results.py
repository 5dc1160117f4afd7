"""What KV answers with: dicts that have attributes, and the trap in `page.keys`."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
from contextlib import suppress

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeday.clock import VirtualClock
from edgeday.events import Diagnostic
from edgeday.runtime.edge import Edge
from edgeday.web.js_dict import JsDict, with_attributes
from edgeday.web.json_text import parse, stringify
from tests.conftest import START

TEXTS = st.text(st.characters(codec="utf-8"), max_size=5)
DATA = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
MEMBERS = st.dictionaries(TEXTS, DATA, max_size=3)


async def test_a_page_has_its_members_as_attributes(kv):
    for name in "ab":
        await kv.put(name, "v", expirationTtl=60, metadata={"tags": [{"id": 1}]})
    page = await kv.list(limit=1)
    assert (page.list_complete, page.cacheStatus) == (False, None)
    assert page.cursor == page["cursor"]
    (row,) = page["keys"]
    assert (row.name, row.expiration, row.metadata.tags[0].id) == ("a", row["expiration"], 1)
    with pytest.raises(AttributeError, match="cursor"):
        _ = (await kv.list()).cursor


async def test_a_value_with_metadata_has_its_members_as_attributes(kv):
    await kv.put("k", "v", metadata={"by": {"name": "A"}})
    row = await kv.getWithMetadata("k")
    assert (row.value, row.metadata.by.name, row.cacheStatus) == ("v", "A", None)
    missing = await kv.getWithMetadata("missing")
    assert (missing.value, missing.metadata) == (None, None)
    rows = await kv.getWithMetadata(["k", "missing"])
    assert (rows.k.value, rows.k.metadata.by.name, rows.missing) == ("v", "A", None)


@given(MEMBERS)
def test_a_result_is_a_dict_in_all_else(members):
    made = with_attributes(members)
    assert isinstance(made, dict)
    assert made == members
    assert json.loads(json.dumps(made)) == members
    assert copy.deepcopy(made) == pickle.loads(pickle.dumps(made)) == members
    assert type(copy.deepcopy(made)) is JsDict


@given(MEMBERS)
def test_json_has_a_result_as_it_has_a_dict(members):
    made = with_attributes(members)
    assert stringify(made) == stringify(members)
    assert orjson.dumps(made) == orjson.dumps(members)
    assert parse(stringify(made)) == parse(stringify(members))


def test_an_attribute_that_is_set_is_a_member():
    made = JsDict(a=1)
    made.a, made.b = 2, 3
    assert made == {"a": 2, "b": 3}


USES = {
    "iterated": (lambda page: list(page.keys), "'builtin_function_or_method' object is not iterable"),
    "indexed": (lambda page: page.keys[0], "'builtin_function_or_method' object is not subscriptable"),
    "measured": (lambda page: len(page.keys), "object of type 'builtin_function_or_method' has no len()"),
}


@pytest.mark.parametrize("use", USES)
async def test_the_keys_method_used_as_data_fails_as_python_fails(kv, use):
    page = await kv.list()
    with pytest.raises(TypeError) as raised:
        USES[use][0](page)
    assert str(raised.value) == USES[use][1]
    assert 'page["keys"]' in raised.value.__notes__[0]


async def test_the_keys_method_is_dicts(kv):
    page = await kv.list()
    assert list(page.keys()) == ["keys", "list_complete", "cacheStatus"]
    assert dict(page) == {**page} == copy.copy(page) == page


@pytest.mark.parametrize("use", [lambda page: bool(page.keys), lambda page: list(page.keys)])
async def test_the_keys_method_used_as_data_is_reported_with_its_line(use):
    account = Edge(clock=VirtualClock(START), namespaces={"kv": "namespace-1"})
    diagnostics = []
    account.events.subscribe(Diagnostic, diagnostics.append)
    async with account.invocation():
        page = await account.env.kv.list()
        with suppress(TypeError):
            assert use(page) is True
    (diagnostic,) = diagnostics
    assert diagnostic.id == "kv-keys-method"
    assert diagnostic.place.endswith(f"test_kv_results.py:{inspect.getsourcelines(use)[1]}")


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("1.0", 1, int),
        ("-0.0", 0, int),
        ("1.5", 1.5, float),
        ("9007199254740991", 2**53 - 1, int),
        ("9007199254740992", 2.0**53, float),
        ("1e400", float("inf"), float),
    ],
)
async def test_a_number_of_json_is_what_pyodide_makes_of_javascripts(kv, text, value, kind):
    await kv.put("k", f'{{"n": [{text}]}}')
    row = await kv.get("k", "json")
    assert (row, type(row["n"][0])) == ({"n": [value]}, kind)


async def test_a_whole_number_of_a_bulk_get_is_an_int(kv):
    await kv.put("k", "[1.0, 1.5]")
    assert [type(number) for number in (await kv.get(["k"], "json"))["k"]] == [int, float]


async def test_a_whole_number_in_metadata_is_an_int(kv):
    await kv.put("k", "v", metadata={"score": 2.0, "share": 0.5})
    metadata = (await kv.getWithMetadata("k")).metadata
    assert (metadata, type(metadata.score)) == ({"score": 2, "share": 0.5}, int)
    (row,) = (await kv.list())["keys"]
    assert type(row.metadata.score) is int
