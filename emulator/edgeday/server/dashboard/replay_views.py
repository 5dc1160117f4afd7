"""Replaying a scenario from a page: the choice, progress with live plots, verdict, and the whole report."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from edgeday.report import html, wording
from edgeday.report.headline import headline_of
from edgeday.report.requests_table import requests_table
from edgeday.server.app import PAGES_PREFIX
from edgeday.server.dashboard.replays import Busy, Run
from edgeday.server.dashboard.site import Site, View, Visit
from edgeday.server.errors import ApiError

_ROUTES = 30
"""Routes that are told apart in the table of requests."""


class ReplayViews:
    """Everything below `replay`."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.routes: dict[tuple[str, str], View] = {
            ("GET", "replay"): self.choose,
            ("POST", "replay"): self.start,
            ("GET", "replay/run"): self.run,
            ("GET", "replay/progress"): self.progress,
            ("POST", "replay/stop"): self.stop,
            ("GET", "replay/report"): self.report,
        }

    async def choose(self, visit: Visit) -> web.Response:
        """The scenarios there are, and the runs so far."""
        replays = self._site.replays
        return self._site.show(
            visit,
            "replay.html",
            title="Replay",
            scenarios=sorted(replays.scenarios, key=lambda name: ("/" in name, name)),
            runs=replays.runs,
            running=replays.running,
        )

    async def start(self, visit: Visit) -> web.Response:
        """Begin a replay. Form: `scenario`, a name of the list."""
        name = (await visit.form()).get("scenario", "")
        try:
            run = self._site.replays.start(name)
        except KeyError:
            raise ApiError(404, 0, "There is no such scenario.") from None
        except Busy as busy:
            raise ApiError(409, 0, f"{busy} is being replayed; stop it, or wait for its end.") from None
        return _see(run)

    async def run(self, visit: Visit) -> web.Response:
        """One run. Query: `number`."""
        run = self._found(visit)
        state = run.state  # looked at once: the run goes on in a thread, and has its result before it is done
        values: dict[str, Any] = {"run": run, "state": state, "figures": _figures(run)}
        if state == "done" and (result := run.result) is not None:
            values |= {
                "result": result,
                "headline": headline_of(result),
                "kept": wording.kept([result]),
                "setting": wording.setting(result),
                "tiles": html.tiles(result),
                "requests": requests_table(result, _ROUTES),
                "budgets": sorted(result.budgets, key=lambda row: row.ok),
            }
        return self._site.show(visit, "replay_run.html", title=f"Replay of {run.name}", **values)

    async def progress(self, visit: Visit) -> web.Response:
        """How far a run is, with its plots so far; tells the page to come anew when it is over."""
        run = self._found(visit)
        headers = {} if run.state == "running" else {"HX-Refresh": "true"}
        return self._site.show(
            visit, "replay_progress.html", title="Progress", headers=headers, run=run, figures=_figures(run)
        )

    async def stop(self, visit: Visit) -> web.Response:
        """Stop a run after the request that it is at."""
        run = self._found(visit)
        run.stop_asked = True
        return _see(run)

    async def report(self, visit: Visit) -> web.Response:
        """The HTML report of a run, as a file."""
        run = self._found(visit)
        if run.result is None or run.timeline is None:
            raise ApiError(404, 0, "This run has no report.")
        return web.Response(
            body=html.render([run.result], [run.timeline]).encode(),
            content_type="text/html",
            charset="utf-8",
            headers={"Content-Disposition": f'attachment; filename="edgeday-replay-{run.number}.html"'},
        )

    def _found(self, visit: Visit) -> Run:
        run = self._site.replays.get(visit.number("number"))
        if run is None:
            raise ApiError(404, 0, "There is no such run; only the newest are remembered.")
        return run


def _see(run: Run) -> web.Response:
    location = f"{PAGES_PREFIX}replay/run?number={run.number}"
    return web.Response(status=303, headers={"Location": location})


def _figures(run: Run) -> list[dict[str, object]]:
    return [
        {
            "title": plot.title,
            "says": plot.says,
            "data": plot.drawn() if plot.series else None,
            "tables": plot.tables,
        }
        for plot in run.plots
    ]
