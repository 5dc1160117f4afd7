"""The server's own pages at `/__edgeday/`: what the account has used and holds, live, and its time.

Server-rendered pages that work without scripts; htmx makes them live. Looking at the stores costs no quota,
except in the KV browser, which works through the account's KV service like any client and says so.
"""

from __future__ import annotations

from pathlib import Path

from edgeday.server.app import Context, Handler, Pages
from edgeday.server.dashboard.pages import brought_pages
from edgeday.server.dashboard.recorder import Recorder
from edgeday.server.dashboard.rendering import BroughtView, Renderer
from edgeday.server.dashboard.replays import Replays, scenarios_in
from edgeday.server.dashboard.routes import Routes
from edgeday.server.dashboard.site import Site


def dashboard(scenarios: Path | None = None) -> Pages:
    """The pages of one server; hand them to `serving.running`.

    scenarios: the directory whose scenario files can be replayed; looked through once, now.
    """
    files = {} if scenarios is None else scenarios_in(scenarios)

    def pages(context: Context) -> Handler:
        edge = context.served.edge
        replays = Replays(files, context.stopping)
        brought = brought_pages(context.served.settings.profile.name)
        views = [BroughtView(page.path, page.title, page.templates) for page in brought]
        site = Site(context, Renderer(context, views), Recorder(edge.events), replays)
        return Routes(site, brought).handle

    return pages
