"""The overview, the account's time, and what the head of every page shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from edgeday.clock import DAY_S, epoch_seconds
from edgeday.report.wording import instant
from edgeday.server.app import PAGES_PREFIX
from edgeday.server.dashboard.cron_views import cron_row
from edgeday.server.dashboard.gauges import invocation_row, quotas
from edgeday.server.dashboard.site import Site, View, Visit, instant_of
from edgeday.server.errors import bad_request
from edgeday.server.words import duration

_SHOWN_EVENTS = 60
_SHOWN_INVOCATIONS = 12
_STEPS_S: Mapping[str, float] = {"1h": 3_600, "24h": DAY_S}
_LATEST = epoch_seconds("2100-01-01T00:00:00Z")


class OverviewViews:
    """Gauges, invocations, the live stream's list, and the clock."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.routes: dict[tuple[str, str], View] = {
            ("GET", ""): self.overview,
            ("GET", "now"): self.measured,
            ("GET", "clock"): self.clock,
            ("POST", "time"): self.move_time,
        }

    async def overview(self, visit: Visit) -> web.Response:
        """The whole overview."""
        recorder, context = self._site.recorder, self._site.context
        settings = context.served.settings
        events = recorder.since(max(0, recorder.newest - _SHOWN_EVENTS)).events
        return self._site.show(
            visit,
            "overview.html",
            title="Overview",
            **self._measured(),
            crons=[cron_row(cron, context.served.edge.clock.now()) for cron in settings.crons],
            worker=settings.says,
            events=events,
            missed=0,
            after=f"{recorder.run}.{recorder.newest}",
        )

    async def measured(self, visit: Visit) -> web.Response:
        """Gauges and invocations, which the page asks for again and again."""
        return self._site.show(visit, "measured.html", title="Quotas", **self._measured())

    async def clock(self, visit: Visit) -> web.Response:
        """The account's time."""
        return self._site.show(visit, "clock.html", title="Time")

    async def move_time(self, visit: Visit) -> web.StreamResponse:
        """Move the account's time. Form: `by` (1h, 24h or reset), or `to`, an instant."""
        form = await visit.form()
        seconds = self._seconds(form)
        await self._site.context.served.advance(seconds)
        if not visit.in_place:
            return web.Response(status=303, headers={"Location": PAGES_PREFIX})
        return self._site.show(
            visit, "moved.html", title="Time", headers={"HX-Trigger": "moved"}, moved=duration(seconds)
        )

    def _seconds(self, form: Mapping[str, str]) -> float:
        edge = self._site.context.served.edge
        now = edge.clock.now()
        by, to = form.get("by", ""), form.get("to", "").strip()
        if by == "reset":
            until = float(edge.ledger.resets_at)
        elif by in _STEPS_S:
            until = now + _STEPS_S[by]
        elif by:
            raise bad_request("time moves by 1h, by 24h or to the next reset")
        else:
            until = instant_of(to)
        if until < now:
            raise bad_request(f"{instant(until)} has passed: it is {instant(now)}, and time does not go back")
        if until > _LATEST:
            raise bad_request(f"time moves up to {instant(_LATEST)}")
        return until - now

    def _measured(self) -> dict[str, Any]:
        edge = self._site.context.served.edge
        ledger = edge.ledger
        rows = self._site.recorder.invocations[:_SHOWN_INVOCATIONS]
        return {
            "quotas": quotas(ledger),
            "resets_at": ledger.resets_at,
            "resets_in_s": ledger.resets_at - edge.clock.now(),
            "failures": self._site.recorder.failures,
            "has_worker": self._site.context.served.settings.worker is not None,
            "invocations": [invocation_row(ended, edge.limits) for ended in rows],
        }
