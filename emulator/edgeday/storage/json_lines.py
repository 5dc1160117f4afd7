"""A state file as JSON lines: one typed record a line, behind a header, for export and import.

    {"type":"edgeday-state","version":1,"records":3}
    {"type":"kv","namespace":"pages","key":"menu","value":"monday","metadata":"[1]","written_at":1771200000.5}
    {"type":"cache","cache":"SOF/default","key":"https://a/","status":200,"status_text":"OK", ...}
    {"type":"counters","day":"2026-02-16","op":"write","asked":3,"accepted":3,"refused":0}

Values and bodies that are not UTF-8 stand as base64 in `value_base64` and `body_base64`. `metadata` is
JSON text, kept to the letter. Instants are epoch seconds. Both directions stream.
"""

from __future__ import annotations

import base64
import json
import math
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import orjson

from edgeday.errors import BadInput, Problem
from edgeday.ledger import Op
from edgeday.storage.database import explained, open_database, open_reader, transaction
from edgeday.storage.records import CacheEntry, HeaderList, KVEntry
from edgeday.storage.transactions import (
    PUT_CACHE,
    PUT_COUNTER,
    PUT_KV,
    cache_row,
    kv_row,
    parse_headers,
)

_VERSION = 1
_MOST_PROBLEMS = 20
_EPOCH = date(1970, 1, 1)

Record = dict[str, Any]
Statement = tuple[str, tuple[Any, ...]]
"""SQL with its parameters."""


# export


def export_lines(path: Path) -> Iterator[bytes]:
    """The lines of a state file, as of one moment; it may be in use.

    Raises BadInput if it is no state file or cannot be read.
    """
    with explained(path), closing(open_reader(path)) as db:
        db.execute("BEGIN")
        counts = "SELECT (SELECT count(*) FROM kv) + (SELECT count(*) FROM cache) + count(*) FROM counters"
        (records,) = db.execute(counts).fetchone()
        yield header_line(records)
        query = """
            SELECT namespace, key, value, metadata, expires_at, written_at FROM kv ORDER BY namespace, key"""
        for namespace, key, value, metadata, expiration, written_at in db.execute(query):
            yield kv_line(namespace, key, KVEntry(value, metadata, expiration, written_at))
        query = """
            SELECT cache, key, status, status_text, headers, body, stored_at, lifetime_s
            FROM cache ORDER BY cache, key"""
        for cache, key, status, status_text, headers, body, stored_at, lifetime_s in db.execute(query):
            start = {"type": "cache", "cache": cache, "key": key, "status": status}
            start |= {"status_text": status_text, "headers": parse_headers(headers)}
            start |= _text_of(body, "body")
            yield _line(start | {"stored_at": stored_at, "lifetime_s": lifetime_s})
        query = "SELECT day, op, asked, accepted, refused FROM counters ORDER BY day, op"
        for day, op, asked, accepted, refused in db.execute(query):
            start = {"type": "counters", "day": (_EPOCH + timedelta(day)).isoformat(), "op": op}
            yield _line(start | {"asked": asked, "accepted": accepted, "refused": refused})


def header_line(records: int) -> bytes:
    """The first line of an export, before so many records."""
    return _line({"type": "edgeday-state", "version": _VERSION, "records": records})


def kv_line(namespace: str, key: str, entry: KVEntry) -> bytes:
    """The line of a KV entry."""
    start = {"type": "kv", "namespace": namespace, "key": key, **_text_of(entry.value, "value")}
    rest = {"metadata": entry.metadata, "expiration": entry.expires_at, "written_at": entry.written_at}
    return _line(start | rest)


def _line(record: dict[str, Any]) -> bytes:
    given = {name: value for name, value in record.items() if value is not None}
    return orjson.dumps(given, option=orjson.OPT_APPEND_NEWLINE)


def _text_of(value: bytes, name: str) -> dict[str, Any]:
    try:
        return {name: value.decode()}
    except UnicodeDecodeError:
        return {f"{name}_base64": base64.b64encode(value).decode()}


# import


def import_lines(path: Path, lines: Iterable[bytes], source: str) -> Counter[str]:
    """Put the records of an export into a state file, made if there is none; how many of each type.

    A record replaces what the file holds under the same name; everything else stays. All of them or none:
    raises BadInput, with source and line of each, if a line cannot be used or lines are missing.
    """
    reading = _Reading(lines, source)
    reading.header()  # a file of another kind is refused before a state file is made
    with (
        explained(path),
        _made_whole(path) as place,
        closing(open_database(place)) as db,
        transaction(db),
    ):
        for statement, group in groupby(reading.statements(), key=itemgetter(0)):
            db.executemany(statement, map(itemgetter(1), group))
        reading.check()
    return reading.counts


