"""What a request is answered with whose worker threw: Cloudflare's page, or one for the worker's author.

Status and code are those of production; the traceback is there in development alone.
"""

from __future__ import annotations

from html import escape
from typing import Final

from aiohttp import web

from edgeday.invocation import Failure
from edgeday.web.text import well_formed

EXCEPTION_TEXT: Final = "error code: 1101"
_STYLE: Final = (
    ":root{color-scheme:light dark}"  # of the root, or the page's own background stays white
    "body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:2rem 1rem}"
    "h1{font-size:1.25rem;margin:0}p{margin:.5rem 0 1rem;overflow-wrap:anywhere}"
    "pre{overflow:auto;padding:1rem;border:1px solid;border-radius:.5rem;font-size:.875rem}"
    ".error{color:#c5221f;font-weight:600}small{opacity:.9}"
    "@media (prefers-color-scheme:dark){.error{color:#ff8a80}}"
)
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Cache-Control": "no-store",
}


def exception_page(request: web.BaseRequest, failure: Failure | None, reasons: list[str]) -> web.Response:
    """The answer to a request whose worker threw.

    failure: what it threw; None: not to be shown, as in production. reasons: why the platform
    refused something meanwhile, a sentence each.
    """
    if failure is None:
        return web.Response(status=500, text=EXCEPTION_TEXT)
    if "text/html" in request.headers.get("Accept", ""):
        text, kind = _html(request, failure, reasons), "text/html"
    else:
        text, kind = _text(failure, reasons), "text/plain"
    return web.Response(status=500, text=well_formed(text), content_type=kind, headers=_HEADERS)


def _text(failure: Failure, reasons: list[str]) -> str:
    error = ": ".join(filter(None, (failure.place, failure.error)))
    parts = [EXCEPTION_TEXT, failure.trace or error, *reasons]
    return "\n\n".join(part for part in parts if part) + "\n"


def _html(request: web.BaseRequest, failure: Failure, reasons: list[str]) -> str:
    place = f"<p>{escape(failure.place)}</p>" if failure.place else ""
    why = "".join(f"<p>{escape(reason)}</p>" for reason in reasons)
    trace = f'<pre tabindex="0">{escape(failure.trace)}</pre>' if failure.trace else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(failure.error)}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{escape(f'{request.method} {request.path}')}</h1>"
        f'<p class="error">{escape(failure.error)}</p>{place}{why}{trace}'
        f"<p><small>{EXCEPTION_TEXT}, in production a page without these details. "
        'See also <a href="/__edgeday/">the dashboard</a>.</small></p></body></html>'
    )
