"""Checks of KV calls, in the platform's order and words; no I/O.

Two sorts: what the runtime itself refuses (raised here), and what the backend refuses (returned as a
Refusal, because the ledger is charged in between).
Sources: workerd 6552d99 api/kv.c++; backend texts recorded from workerd 1.20260426.1 under its simulator.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from edgeday.errors import KVRequestFailed, PlatformError, PlatformTypeError
from edgeday.events import CALL_FAILED, failed_call
from edgeday.invocation import current_invocation
from edgeday.limits import AccountLimits
from edgeday.storage.records import KVEntry
from edgeday.web.body import ReadableStream
from edgeday.web.javascript import to_string
from edgeday.web.json_text import stringify
from edgeday.web.text import utf8

_NO_JAVASCRIPT_FORM = (tuple, bytearray)
"""Types that the Python Workers SDK refuses to hand to JavaScript."""

_DOTS = (".", "..")
_WRONG_VALUE = "KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values."


class Refusal(NamedTuple):
    """A backend answer outside 200-299."""

    status: int
    reason: str


UNDECODABLE = Refusal(400, "Could not URL-decode key name")
"""The backend's, of the key of a single-key call with half a surrogate pair: that is not UTF-8."""


def check_key(key: Any, method: str, limit_bytes: int) -> str:
    """The key name of a single-key call; `method` is GET, PUT or DELETE.

    Of a key that is `undecodable`: the name to show.
    Raises what the runtime raises for a name that is empty, "." or "..", or too long.
    """
    if type(key) is str and 0 < len(key) <= limit_bytes and key.isascii() and key not in _DOTS:
        return key  # the usual case, quickly
    data = utf8(key if isinstance(key, str) else to_string(_handed_over(key)))
    if data == b"":
        raise _refused("", method, PlatformTypeError("Key name cannot be empty."))
    name = data.decode("utf-8", "replace")
    if data in {b".", b".."}:
        raise _refused(name, method, PlatformTypeError(f'"{name}" is not allowed as a key name.'))
    refusal = _too_long(len(data), limit_bytes)
    if refusal is not None:
        raise _refused(name, method, KVRequestFailed(method, refusal.status, refusal.reason))
    return name


def _refused(key: str, method: str, error: PlatformError) -> PlatformError:
    """Report a call that the runtime refuses for its key; its error."""
    invocation = current_invocation()
    if invocation is not None:
        invocation.diagnose(CALL_FAILED, failed_call(f"KV {method.lower()}", key, error.message))
    return error


def undecodable(key: Any) -> Refusal | None:
    """The backend's refusal of the key of a single-key call: half a surrogate pair is not UTF-8."""
    if type(key) is str and key.isascii():
        return None
    try:
        utf8(to_string(key)).decode()
    except UnicodeDecodeError:
        return UNDECODABLE
    return None


def key_too_long(name: str, limit_bytes: int) -> Refusal | None:
    """The refusal of a key, or a prefix, of too many bytes."""
    if len(name) * 4 <= limit_bytes:
        return None
    return _too_long(len(name.encode()), limit_bytes)


def _too_long(size: int, limit_bytes: int) -> Refusal | None:
    if size <= limit_bytes:
        return None
    return Refusal(414, f"UTF-8 encoded length of {size} exceeds key length limit of {limit_bytes}.")


def bulk_key(name: str, limit_bytes: int) -> Refusal | None:
    """The backend's refusal of one key of a bulk get."""
    if name == "":
        return Refusal(400, "Key names must not be empty")
    if name in _DOTS:
        return Refusal(400, f'Illegal key name "{name}". Please use a different name.')
    return key_too_long(name, limit_bytes)


def cache_ttl(ttl: int | None, limits: AccountLimits) -> Refusal | None:
    """The backend's refusal of a cacheTtl below the minimum."""
    least = limits.kv_min_cache_ttl_s
    if ttl is None or ttl >= least:
        return None
    return Refusal(400, f"Invalid cache_ttl of {ttl}. Cache TTL must be at least {least}.")


def list_limit(limit: int, limits: AccountLimits) -> Refusal | None:
    """The backend's refusal of a page of too many keys."""
    most = limits.kv_list_keys
    if limit <= most:
        return None
    return Refusal(400, f"Invalid key_count_limit of {limit}. Please specify an integer less than {most}.")


def as_value(value: Any) -> bytes | ReadableStream:
    """A KV value as bytes, or the stream it will be read from; scalars become their text.

    Raises TypeError for lists, dicts and other objects.
    """
    if isinstance(value, str):
        return value.encode() if value.isascii() else utf8(value)
    if isinstance(value, (bytes, ReadableStream)):
        return value
    if isinstance(value, memoryview):
        whole = value.obj
        return whole if isinstance(whole, bytes) and len(whole) == value.nbytes else bytes(value)
    if value is None or isinstance(value, bool | int | float):
        return to_string(value).encode()
    _handed_over(value)
    raise PlatformTypeError(_WRONG_VALUE)


def _handed_over(value: Any) -> Any:
    """The value. Raises TypeError, as the Python Workers SDK does, if it has no JavaScript form."""
    if isinstance(value, _NO_JAVASCRIPT_FORM):
        raise TypeError(f"{type(value)} cannot be sent over RPC.")
    return value


def as_metadata(metadata: Any) -> str | None:
    """Metadata as JSON text, None if there is none. Raises TypeError if JSON has no form for it."""
    if metadata is None:
        return None
    try:
        return stringify(metadata)
    except TypeError as problem:
        raise PlatformTypeError(str(problem)) from None


def expiry(
    now_s: int, expiration: int | None, ttl: int | None, limits: AccountLimits
) -> int | Refusal | None:
    """When an entry put now expires, in epoch seconds; None: never; or the backend's refusal.

    expirationTtl beats expiration, which is then not even looked at.
    """
    least = limits.kv_min_ttl_s
    if ttl is not None:
        if ttl <= 0:
            return Refusal(400, f"Invalid expiration_ttl of {ttl}. Please specify integer greater than 0.")
        if ttl < least:
            return Refusal(400, f"Invalid expiration_ttl of {ttl}. Expiration TTL must be at least {least}.")
        return now_s + ttl
    if expiration is None:
        return None
    if expiration <= now_s:
        return Refusal(
            400,
            f"Invalid expiration of {expiration}. Please specify integer greater than the current "
            "number of seconds since the UNIX epoch.",
        )
    if expiration < now_s + least:
        return Refusal(
            400,
            f"Invalid expiration of {expiration}. Expiration times must be at least {least} seconds "
            "in the future.",
        )
    return expiration


def entry_to_put(
    value: bytes,
    metadata: str | None,
    expires_at: int | Refusal | None,
    now: float,
    limits: AccountLimits | None,
    size_bytes: int,
) -> KVEntry | Refusal:
    """What a put at `now` stores; or the backend's refusal: of the expiry, else of what is too long.

    limits: None where sizes are not checked. size_bytes: of the value, which may have been cut off there.
    """
    if isinstance(expires_at, Refusal):
        return expires_at
    if limits is not None:
        length = 0 if metadata is None else len(metadata.encode())
        if length > limits.kv_metadata_bytes:
            return Refusal(413, f"Metadata length of {length} exceeds limit of {limits.kv_metadata_bytes}.")
        if size_bytes > limits.kv_value_bytes:
            return Refusal(413, f"Value length of {size_bytes} exceeds limit of {limits.kv_value_bytes}.")
    return KVEntry(value, metadata, expires_at, now)
