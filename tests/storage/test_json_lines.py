"""Export and import of state files as JSON lines, and their summaries."""

import json
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeday.errors import BadInput
from edgeday.ledger import Op, Usage
from edgeday.storage.database import open_database
from edgeday.storage.json_lines import export_lines, import_lines
from edgeday.storage.records import CacheEntry, KVEntry
from edgeday.storage.sqlite import SqliteStore
from edgeday.storage.summary import Holding, Summary, summarize
from edgeday.storage.transactions import PUT_CACHE, PUT_KV, cache_row, kv_row
from tests.storage.examples import DAY, cache_entry, get, put, spend

HEADER = b'{"type":"edgeday-state","version":1}'
KV = {"type": "kv", "namespace": "pages", "key": "menu", "value": "monday", "written_at": 5}
CACHED = {
    "type": "cache", "cache": "SOF/default", "key": "https://a/", "status": 200, "status_text": "OK",
    "headers": [["a", "b"]], "body": "", "stored_at": 5, "lifetime_s": 1.5,
}  # fmt: skip
COUNTERS = {"type": "counters", "day": "2026-02-16", "op": "write", "asked": 3, "accepted": 2, "refused": 1}


def lines_of(*records):
    return [HEADER, *(json.dumps(record).encode() for record in records)]


def problems_of(path, lines):
    with pytest.raises(BadInput) as raised:
        import_lines(path, lines, "day.jsonl")
    return [(problem.where, problem.what) for problem in raised.value.problems]


@pytest.fixture
async def state_file(tmp_path):
    """A closed state file with something of everything."""
    path = tmp_path / "day.sqlite"
    store = SqliteStore.open_in_place(path)
    await put(store, "menu", "понеделник".encode(), metadata='{"a": 1e0}', expiration=60, at=1.5)
    await put(store, "photo", b"\xff\x00", namespace="other", at=2.5)
    await store.cache_put(
        "SOF/default", "https://a/", cache_entry(b"\xff", at=3.5, headers=(("é", "1"),) * 2)
    )
    await store.charge(spend(Op.LIST, 2, limit=1))
    await store.close()
    return path


def test_an_export_has_a_header_and_one_typed_record_a_line(state_file):
    records = [json.loads(line) for line in export_lines(state_file)]
    assert records == [
        {"type": "edgeday-state", "version": 1, "records": 5},
        {
            "type": "kv", "namespace": "other", "key": "photo", "value_base64": "/wA=", "written_at": 2.5
        },
        {
            "type": "kv", "namespace": "pages", "key": "menu", "value": "понеделник",
            "metadata": '{"a": 1e0}', "expiration": 60, "written_at": 1.5,
        },
        {
            "type": "cache", "cache": "SOF/default", "key": "https://a/", "status": 200, "status_text": "OK",
            "headers": [["é", "1"], ["é", "1"]], "body_base64": "/w==", "stored_at": 3.5, "lifetime_s": 60.0,
        },
        {"type": "counters", "day": "2026-02-16", "op": "list", "asked": 2, "accepted": 0, "refused": 2},
        {"type": "counters", "day": "2026-02-16", "op": "write", "asked": 2, "accepted": 2, "refused": 0},
    ]  # fmt: skip


def test_an_import_makes_a_file_that_exports_the_same_bytes(state_file, tmp_path):
    exported = list(export_lines(state_file))
    counts = import_lines(tmp_path / "copy.sqlite", exported, "day.jsonl")
    assert counts == {"kv": 2, "cache": 1, "counters": 2}
    assert list(export_lines(tmp_path / "copy.sqlite")) == exported


_TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
_INSTANT = st.floats(0, 1e12)
_KV_ENTRIES = st.builds(
    KVEntry,
    st.binary(max_size=20) | _TEXT.map(str.encode),
    st.none() | st.recursive(st.integers() | _TEXT, st.lists, max_leaves=3).map(json.dumps),
    st.none() | st.integers(0, 2**53),
    _INSTANT,
)
_HEADERS = st.lists(st.tuples(_TEXT, _TEXT), max_size=3).map(tuple)
_CACHE_ENTRIES = st.builds(
    CacheEntry, st.integers(100, 599), _TEXT, _HEADERS, st.binary(max_size=20), _INSTANT, _INSTANT
)


@pytest.mark.slow
@settings(max_examples=50, deadline=None)
@given(
    kv=st.dictionaries(st.tuples(_TEXT, _TEXT), _KV_ENTRIES, max_size=4),
    cache=st.dictionaries(st.tuples(_TEXT, _TEXT), _CACHE_ENTRIES, max_size=4),
)
def test_any_entry_survives_export_and_import(kv, cache):
    with tempfile.TemporaryDirectory() as folder:
        original, copy = Path(folder) / "original.sqlite", Path(folder) / "copy.sqlite"
        with closing(open_database(original)) as db:
            db.executemany(PUT_KV, [kv_row(*at, entry) for at, entry in kv.items()])
            db.executemany(PUT_CACHE, [cache_row(*at, entry) for at, entry in cache.items()])
        import_lines(copy, export_lines(original), "original")
        with closing(open_database(original)) as first, closing(open_database(copy)) as second:
            for table, key in (("kv", "namespace, key"), ("cache", "cache, key")):
                query = f"SELECT * FROM {table} ORDER BY {key}"
                assert first.execute(query).fetchall() == second.execute(query).fetchall()


async def test_an_import_replaces_what_has_the_same_name_and_leaves_the_rest(state_file):
    import_lines(state_file, lines_of(KV, COUNTERS), "day.jsonl")
    store = SqliteStore.open_in_place(state_file)
    assert await get(store, "menu") == KVEntry(b"monday", None, None, 5.0)
    assert (await get(store, "photo", namespace="other")).value == b"\xff\x00"
    assert store.usage(DAY)[Op.WRITE] == Usage(3, 2, 1)
    assert store.usage(DAY)[Op.LIST] == Usage(2, 0, 2)
    await store.close()


