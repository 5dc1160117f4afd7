"""The live stream of events, as server-sent events whose data are rows of the page's list.

Events are sent in batches, at most four a second. A browser that comes back names the last event it has seen
and gets what is newer, as far as it is remembered. A client that does not take what it is sent is dropped.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

from aiohttp import web

from edgeday.server.dashboard.recorder import Since
from edgeday.server.dashboard.site import Site, Visit
from edgeday.server.errors import ApiError
from edgeday.server.security import PAGE_HEADERS

BATCH_S: Final = 0.25
"""Seconds in which events are gathered before they are sent together."""
HEARTBEAT_S: Final = 15.0
SEND_TIMEOUT_S: Final = 10.0
"""Seconds in which a client has to take a batch."""
MAX_BATCH: Final = 300
"""Events of one batch; of more, the newest are sent and the others counted as missed."""
MAX_STREAMS: Final = 32
RETRY_MS: Final = 2_000


class Stream:
    """Answers the browsers that listen."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._open = 0

    async def answer(self, visit: Visit) -> web.StreamResponse:
        """Send events until the client or the server goes. Raises ApiError 503 if too many listen."""
        if self._open >= MAX_STREAMS:
            raise ApiError(503, 0, f"{MAX_STREAMS} pages listen to the events already")
        response = web.StreamResponse(headers={**PAGE_HEADERS, "Content-Type": "text/event-stream"})
        self._open += 1
        try:
            await response.prepare(visit.request)
            if visit.request.method != "HEAD":
                await self._send(response, visit)
        except TimeoutError:
            if visit.request.transport is not None:
                visit.request.transport.abort()
        except ConnectionError:
            pass
        finally:
            self._open -= 1
        return response

    async def _send(self, response: web.StreamResponse, visit: Visit) -> None:
        stopping, recorder = self._site.context.stopping, self._site.recorder
        seen = self._seen(visit)
        await _write(response, f"retry: {RETRY_MS}\n\n")
        with recorder.news() as news:
            while not stopping.is_set():
                news.clear()
                if recorder.newest > seen:
                    since = recorder.since(seen)
                    seen = since.events[-1].number
                    await _write(response, self._batch(since))
                    await _first_of(stopping, seconds=BATCH_S)
                elif not await _first_of(news, stopping, seconds=HEARTBEAT_S):
                    await _write(response, ": still here\n\n")

    def _seen(self, visit: Visit) -> int:
        """The number of the event that the client saw last; 0 if it is none of this server's run."""
        last = visit.request.headers.get("Last-Event-ID") or visit.query.get("after", "")
        run, _, number = last.partition(".")
        recorder = self._site.recorder
        if run != recorder.run or not (number.isascii() and number.isdigit() and len(number) < 16):
            return 0
        return min(int(number), recorder.newest)

    def _batch(self, since: Since) -> str:
        batch = since.events[-MAX_BATCH:]
        missed = since.missed + len(since.events) - len(batch)
        html = self._site.renderer.part("events_rows.html", {"events": batch, "missed": missed})
        data = "".join(f"data: {line}\n" for line in html.splitlines() if line)
        return f"event: rows\nid: {self._site.recorder.run}.{batch[-1].number}\n{data}\n"


async def _write(response: web.StreamResponse, text: str) -> None:
    async with asyncio.timeout(SEND_TIMEOUT_S):
        await response.write(text.encode("utf-8", "replace"))


async def _first_of(*events: asyncio.Event, seconds: float) -> bool:
    """Wait until one of the events is set, so long at most; whether one was."""
    waiting = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        done, _ = await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        return bool(done)
    finally:
        for task in waiting:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*waiting, return_exceptions=True)
