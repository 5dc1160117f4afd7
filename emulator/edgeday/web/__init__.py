"""The web platform as a Worker sees it: messages, headers, bodies, JSON text and global names."""

from edgeday.errors import PlatformError
from edgeday.web.ambient import caches, fetch, isolate_state, now_ms, random_uuid, sleep
from edgeday.web.body import ReadableStream
from edgeday.web.forms import Blob, File, FormData
from edgeday.web.headers import Headers
from edgeday.web.messages import Request, Response

__all__ = [
    "Blob",
    "File",
    "FormData",
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
