"""The API's limit of 1,200 requests per five minutes, counted for each credential.

Counted in fixed windows that begin with a credential's first request; which kind of window Cloudflare
uses is not documented. Source: Cloudflare docs, API rate limits.
"""

from __future__ import annotations

from edgeday.clock import Clock
from edgeday.server import errors
from edgeday.server.errors import ApiError

REQUESTS = 1_200
WINDOW_S = 300


class Throttle:
    """Counts requests; `admit` gives the headers that say how many are left."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._windows: dict[str, tuple[float, int]] = {}

    def admit(self, secret: str) -> dict[str, str]:
        """Count a request and return its `x-ratelimit-*` headers. Raises ApiError 429 past the limit."""
        now = self._clock.now()
        ends_at, count = self._windows.get(secret, (0.0, 0))
        if now >= ends_at:
            self._windows = {known: window for known, window in self._windows.items() if window[0] > now}
            ends_at, count = now + WINDOW_S, 0
        count += 1
        self._windows[secret] = ends_at, count
        reset_s = str(max(1, round(ends_at - now)))
        headers = {
            "x-ratelimit-limit": str(REQUESTS),
            "x-ratelimit-remaining": str(max(0, REQUESTS - count)),
            "x-ratelimit-reset": reset_s,
        }
        if count > REQUESTS:
            text = "Please wait and consider throttling your request speed"
            raise ApiError(429, errors.THROTTLED, text, headers={**headers, "retry-after": reset_s})
        return headers
