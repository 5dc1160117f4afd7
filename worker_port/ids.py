"""Ids of log entries and sessions: prefix, clock, eight random characters."""

from __future__ import annotations

from edgeday.web import now_ms, random_uuid
from worker_port.js import base36, text


def generate_unique_id(prefix: str | None = "id") -> str:
    """An id such as `ai_log_1771203201000_1dc261a2`: epoch milliseconds, 8 characters of a random UUID."""
    return f"{prefix if type(prefix) is str else text(prefix)}_{now_ms()}_{random_uuid()[:8]}"


def random_suffix(random: float) -> str:
    """The random characters where `crypto.randomUUID` does not exist: base-36 digits of `Math.random()`.

    random: 0 up to 1. At most 8 characters; fewer for a number with few digits, none for 0.
    """
    return base36(random)[2:10]
