"""What every view works with, and the request it answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from aiohttp import web

from edgeday.clock import epoch_seconds
from edgeday.server.app import Context
from edgeday.server.dashboard.recorder import Recorder
from edgeday.server.dashboard.rendering import Renderer
from edgeday.server.dashboard.replays import Replays
from edgeday.server.errors import ApiError, bad_request
from edgeday.server.rest.bodies import BODY_TIMEOUT_S
from edgeday.web.text import well_formed


@dataclass(frozen=True, slots=True)
class Site:
    """The parts of one dashboard."""

    context: Context
    renderer: Renderer
    recorder: Recorder
    replays: Replays

    def show(
        self,
        visit: Visit,
        part: str,
        *,
        title: str,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **values: object,
    ) -> web.Response:
        """Answer with a part of a page: alone where the page asks for it in place, else as a whole page.

        part: a template. title: of the page.
        """
        render = self.renderer.part if visit.in_place else self.renderer.page
        text = render(part, {**values, "title": title, "view": visit.view, "in_place": visit.in_place})
        return web.Response(status=status, text=well_formed(text), content_type="text/html", headers=headers)


class Visit(NamedTuple):
    """One request. path: below the pages' prefix, without the query."""

    request: web.BaseRequest
    path: str
    query: Mapping[str, str]

    @property
    def in_place(self) -> bool:
        """Whether a page that is open asks for a part of itself."""
        return self.request.headers.get("HX-Request") == "true"

    @property
    def view(self) -> str:
        """Which of the navigation's views it belongs to."""
        return self.path.partition("/")[0]

    def number(self, name: str) -> int:
        """A whole number of the query, 0 if it is not there. Raises ApiError 400."""
        text = self.query.get(name, "") or "0"
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise bad_request(f"{name} must be a whole number")
        return int(text)

    async def form(self) -> Mapping[str, str]:
        """The fields of a form. Raises ApiError 400, 408, 413."""
        try:
            async with asyncio.timeout(BODY_TIMEOUT_S):
                fields = await self.request.post()
        except TimeoutError:
            raise ApiError(408, 0, "the form took too long to arrive") from None
        except web.HTTPRequestEntityTooLarge:
            raise ApiError(413, 0, "a form may have 1 MiB; use the REST API for larger values") from None
        except (ValueError, LookupError):
            raise bad_request("the form cannot be read") from None
        return {name: field for name, field in fields.items() if isinstance(field, str)}


def instant_of(text: str) -> float:
    """Epoch seconds of an instant as a browser's field or a person writes it; UTC unless it has a zone.

    Raises ApiError 400.
    """
    for written in (text.strip(), f"{text.strip()}+00:00"):
        try:
            return epoch_seconds(written)
        except (ValueError, OverflowError):
            continue
    raise bad_request(f'"{text[:60]}" is no instant; write 2026-02-16T00:00:00Z')


View = Callable[[Visit], Awaitable[web.StreamResponse]]
"""Answers the requests of one method and path."""