@contextmanager
def _made_whole(path: Path) -> Iterator[Path]:
    """Gives the state file to import into: `path`, or if nothing is there yet a file beside it, which comes
    into its place when the block has ended well and is gone when it has not."""
    place = path.resolve()
    if place.exists() and (not place.is_file() or place.stat().st_size):
        yield path
        return
    aside = place.with_name(f".{place.name}.{os.getpid()}.tmp")
    try:
        yield aside
        if place.exists() and place.stat().st_size:
            raise BadInput(Problem(str(path), "was made by another program meanwhile", "import again"))
        aside.replace(place)
    except BadInput as bad:
        named = (replace(one, path=str(path)) if one.path == str(aside) else one for one in bad.problems)
        raise BadInput(tuple(named)) from None
    finally:
        for suffix in ("", "-wal", "-shm"):
            with suppress(OSError):
                aside.with_name(aside.name + suffix).unlink()


def kv_entries(lines: Iterable[bytes], source: str) -> Iterator[tuple[str, str, KVEntry]]:
    """Namespace, key and entry of each record of an export that holds nothing else.

    Raises BadInput, with source and line, for lines that cannot be used, missing lines and other records.
    """
    reading = _Reading(lines, source)
    reading.header()
    for statement, row in reading.statements():
        if statement != PUT_KV:
            raise BadInput(Problem(source, "has records that are no KV entries", "name another file"))
        namespace, key, expiration, written_at, metadata, value = row
        yield namespace, key, KVEntry(value, metadata, expiration, written_at)
    reading.check()


def kv_records(lines: Iterable[bytes], source: str) -> Iterator[tuple[int, str, str, KVEntry] | None]:
    """Line, namespace, key and entry of each KV record of an export; None for each record of another kind.

    Raises BadInput as `kv_entries`, but for those.
    """
    reading = _Reading(lines, source)
    reading.header()
    for statement, row in reading.statements():
        if statement is not PUT_KV:
            yield None
            continue
        namespace, key, expiration, written_at, metadata, value = row
        yield reading.line, namespace, key, KVEntry(value, metadata, expiration, written_at)
    reading.check()


def stored_entries(path: Path) -> Iterator[tuple[str, str, KVEntry]]:
    """Namespace, key and entry of all that KV holds in a state file, as of one moment; it may be in use.

    Raises BadInput if it is no state file or cannot be read.
    """
    with explained(path), closing(open_reader(path)) as db:
        db.execute("BEGIN")
        query = (
            "SELECT namespace, key, value, metadata, expires_at, written_at FROM kv ORDER BY namespace, key"
        )
        for namespace, key, *row in db.execute(query):
            yield namespace, key, KVEntry(*row)


class _Reading:
    """Lines as they are read: what they hold, and what is wrong with them. line: the last one read."""

    def __init__(self, lines: Iterable[bytes], source: str) -> None:
        self._lines = enumerate(lines, 1)
        self._source = source
        self._expected: int | None = None
        self._problems: list[Problem] = []
        self.line = 1
        self.counts: Counter[str] = Counter()

    def header(self) -> None:
        """Read the first line."""
        try:
            header = _parse(next(self._lines, (1, b""))[1])
            if header.pop("type", None) != "edgeday-state":
                raise ValueError("no header")
            version = _whole(header, "version")
            self._expected = _whole(header, "records") if "records" in header else None
        except ValueError:
            hint = f'its first line would be {{"type":"edgeday-state","version":{_VERSION}}}'
            raise BadInput(Problem(self._source, "is not the header of an edgeday export", hint, 1)) from None
        if version != _VERSION:
            what = f"is version {version} of the format; this edgeday reads version {_VERSION}"
            raise BadInput(Problem(self._source, what, "update edgeday, or export with this one", 1))

    def statements(self) -> Iterator[Statement]:
        """What to do for each line; lines that cannot be used are kept in mind for `check`."""
        for number, line in self._lines:
            if line.isspace():
                continue
            self.line = number
            try:
                record = _parse(line)
                kind = record.pop("type", None)
                if not isinstance(kind, str) or kind not in _STATEMENTS:
                    raise ValueError(f'has no known "type"; there are {", ".join(_STATEMENTS)}')
                statement = _STATEMENTS[kind](record)
                if record:
                    raise ValueError(f"has fields that a {kind} record has not: {', '.join(record)}")
            except ValueError as error:
                self._problems.append(Problem(self._source, str(error), line=number))
                if len(self._problems) == _MOST_PROBLEMS:
                    self._problems.append(Problem(self._source, "there may be more; the rest was not read"))
                    return
            else:
                self.counts[kind] += 1
                yield statement

    def check(self) -> None:
        """Raise what was wrong."""
        if self._problems:
            raise BadInput(self._problems)
        records = self.counts.total()
        if self._expected is not None and records != self._expected:
            what = f"has {records} records, where its header says {self._expected}"
            raise BadInput(Problem(self._source, what, "export again: the file was cut short or changed"))


