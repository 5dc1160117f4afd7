"""Results in the notation of the vectors, and the comparison of a result with the recorded one."""

from __future__ import annotations

import base64
import gzip
import hashlib
import math
import re
from typing import Any

from edgeday.web import ReadableStream, Response
from edgeday.web.text import utf8

from .notation import http_date

_LONG_BYTES = 4096
_MANY_KEYS = 60
_BOUNDARY = re.compile(r"boundary=([^;\s]+)")


def digest(data: bytes) -> dict[str, Any]:
    return {"length": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _text(value: str) -> Any:
    data = utf8(value)
    return digest(data) if len(data) > _LONG_BYTES else value


def _bytes(data: bytes | memoryview) -> Any:
    data = bytes(data)
    return digest(data) if len(data) > _LONG_BYTES else {"base64": base64.b64encode(data).decode()}


async def kv_value(value: Any, kind: str) -> Any:
    """What a KV get gave, for the type that was asked for."""
    if value is None:
        return None
    if isinstance(value, ReadableStream):
        return {"stream": _bytes(await value.read_all())}
    if isinstance(value, memoryview):
        return _bytes(value)
    return {"json": value} if kind == "json" else {"text": _text(value)}


def bulk(actual: dict[str, Any], *, with_metadata: bool) -> dict[str, Any]:
    """What a bulk get gave."""

    def shown(value: Any) -> Any:
        if with_metadata and value is not None:
            plain = value["value"]
            return {**value, "value": _text(plain) if isinstance(plain, str) else plain}
        return _text(value) if isinstance(value, str) else value

    return {"map": [[name, shown(value)] for name, value in actual.items()]}


def listed(page: dict[str, Any], start_s: int) -> dict[str, Any]:
    """What a list gave, with times relative to the start of the case."""
    listing = dict(page)
    keys = [
        {**row, "expiration": {"fromStart": row["expiration"] - start_s}} if "expiration" in row else row
        for row in page["keys"]
    ]
    if len(keys) > _MANY_KEYS:
        names = [row["name"] for row in keys]
        joined = "\n".join(names).encode()
        listing["keys"] = {
            "count": len(names),
            "first": names[0],
            "last": names[-1],
            "sha256": hashlib.sha256(joined).hexdigest(),
        }
    else:
        listing["keys"] = keys
    if "cursor" in page:
        listing["cursor"] = {"opaque": True}
    return listing


async def matched(response: Response) -> dict[str, Any]:
    """What a match gave; multipart boundaries are replaced by BOUNDARY."""
    data = await response.bytes() if response.body is not None else None
    return as_matched(response.status, response.status_text, dict(response.headers.items()), data)


def as_matched(status: int, status_text: str, fields: dict[str, str], data: bytes | None) -> dict[str, Any]:
    """A match with these fields and this body."""
    boundary = _BOUNDARY.search(fields.get("content-type", ""))
    if boundary is not None and data is not None:
        fields["content-type"] = fields["content-type"].replace(boundary[1], "BOUNDARY")
        data = data.replace(boundary[1].encode(), b"BOUNDARY")
    return {
        "status": status,
        "statusText": status_text,
        "headers": fields,
        "body": data,
    }


def differences(recorded: Any, actual: Any, start_s: int, path: str = "result") -> list[str]:
    """Where a result is not what was recorded; empty if it is."""
    if isinstance(recorded, dict) and isinstance(actual, dict):
        if "map" in recorded and "map" in actual:
            return differences(dict(recorded["map"]), dict(actual["map"]), start_s, f"{path}.map")
        if "status" in recorded and "body" in recorded:
            return _match_differences(recorded, actual, start_s)
        wrong = [f"{path}: no {name!r}" for name in recorded.keys() - actual.keys()]
        wrong += [f"{path}: {name!r} was not recorded" for name in actual.keys() - recorded.keys()]
        for name in recorded.keys() & actual.keys():
            wrong += differences(recorded[name], actual[name], start_s, f"{path}.{name}")
        return wrong
    if isinstance(recorded, list) and isinstance(actual, list) and len(recorded) == len(actual):
        pairs = enumerate(zip(recorded, actual, strict=True))
        return [
            line
            for number, (one, two) in pairs
            for line in differences(one, two, start_s, f"{path}[{number}]")
        ]
    return [] if _same(recorded, actual) else [f"{path}: {actual!r}, recorded {recorded!r}"]


def _same(recorded: Any, actual: Any) -> bool:
    """Whether two values are one JSON value: numbers as doubles, those beyond them written as null."""
    numbers = [isinstance(value, int | float) and not isinstance(value, bool) for value in (recorded, actual)]
    if all(numbers):
        return float(recorded) == float(actual)
    if numbers[1] and not math.isfinite(actual):
        return recorded is None
    return isinstance(recorded, bool) == isinstance(actual, bool) and bool(recorded == actual)


def _match_differences(recorded: dict[str, Any], actual: dict[str, Any], start_s: int) -> list[str]:
    wrong = [
        f"{name}: {actual[name]!r}, recorded {recorded[name]!r}"
        for name in ("status", "statusText")
        if actual[name] != recorded[name]
    ]
    expected = dict(recorded["headers"])
    wrong += [f"headers: no {name!r}" for name in expected.keys() - actual["headers"].keys()]
    wrong += [f"headers: {name!r} was not recorded" for name in actual["headers"].keys() - expected.keys()]
    for name in expected.keys() & actual["headers"].keys():
        wanted = expected[name]
        if isinstance(wanted, dict):
            if "httpDateFromStart" not in wanted:
                continue
            wanted = http_date(start_s + wanted["httpDateFromStart"])
        if actual["headers"][name] != wanted:
            wrong.append(f"headers.{name}: {actual['headers'][name]!r}, recorded {wanted!r}")
    return wrong + _body_differences(recorded["body"], actual["body"])


def _body_differences(recorded: Any, actual: bytes | None) -> list[str]:
    data = b"" if actual is None else actual
    if recorded is not None and "gzipOf" in recorded:
        return _body_differences(recorded["gzipOf"], gzip.decompress(data))
    if recorded is None:
        wanted: Any = b""
    elif "text" in recorded:
        wanted = recorded["text"].encode()
    elif "base64" in recorded:
        wanted = base64.b64decode(recorded["base64"])
    else:
        return [] if digest(data) == recorded else [f"body: {digest(data)}, recorded {recorded}"]
    return [] if data == wanted else [f"body: {data!r}, recorded {wanted!r}"]