def _without(record, name):
    return {field: value for field, value in record.items() if field != name}


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (b'{"type": "kv",', "is not JSON: "),
        (b"[1]", "is not a JSON object"),
        (b"\xff", "is not UTF-8: byte 0xff at column 1"),
        ({"type": "log"}, 'has no known "type"; there are kv, cache, counters'),
        ({"key": "menu"}, 'has no known "type"'),
        ({"type": ["kv"]}, 'has no known "type"'),
        (_without(KV, "key"), '"key" is not text'),
        (_without(KV, "value"), 'needs either "value" or "value_base64"'),
        (KV | {"value_base64": "AA=="}, 'needs either "value" or "value_base64"'),
        (_without(KV, "value") | {"value_base64": "A*=="}, '"value_base64" is not base64'),
        (KV | {"namespace": 5}, '"namespace" is not text'),
        (KV | {"metadata": "{"}, '"metadata" is not JSON text'),
        (KV | {"metadata": "[" * 100_000}, '"metadata" is not JSON text'),
        (KV | {"expiration": 1.5}, '"expiration" is not a whole number of 0 or more'),
        (KV | {"expiration": True}, '"expiration" is not a whole number'),
        (KV | {"expiration": 2**63}, '"expiration" is not a whole number'),
        (KV | {"written_at": "now"}, '"written_at" is not a number of 0 or more'),
        (b'{"type":"kv","namespace":"","key":"","value":"","written_at":1e999}', ""),
        (KV | {"ttl": 60, "x": 1}, "has fields that a kv record has not: ttl, x"),
        (CACHED | {"headers": [["a", "b"], ["c"]]}, '"headers" is not a list of pairs of text'),
        (CACHED | {"headers": {"a": "b"}}, '"headers" is not a list of pairs of text'),
        (CACHED | {"headers": [["a", 1]]}, '"headers" is not a list of pairs of text'),
        (CACHED | {"lifetime_s": -1}, '"lifetime_s" is not a number of 0 or more'),
        (COUNTERS | {"day": "16 Feb"}, '"day" is not a date such as 2026-02-16'),
        (COUNTERS | {"op": "put"}, '"op" is none of read, write, delete, list'),
        (COUNTERS | {"asked": 4}, '"asked" is not "accepted" plus "refused"'),
    ],
)
def test_a_bad_line_is_told_with_its_place_and_nothing_is_imported(state_file, line, what):
    before = list(export_lines(state_file))
    raw = line if isinstance(line, bytes) else json.dumps(line).encode()
    ((where, message),) = problems_of(state_file, [*lines_of(KV, CACHED, COUNTERS), raw, *lines_of(KV)[1:]])
    assert where == "day.jsonl:5"
    assert message.startswith(what)
    assert list(export_lines(state_file)) == before


def test_all_bad_lines_are_told_in_one_go_up_to_twenty(state_file):
    assert [where for where, _ in problems_of(state_file, [HEADER, b"5\n", b"\n", b"6\n"])] == [
        "day.jsonl:2", "day.jsonl:4"
    ]  # fmt: skip
    many = problems_of(state_file, [HEADER, *[b"5\n"] * 100])
    assert len(many) == 21
    assert many[-1] == ("day.jsonl", "there may be more; the rest was not read")


@pytest.mark.parametrize(
    "first", [[], [b"\n"], [b"name,value\n"], [b'{"type":"kv"}'], [b'{"type":"edgeday-state"}']]
)
def test_a_file_without_a_header_is_refused_before_a_state_file_is_made(tmp_path, first):
    path = tmp_path / "day.sqlite"
    assert problems_of(path, first) == [("day.jsonl:1", "is not the header of an edgeday export")]
    assert not path.exists()


def test_a_newer_format_is_refused(tmp_path):
    ((where, what),) = problems_of(tmp_path / "day.sqlite", [HEADER.replace(b"1", b"2")])
    assert (where, what) == ("day.jsonl:1", "is version 2 of the format; this edgeday reads version 1")


def test_an_export_that_was_cut_short_is_refused(state_file, tmp_path):
    *exported, _last = export_lines(state_file)
    path = tmp_path / "copy.sqlite"
    assert problems_of(path, exported) == [("day.jsonl", "has 4 records, where its header says 5")]
    assert not path.exists()


def test_an_export_shows_one_moment_while_others_write(state_file):
    lines = export_lines(state_file)
    header = json.loads(next(lines))
    import_lines(state_file, lines_of(*(KV | {"key": f"new:{number}"} for number in range(50))), "day.jsonl")
    assert len(list(lines)) == header["records"] == 5
    assert len(list(export_lines(state_file))) == 1 + 55


def test_a_summary_counts_what_a_file_holds(state_file):
    assert summarize(state_file) == Summary(
        namespaces=[Holding("other", 1, 2, 0, 2.5), Holding("pages", 1, 20, 1, 1.5)],
        caches=[Holding("SOF/default", 1, 1, 1, 3.5)],
        days={
            DAY: {
                Op.READ: Usage(), Op.WRITE: Usage(2, 2, 0), Op.DELETE: Usage(), Op.LIST: Usage(2, 0, 2)
            }
        },
    )  # fmt: skip


def test_a_summary_of_an_empty_state_file_is_empty(tmp_path):
    open_database(tmp_path / "day.sqlite").close()
    assert summarize(tmp_path / "day.sqlite") == Summary([], [], {})
