"""Running the worker's `scheduled` handler by hand, at the addresses that local Cloudflare tools have for it.

Nothing here runs a cron by itself. Source of the addresses and answers: miniflare's and wrangler's sources of
2026-11 (`/cdn-cgi/local/scheduled` since wrangler 4.117, the others before).
"""

from __future__ import annotations

import re
from typing import Final

import orjson
from aiohttp import web

from edgeday.clock import LAST_INSTANT
from edgeday.cron import BadCron, parse
from edgeday.errors import WorkerMisbehaved
from edgeday.runtime.endings import ScheduledOutcome
from edgeday.server.errors import ApiError, bad_request
from edgeday.server.exchanges import Exchanges
from edgeday.server.rest.paths import query_of
from edgeday.server.served import Served
from edgeday.server.worker_routes import NO_WORKER
from edgeday.web.text import well_formed

TEST_PATH: Final = "/__scheduled"
"""The address of `wrangler dev --test-scheduled`, which answers in words of its own."""
SCHEDULED_PATHS: Final = frozenset(
    {"/cdn-cgi/handler/scheduled", "/cdn-cgi/local/scheduled", "/cdn-cgi/mf/scheduled", TEST_PATH}
)
_MILLISECONDS = re.compile(r"[0-9]{1,15}\Z", re.ASCII)


class CronRuns:
    """Runs crons of the worker that is served at the moment."""

    def __init__(self, served: Served, exchanges: Exchanges) -> None:
        self._served = served
        self._exchanges = exchanges

    async def run(self, cron: str, scheduled_at: float | None = None) -> ScheduledOutcome:
        """Run the worker's `scheduled` to its end, `waitUntil` work included.

        cron: the expression that the handler is given; "" for none. scheduled_at: epoch seconds of the minute
        that it is given; default: now. Raises ApiError 400 for an expression that Cloudflare refuses, 503
        without a worker.
        """
        if self._served.settings.worker is None:
            raise ApiError(503, 0, NO_WORKER)
        try:
            if cron:
                parse(cron)
        except BadCron as bad:
            raise bad_request(bad.with_hint) from None
        with self._exchanges.begin("cron", cron or '""') as exchange:
            try:
                run = self._served.edge.dispatch_scheduled(cron, scheduled_at=scheduled_at)
                outcome = await self._served.answers.of(run)
            except WorkerMisbehaved as misbehaved:
                exchange.misbehaved = misbehaved
                outcome = ScheduledOutcome("exception", False, misbehaved.what)
            exchange.outcome = outcome.outcome
        return outcome

    async def handle(self, request: web.BaseRequest, path: str, query: str) -> web.Response:
        """Answer a request to one of the addresses: `cron`, `time` (epoch milliseconds), `format=json`."""
        if request.method not in {"GET", "HEAD", "POST"}:
            return web.Response(status=405, text="Send GET or POST.\n", headers={"Allow": "GET, HEAD, POST"})
        try:
            parameters = query_of(query)
            outcome = await self.run(parameters.get("cron", ""), _instant(parameters.get("time")))
        except ApiError as error:
            return web.Response(status=error.status, text=f"{well_formed(error.message)}\n")
        status = 200 if outcome.outcome == "ok" else 500
        if parameters.get("format") == "json":
            body = orjson.dumps({"outcome": outcome.outcome, "noRetry": outcome.no_retry})
            return web.Response(status=status, body=body, content_type="application/json")
        is_test = path == TEST_PATH and status == 200
        return web.Response(status=status, text="Ran scheduled event" if is_test else outcome.outcome)


def _instant(time: str | None) -> float | None:
    """Epoch seconds of a `time` parameter; None: now. Raises ApiError 400."""
    if not time:
        return None
    if not _MILLISECONDS.match(time) or int(time) > LAST_INSTANT * 1000:
        raise bad_request(f'time must be milliseconds since 1970-01-01T00:00:00Z, not "{time[:40]}"')
    return int(time) / 1000
