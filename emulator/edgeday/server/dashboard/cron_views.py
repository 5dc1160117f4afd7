"""The worker's crons: when each is due, and a button that runs it now."""

from __future__ import annotations

from typing import NamedTuple

from aiohttp import web

from edgeday.cron import BadCron, parse
from edgeday.server.app import PAGES_PREFIX
from edgeday.server.dashboard.site import Site, View, Visit
from edgeday.server.errors import bad_request


class CronRow(NamedTuple):
    """One expression. refused: whether Cloudflare refuses it. next_at: epoch seconds of its next run there;
    None: there is none. remarks: what it may be mistaken for, or why it is refused."""

    text: str
    refused: bool
    next_at: float | None
    remarks: tuple[str, ...]


def cron_row(text: str, now_s: float) -> CronRow:
    """A configured expression at an instant."""
    try:
        cron = parse(text)
    except BadCron as bad:
        return CronRow(text, True, None, (bad.with_hint,))
    return CronRow(text, False, cron.next_after(now_s), cron.warnings)


class CronViews:
    """Runs crons of the worker that is served."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.routes: dict[tuple[str, str], View] = {("POST", "cron"): self.run}

    async def run(self, visit: Visit) -> web.StreamResponse:
        """Run one cron to its end. Form: `cron`, an expression of the configuration."""
        cron = (await visit.form()).get("cron", "")
        context = self._site.context
        if cron not in context.served.settings.crons:
            raise bad_request("the configuration has no such cron; load the page anew")
        outcome = await context.crons.run(cron)
        if not visit.in_place:
            return web.Response(status=303, headers={"Location": PAGES_PREFIX})
        return self._site.show(visit, "cron_run.html", title="Cron", cron=cron, outcome=outcome)
