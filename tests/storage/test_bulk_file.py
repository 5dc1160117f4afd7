from __future__ import annotations

import io
import json

import pytest

from edgeday.storage import bulk_file
from edgeday.storage.bulk_file import BadLine, BulkEntry, read_bulk

AS_WRANGLER_DOCUMENTS = """\
[
  {
    "key": "key1",
    "value": "value1",
    "expiration_ttl": 3600
  },
  {
    "key": "key2",
    "value": "dmFsdWUy",
    "expiration": 1771203600,
    "metadata": {"somekey": "somevalue"},
    "base64": true
  }
]
"""


def entries_of(text):
    return list(read_bulk(io.StringIO(text)))


def problems_of(text):
    return [(bad.line, str(bad)) for bad in entries_of(text) if isinstance(bad, BadLine)]


def test_a_file_in_wranglers_form_gives_its_entries_with_their_lines():
    assert entries_of(AS_WRANGLER_DOCUMENTS) == [
        BulkEntry(2, "key1", b"value1", ttl=3600),
        BulkEntry(7, "key2", b"value2", expiration=1771203600, metadata='{"somekey":"somevalue"}'),
    ]


@pytest.mark.parametrize("text", ["[]", " [ ]\n", "[\n]"])
def test_an_empty_list_has_no_entries_and_nothing_wrong(text):
    assert entries_of(text) == []


@pytest.mark.parametrize("chunk", [1, 2, 7, 64])
def test_a_file_is_the_same_in_however_small_pieces_it_is_read(monkeypatch, chunk):
    items = [{"key": f"k{n}", "value": 'quote " brace } \\ end' * n, "metadata": [n]} for n in range(40)]
    text = json.dumps(items, indent=1)
    whole = entries_of(text)
    monkeypatch.setattr(bulk_file, "_CHUNK_CHARS", chunk)
    assert entries_of(text) == whole
    assert [entry.key for entry in whole] == [item["key"] for item in items]


@pytest.mark.parametrize(
    ("item", "what"),
    [
        ("3", "is no entry: 3; write an object with key and value"),
        ('{"value": "x"}', 'has no "key"'),
        ('{"key": "a"}', 'has no "value"'),
        ('{"key": 1, "value": "x"}', '"key" must be text; this is 1'),
        ('{"key": "a", "value": {"b": 1}}', '"value" must be text; this is {"b": 1}'),
        ('{"key": "a", "value": "?", "base64": true}', '"value" of "a" is not base64'),
        ('{"key": "a", "value": "x", "base64": "yes"}', '"base64" must be true or false; this is "yes"'),
        (
            '{"key": "a", "value": "x", "expiration_ttl": "60"}',
            '"expiration_ttl" must be a whole number of seconds; this is "60"',
        ),
        (
            '{"key": "a", "value": "x", "expiration": -1}',
            '"expiration" must be a whole number of seconds; this is -1',
        ),
        ('{"key": "\\ud800", "value": "x"}', '"key" has half of a character (a surrogate)'),
    ],
)
def test_an_entry_that_is_none_is_said_with_its_line_and_the_next_is_read(item, what):
    first, second = entries_of(f'[\n{item},\n{{"key": "next", "value": ""}}\n]')
    assert (first.line, str(first), first.goes_on) == (2, what, True)
    assert second == BulkEntry(3, "next", b"")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{}", (1, "is no list of entries")),
        ('[\n{"key": "a", "value": "x"}\n{"key": "b"}]', (3, "a comma or ] was to stand here")),
        ('[{"key": "a", "value": "x"}', (1, "the list ends in the middle: the file was cut short")),
        ('[\n{"key": "a", "va', (2, "is not JSON: Unterminated string starting at")),
        ('[\n{"key": "a",\n oops}]', (3, "is not JSON: Expecting property name enclosed in double quotes")),
        ("[]\n[]", (2, "stands after the end of the list")),
        ('[{"key": "a", "value": NaN}]', (1, "is not JSON: NaN")),
    ],
)
def test_text_that_is_no_list_ends_the_reading_with_its_line(text, problem):
    assert problems_of(text) == [problem]


def test_fields_that_mean_nothing_are_kept_apart():
    (entry,) = entries_of('[{"key": "a", "value": "x", "ttl": 5, "note": ""}]')
    assert entry.unknown == ("ttl", "note")
