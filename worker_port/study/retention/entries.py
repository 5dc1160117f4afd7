"""Error entries as the worker's forms leave them in KV, and how old each is. No I/O.

`hybrid` keeps half an entry, that of the response under `..._response` (or, in the design document's model,
that of the request); `hybrid_batched` and `hybrid_designed` keep a whole one.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from edgeday import epoch_seconds

PREFIX = "ai_error_log:"
UNREADABLE = "(cannot be read)"
_ID_TIME = re.compile(r"_(\d{13})_")


@dataclass(frozen=True, slots=True)
class ErrorEntry:
    """One error entry. logged_at: epoch seconds, None if neither its id nor the entry tells."""

    key: str
    step: str
    message: str
    logged_at: float | None


def parse_entry(key: str, value: bytes) -> ErrorEntry:
    """What an entry of any form says; one that is no JSON object is kept as unreadable."""
    fields = _fields(value)
    if fields is None:
        return ErrorEntry(key, UNREADABLE, UNREADABLE, id_time(key))
    message = fields.get("error") or fields.get("requestError")
    return ErrorEntry(
        key,
        _text(fields.get("stepName")) or "(no step)",
        _text(message) or "(no message)",
        logged_at(key, value),
    )


def id_time(key: str) -> float | None:
    """When an entry was logged by the 13 digits of milliseconds in its id: epoch seconds."""
    match = _ID_TIME.search(key)
    return int(match[1]) / 1000 if match else None


def logged_at(key: str, value: bytes) -> float | None:
    """When an entry was logged: by its id, else by its timestamp."""
    by_id = id_time(key)
    if by_id is not None:
        return by_id
    timestamp = (_fields(value) or {}).get("timestamp")
    if not isinstance(timestamp, str):
        return None
    try:
        return epoch_seconds(timestamp)
    except (ValueError, OverflowError):
        return None


def is_old(at: float | None, now_s: float, older_than_s: float) -> bool:
    """Whether an entry has reached an age; one of unknown age never has."""
    return at is not None and now_s >= at + older_than_s


def _fields(value: bytes) -> dict[str, Any] | None:
    try:
        fields = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return fields if isinstance(fields, dict) else None


def _text(value: Any) -> str:
    """A field for a reader: on one line, without control characters."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
