"""Request bodies of the REST API: read within limits of size and time, and turned into what they ask for."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import BodyPartReader, web
from aiohttp.http import HttpProcessingError

from edgeday.server.errors import BAD_REQUEST, ApiError, bad_request, quoted, too_large
from edgeday.server.kv_operations import BULK_LIMIT, Write
from edgeday.server.rest.decoders import IllegalBase64, decode_base64, decode_json

BODY_TIMEOUT_S = 60
"""Seconds in which a request body has to arrive."""
MAX_BULK_BYTES = 100_000_000
"""Body of a bulk request. Source: Cloudflare docs, KV write key-value pairs (under 100 MB)."""
MAX_SMALL_BYTES = 1024 * 1024
"""Body of a request that carries names only."""
MAX_VALUE_BODY_BYTES = 26_214_400 + 64 * 1024
"""A value, its metadata and what a multipart form puts around them; the value's own limit is KV's."""
_MAX_PARTS = 8
_MAX_DIGITS = 18
_INTEGER = re.compile(rf"[+-]?[0-9]{{1,{_MAX_DIGITS}}}\Z", re.ASCII)


async def read_body(request: web.BaseRequest, limit_bytes: int) -> bytes:
    """The whole body. Raises ApiError 413 if it is longer than `limit_bytes`, 408 if it is too slow."""
    if not request.body_exists:
        return b""
    if (request.content_length or 0) > limit_bytes:
        raise too_large(limit_bytes)
    if request.content.is_eof():  # all of it has come already
        body = request.content.read_nowait()
        if len(body) > limit_bytes:
            raise too_large(limit_bytes)
        return body
    chunks: list[bytes] = []
    size = 0
    async with _arriving(request):
        async for chunk in request.content.iter_any():
            size += len(chunk)
            if size > limit_bytes:
                raise too_large(limit_bytes)
            chunks.append(chunk)
    return b"".join(chunks)


@asynccontextmanager
async def _arriving(request: web.BaseRequest) -> AsyncIterator[None]:
    """Ask for a body that waits to be asked for, and receive it in this block.

    Raises ApiError 408 or 400 if it is too slow or breaks off.
    """
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            if request.headers.get("Expect", "").lower() == "100-continue":
                await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            yield
    except TimeoutError:
        text = f"the request body took longer than {BODY_TIMEOUT_S} s to arrive"
        raise ApiError(408, BAD_REQUEST, text) from None
    except (ConnectionError, HttpProcessingError, web.RequestPayloadError):
        raise bad_request("the request body broke off") from None


async def read_json(request: web.BaseRequest, limit_bytes: int) -> Any:
    """The body as JSON. Raises ApiError 400, 408, 413."""
    body = await read_body(request, limit_bytes)
    try:
        return decode_json(body)
    except (ValueError, RecursionError) as problem:
        raise bad_request(f"could not parse the request body: {problem}") from None


async def read_write(request: web.BaseRequest, key: str, query: dict[str, str]) -> Write:
    """The put of one value: a multipart form with `value` and maybe `metadata`, or else the value itself.

    Raises ApiError 400, 408, 413.
    """
    expiration, ttl = integer(query, "expiration"), integer(query, "expiration_ttl")
    if not request.headers.get("Content-Type", "").lower().startswith("multipart/"):
        return Write(key, await read_body(request, MAX_VALUE_BODY_BYTES), expiration, ttl)
    try:
        async with _arriving(request):
            parts = await _read_parts(request)
    except (ValueError, AssertionError, RuntimeError) as problem:
        raise bad_request(f"could not parse the form: {problem}") from None
    if "value" not in parts:
        raise bad_request("the form has no part called value")
    metadata = None
    if parts.get("metadata"):
        try:
            metadata = decode_json(parts["metadata"])
        except (ValueError, RecursionError):
            raise bad_request("metadata must be valid JSON") from None
    return Write(key, parts["value"], expiration, ttl, metadata)


async def _read_parts(request: web.BaseRequest) -> dict[str, bytes]:
    """The parts called `value` and `metadata`, as they were sent."""
    fields: dict[str, bytes] = {}
    left = MAX_VALUE_BODY_BYTES
    reader = await request.multipart()
    for _ in range(_MAX_PARTS + 1):
        part = await reader.next()
        if part is None:
            return fields
        if not isinstance(part, BodyPartReader):
            raise bad_request("a form must not be nested")
        chunks: list[bytes] = []
        while chunk := await part.read_chunk(64 * 1024):
            left -= len(chunk)
            if left < 0:
                raise too_large(MAX_VALUE_BODY_BYTES)
            chunks.append(chunk)
        if part.name in {"value", "metadata"}:
            fields[part.name] = b"".join(chunks)
    raise bad_request(f"a form may have {_MAX_PARTS} parts")


def writes_of(body: Any) -> list[Write]:
    """The pairs of a bulk put. Raises ApiError 400 for the first one that is malformed."""
    if not isinstance(body, list):
        raise bad_request("expected an array of key-value pairs")
    if len(body) > BULK_LIMIT:
        raise bad_request(f"a bulk request may have {BULK_LIMIT} pairs, this has {len(body)}")
    return [_write_of(item, f"pair {number}") for number, item in enumerate(body)]


def _write_of(item: Any, where: str) -> Write:
    if not isinstance(item, dict):
        raise bad_request(f"{where}: expected an object with key and value")
    key, value = item.get("key"), item.get("value")
    if not isinstance(key, str) or not isinstance(value, str):
        raise bad_request(f"{where}: key and value must be present, and strings")
    where = f"{where} ({quoted(key)})"
    data = value.encode()
    if item.get("base64"):
        try:
            data = decode_base64(value)
        except IllegalBase64 as error:
            text = f"could not base64 decode value for key: {quoted(key)}, err: {error}"
            raise bad_request(f"bulk put: '{text}'") from None
    return Write(
        key,
        data,
        _whole_number(item.get("expiration"), f"{where}: expiration"),
        _whole_number(item.get("expiration_ttl"), f"{where}: expiration_ttl"),
        item.get("metadata"),
    )


def keys_of(body: Any) -> list[str]:
    """An array of key names. Raises ApiError 400."""
    if not isinstance(body, list) or not all(isinstance(key, str) for key in body):
        raise bad_request("expected an array of key names")
    return body


def title_of(body: Any) -> str | None:
    """The title in the body of a namespace request, None if there is none. Raises ApiError 400."""
    if not isinstance(body, dict):
        raise bad_request("expected an object with a title")
    title = body.get("title")
    return title if isinstance(title, str) and title.strip() else None


def integer(query: dict[str, str], name: str) -> int | None:
    """A whole number of the query, None if it is not there. Raises ApiError 400."""
    text = query.get(name)
    if text is None:
        return None
    if not _INTEGER.match(text):
        raise bad_request(f"Invalid {name}: expected an integer")
    return int(text)


def _whole_number(value: Any, what: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 10**_MAX_DIGITS:
        raise bad_request(f"{what} must be an integer")
    return value
