"""The web platform as a Worker sees it: messages, headers, bodies, JSON text and global names."""

from emulator.errors import PlatformError
from emulator.web.ambient import caches, fetch, isolate_state, now_ms, random_uuid, sleep
from emulator.web.body import ReadableStream
from emulator.web.headers import Headers
from emulator.web.messages import Request, Response

__all__ = [
    "Headers",
    "PlatformError",
    "ReadableStream",
    "Request",
    "Response",
    "caches",
    "fetch",
    "isolate_state",
    "now_ms",
    "random_uuid",
    "sleep",
]
