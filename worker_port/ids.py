"""Ids of log entries and sessions: prefix, clock, eight random characters."""

from __future__ import annotations

from edgeday.web import now_ms, random_uuid
from worker_port.js import text


def generate_unique_id(prefix: str | None = "id") -> str:
    """An id such as `ai_log_1771203201000_1dc261a2`: epoch milliseconds, 8 characters of a random UUID."""
    return f"{prefix if type(prefix) is str else text(prefix)}_{now_ms()}_{random_uuid()[:8]}"
