"""Checks of KV arguments, in the runtime's order and words; no I/O.

Two sorts: what the runtime itself refuses (raised here), and what the backend refuses (returned as
status and reason, because the ledger is charged in between).
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from emulator.errors import KVRequestFailed, PlatformTypeError
from emulator.limits import AccountLimits
from emulator.web.body import ReadableStream

_INT32 = 2**31


class Refusal(NamedTuple):
    """A backend answer outside 200-299."""

    status: int
    reason: str


def check_key(key: str, method: str, limit_bytes: int) -> None:
    """Raise what the runtime raises for a key name of a single-key call; `method` is GET, PUT or DELETE."""
    if key == "":
        raise PlatformTypeError("Key name cannot be empty.")
    if key in {".", ".."}:
        raise PlatformTypeError(f'"{key}" is not allowed as a key name.')
    if len(key) * 4 > limit_bytes:
        size = len(key.encode("utf-8", "replace"))
        if size > limit_bytes:
            raise KVRequestFailed(
                method, 414, f"UTF-8 encoded length of {size} exceeds key length limit of {limit_bytes}."
            )


def as_int32(value: Any) -> int:
    """A number as the runtime converts it: fractions truncate, what is no number is 0.

    Raises TypeError outside the signed 32-bit range.
    """
    try:
        number = float(value)
    except (TypeError, ValueError):
        return 0
    if not math.isfinite(number):
        return 0
    whole = int(number)
    if not -_INT32 <= whole < _INT32:
        raise PlatformTypeError("Value out of range. Must be between -2147483648 and 2147483647 (inclusive).")
    return whole


def as_value(value: Any) -> bytes | ReadableStream:
    """A KV value as bytes, or the stream it will be read from. Raises TypeError for other objects."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode("utf-8", "replace")
    if isinstance(value, ReadableStream):
        return value
    if isinstance(value, memoryview):
        return bytes(value)
    if value is None:
        return b"null"
    if isinstance(value, bool):
        return b"true" if value else b"false"
    if isinstance(value, (int, float)):
        from emulator.web.json_text import number_text

        return number_text(value).encode()
    raise PlatformTypeError(
        "KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values."
    )


def expiry(
    now_s: int, expiration: int | None, ttl: int | None, limits: AccountLimits
) -> int | Refusal | None:
    """When an entry put now expires, in epoch seconds; None: never; or the backend's refusal.

    expirationTtl beats expiration, which is then not even looked at.
    """
    if ttl is not None:
        if ttl <= 0:
            return Refusal(400, f"Invalid expiration_ttl of {ttl}. Please specify integer greater than 0.")
        if ttl < limits.kv_min_ttl_s:
            return Refusal(
                400,
                f"Invalid expiration_ttl of {ttl}. Expiration TTL must be at least {limits.kv_min_ttl_s}.",
            )
        return now_s + ttl
    if expiration is not None:
        if expiration <= now_s:
            return Refusal(
                400,
                f"Invalid expiration of {expiration}. Please specify integer greater than the current "
                "number of seconds since the UNIX epoch.",
            )
        if expiration < now_s + limits.kv_min_ttl_s:
            return Refusal(
                400,
                f"Invalid expiration of {expiration}. Expiration times must be at least "
                f"{limits.kv_min_ttl_s} seconds in the future.",
            )
        return expiration
    return None


def check_sizes(value: bytes, metadata: str | None, limits: AccountLimits) -> Refusal | None:
    """The backend's refusal of a value or metadata that is too long."""
    if len(value) > limits.kv_value_bytes:
        return Refusal(413, f"Value length of {len(value)} exceeds limit of {limits.kv_value_bytes}.")
    if metadata is not None:
        size = len(metadata.encode("utf-8", "replace"))
        if size > limits.kv_metadata_bytes:
            return Refusal(413, f"Metadata length of {size} exceeds limit of {limits.kv_metadata_bytes}.")
    return None
