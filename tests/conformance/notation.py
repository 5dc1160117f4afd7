"""The notation of the vectors: what stands for which Python value, request or response."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator
from email.utils import formatdate
from typing import Any, NamedTuple

import ada_url

from edgeday.web import ReadableStream, Request, Response
from edgeday.web.json_text import stringify

SPECIAL = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_CHUNK_BYTES = 64 * 1024


class NoCounterpart(Exception):
    """The step hands over a JavaScript value that Python does not have."""


class Case(NamedTuple):
    """One recorded case. `tag`: its tags with + between them (no recorded case has two), or ""."""

    id: str
    area: str
    title: str
    tag: str
    steps: list[dict[str, Any]]


def case_of(row: Any) -> Case:
    """A case from its JSON. Raises KeyError, TypeError or AttributeError for what is none."""
    return Case(row["id"], row["area"], row["title"], "+".join(row.get("tags", [])), row["steps"])


def text(written: Any) -> str:
    """A Text: a string, or a character written n times."""
    if isinstance(written, dict):
        return written["repeat"]["char"] * written["repeat"]["count"]
    return written


def special(written: Any) -> Any:
    """A value that may be `{"jsSpecial": ...}`. Raises NoCounterpart for undefined."""
    if isinstance(written, dict) and "jsSpecial" in written:
        if written["jsSpecial"] == "undefined":
            raise NoCounterpart("undefined, where Python would leave the argument out")
        return SPECIAL[written["jsSpecial"]]
    return written


def key(written: Any) -> Any:
    """A KV key: Text, or another value to be made a string of."""
    if isinstance(written, dict) and "repeat" in written:
        return text(written)
    if isinstance(written, list):
        return [key(item) for item in written]
    return special(written)


def options(written: Any, now_s: int, cursors: dict[int, str]) -> Any:
    """Options as a dict; members that are undefined are left out."""
    if not isinstance(written, dict):
        return written
    if "jsSpecial" in written:
        return SPECIAL.get(written["jsSpecial"])  # undefined: None, the argument left out
    made: dict[str, Any] = {}
    for name, member in written.items():
        if _is_undefined(member):
            continue
        if name == "expirationFromNow":
            made["expiration"] = str(now_s + int(member)) if isinstance(member, str) else now_s + member
        elif name == "cursor" and isinstance(member, dict) and "cursorFrom" in member:
            made["cursor"] = cursors[member["cursorFrom"]]
        else:
            made[name] = _deep(member)
    return made


def _is_undefined(written: Any) -> bool:
    return isinstance(written, dict) and written.get("jsSpecial") == "undefined"


def _deep(written: Any) -> Any:
    """A value with special values and Texts anywhere in it, as JSON.stringify would see it."""
    if isinstance(written, list):
        return [None if _is_undefined(item) else _deep(item) for item in written]
    if isinstance(written, dict) and not written.keys() & {"jsSpecial", "repeat"}:
        return {name: _deep(item) for name, item in written.items() if not _is_undefined(item)}
    return text(written) if isinstance(written, dict) and "repeat" in written else special(written)


def body(written: Any) -> Any:
    """A KV value or a body."""
    if written is None:
        return None
    if "text" in written:
        return text(written["text"])
    if "json" in written:
        return stringify(written["json"])
    if "repeat" in written:
        return text(written)
    if "base64" in written:
        return base64.b64decode(written["base64"])
    if "stream" in written:
        return ReadableStream(_chunks(written["stream"]))
    if "js" in written:
        return written["js"]
    return special(written)


def _chunks(written: dict[str, Any]) -> Iterator[bytes]:
    content = body({name: part for name, part in written.items() if name != "chunkBytes"})
    if isinstance(content, str):  # as TextEncoder writes it: U+FFFD for half a surrogate pair
        content = content.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()
    step = written.get("chunkBytes", _CHUNK_BYTES)
    for start in range(0, len(content), step):
        yield content[start : start + step]


def headers(written: list[list[Any]] | None, now_s: int) -> list[tuple[str, str]]:
    """Header fields; dates relative to the time of the step."""
    made = []
    for name, content in written or []:
        if isinstance(content, dict) and "httpDateFromNow" in content:
            content = http_date(now_s + content["httpDateFromNow"])
        made.append((text(name), text(content)))
    return made


def request(written: Any, now_s: int) -> Any:
    """A cache key: a URL, a URL object, a Request, or another value to be made a string of."""
    if not isinstance(written, dict) or "jsSpecial" in written:
        return special(written)
    if "repeat" in written:
        return text(written)
    if "urlObject" in written:
        try:
            return ada_url.URL(text(written["urlObject"]))
        except ValueError:
            raise NoCounterpart("a URL object that JavaScript would not make") from None
    return Request(
        text(written["url"]),
        method=written.get("method"),
        headers=headers(written.get("headers"), now_s),
        body=body(written.get("body")),
        cf=written.get("cf"),
    )


async def response(written: Any, now_s: int) -> Any:
    """A Response, with its body read if the vector says so; or what is handed over in its place."""
    if not isinstance(written, dict) or "jsSpecial" in written:
        return special(written)
    if written.get("error"):
        return Response.error()
    made = Response(
        body(written.get("body")),
        status=written.get("status", 200),
        status_text=written.get("statusText"),
        headers=headers(written.get("headers"), now_s),
        encodeBody=written.get("encodeBody", "automatic"),
    )
    if written.get("used"):
        await made.bytes()
    return made


def http_date(epoch_s: int) -> str:
    """An IMF-fixdate."""
    return formatdate(epoch_s, usegmt=True)