# one record: each function takes the fields it knows out of it; ValueError says what is wrong


def _kv_statement(record: Record) -> Statement:
    entry = KVEntry(
        _bytes(record, "value"),
        _json_text(record, "metadata") if "metadata" in record else None,
        _whole(record, "expiration") if "expiration" in record else None,
        _number(record, "written_at"),
    )
    return PUT_KV, kv_row(_text(record, "namespace"), _text(record, "key"), entry)


def _cache_statement(record: Record) -> Statement:
    entry = CacheEntry(
        _whole(record, "status"),
        _text(record, "status_text"),
        _headers(record),
        _bytes(record, "body"),
        _number(record, "stored_at"),
        _number(record, "lifetime_s"),
    )
    return PUT_CACHE, cache_row(_text(record, "cache"), _text(record, "key"), entry)


def _counters_statement(record: Record) -> Statement:
    try:
        day = (date.fromisoformat(_text(record, "day")) - _EPOCH).days
    except ValueError:
        raise ValueError('"day" is not a date such as 2026-02-16') from None
    op = _text(record, "op")
    if op not in set(Op):
        raise ValueError(f'"op" is none of {", ".join(Op)}')
    asked, accepted, refused = (_whole(record, name) for name in ("asked", "accepted", "refused"))
    if asked != accepted + refused:
        raise ValueError('"asked" is not "accepted" plus "refused"')
    return PUT_COUNTER, (day, op, asked, accepted, refused)


_STATEMENTS: dict[str, Callable[[Record], Statement]] = {
    "kv": _kv_statement,
    "cache": _cache_statement,
    "counters": _counters_statement,
}


def _parse(line: bytes) -> Record:
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise ValueError(_not_utf8(line) or f"is not JSON: {error.msg}, at column {error.colno}") from None
    if not isinstance(record, dict):
        raise ValueError("is not a JSON object")
    return record


def _not_utf8(line: bytes) -> str:
    """What is wrong with the letters of a line; "" if it is UTF-8."""
    try:
        line.decode()
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            return "ends in the middle of a letter: the file was cut short; export again"
        column = len(line[: error.start].decode()) + 1
        return f"is not UTF-8: byte 0x{line[error.start]:02x} at column {column}; export again, or convert it"
    return ""


def _text(record: Record, name: str) -> str:
    value = record.pop(name, None)
    if type(value) is not str:
        raise ValueError(f'"{name}" is not text')
    return value


def _json_text(record: Record, name: str) -> str:
    text = _text(record, name)
    try:
        orjson.loads(text)
    except ValueError:
        try:
            json.loads(text)  # which takes an escaped lone surrogate, as JavaScript does
        except (ValueError, RecursionError):
            raise ValueError(f'"{name}" is not JSON text') from None
    return text


def _whole(record: Record, name: str) -> int:
    value = record.pop(name, None)
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError(f'"{name}" is not a whole number of 0 or more')
    return value


def _number(record: Record, name: str) -> float:
    value = record.pop(name, None)
    if type(value) not in {float, int} or not 0 <= value < math.inf:
        raise ValueError(f'"{name}" is not a number of 0 or more')
    return float(value)


def _bytes(record: Record, name: str) -> bytes:
    if (name in record) == (f"{name}_base64" in record):
        raise ValueError(f'needs either "{name}" or "{name}_base64"')
    if name in record:
        return _text(record, name).encode()
    try:
        return base64.b64decode(_text(record, f"{name}_base64"), validate=True)
    except ValueError:
        raise ValueError(f'"{name}_base64" is not base64') from None


def _headers(record: Record) -> HeaderList:
    headers = record.pop("headers", None)
    if not isinstance(headers, list) or not all(_is_pair_of_text(pair) for pair in headers):
        raise ValueError('"headers" is not a list of pairs of text')
    return tuple((name, value) for name, value in headers)


def _is_pair_of_text(pair: object) -> bool:
    return isinstance(pair, list) and [type(part) for part in pair] == [str, str]
