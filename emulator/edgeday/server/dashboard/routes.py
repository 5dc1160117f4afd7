"""Which view answers which path, and what is said where none does or one fails."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Final, NamedTuple

from aiohttp import web

from edgeday.errors import BadInput, PlatformError
from edgeday.server.app import PAGES_PREFIX
from edgeday.server.dashboard.cache_views import CacheViews
from edgeday.server.dashboard.cron_views import CronViews
from edgeday.server.dashboard.kv_views import KVViews
from edgeday.server.dashboard.overview_views import OverviewViews
from edgeday.server.dashboard.pages import Page
from edgeday.server.dashboard.replay_views import ReplayViews
from edgeday.server.dashboard.site import Site, View, Visit
from edgeday.server.dashboard.stream import Stream
from edgeday.server.errors import ApiError
from edgeday.server.log import logger
from edgeday.server.rest.paths import query_of

_LOG = logger("dashboard")
_OWN = "edgeday.server.dashboard"
_REPORT = "edgeday.report.html"
_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}

STATIC: Final[Mapping[str, tuple[str, str]]] = {
    "dashboard.css": (_OWN, "static/dashboard.css"),
    "dashboard.js": (_OWN, "static/dashboard.js"),
    "icon.svg": (_OWN, "static/icon.svg"),
    "htmx.min.js": (_OWN, "static/vendor/htmx.min.js"),
    "htmx-sse.min.js": (_OWN, "static/vendor/htmx-sse.min.js"),
    "report.css": (_REPORT, "page.css"),
    "plots.js": (_REPORT, "plots.js"),
    "uPlot.iife.min.js": (_REPORT, "vendor/uPlot.iife.min.js"),
    "uPlot.min.css": (_REPORT, "vendor/uPlot.min.css"),
}
"""Every file that is served, by its name in the address: package and place in it."""


class _Static(NamedTuple):
    body: bytes
    content_type: str


class Routes:
    """All paths below the prefix. Files are read once; no path is ever made from a request.

    brought: pages of extensions.
    """

    def __init__(self, site: Site, brought: Iterable[Page] = ()) -> None:
        self._site = site
        self._static = {
            name: _Static(files(package).joinpath(place).read_bytes(), _TYPES[place.rpartition(".")[2]])
            for name, (package, place) in STATIC.items()
        }
        self._views: dict[tuple[str, str], View] = {
            ("GET", "stream"): Stream(site).answer,
            **OverviewViews(site).routes,
            **{route: view for page in brought for route, view in page.routes(site).items()},
            **KVViews(site).routes,
            **CacheViews(site).routes,
            **CronViews(site).routes,
            **ReplayViews(site).routes,
        }

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request below the prefix."""
        target = request.raw_path
        target = target[target.index(PAGES_PREFIX) + len(PAGES_PREFIX) :].partition("#")[0]
        path, _, query = target.partition("?")
        visit = Visit(request, path, {})
        try:
            visit = Visit(request, path, query_of(query))
            return await self._answer(visit)
        except ApiError as error:
            return self._refused(visit, error.status, error.message)
        except PlatformError as error:
            return self._refused(visit, 400, error.message)
        except BadInput as error:
            return self._refused(visit, 500, str(error))
        except (ConnectionError, web.HTTPException):
            raise
        except Exception:
            _LOG.exception("%s %s", request.method, path)
            return self._refused(visit, 500, "Something went wrong here; the server's output says what.")

    async def _answer(self, visit: Visit) -> web.StreamResponse:
        name = visit.path.removeprefix("static/")
        if name != visit.path and name in self._static:
            file = self._static[name]
            return web.Response(body=file.body, content_type=file.content_type, charset="utf-8")
        method = "GET" if visit.request.method == "HEAD" else visit.request.method
        view = self._views.get((method, visit.path))
        if view is not None:
            return await view(visit)
        allowed = [known for known, path in self._views if path == visit.path]
        if allowed:
            response = self._refused(visit, 405, f"This address takes {' and '.join(allowed)} only.")
            response.headers["Allow"] = ", ".join(allowed)
            return response
        return self._refused(visit, 404, "No page of the dashboard has this address; the views are above.")

    def _refused(self, visit: Visit, status: int, message: str) -> web.Response:
        return self._site.show(
            visit, "refusal.html", title="Not done", status=status, code=status, message=message
        )
