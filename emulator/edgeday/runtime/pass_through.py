"""What `passThroughOnException` asks for: the origin answers where the worker has raised.

Source: Cloudflare docs, Workers, Context (`passThroughOnException`).
"""

from __future__ import annotations

from edgeday.invocation import Invocation
from edgeday.web.messages import Request, Response


async def passed_through(invocation: Invocation, request: Request) -> Response | None:
    """What the origin of the request's host answers, if the worker has asked for that; None where none is
    declared, or it fails too. It costs no subrequest: the request goes on as if there were no worker. A body
    that is a stream went to the worker."""
    origin = invocation.origin_of(request.url) if invocation.passes_through else None
    if origin is None:
        return None
    body = request._body if isinstance(request._body, bytes) else None
    again = Request(
        request.url, method=request.method, headers=request.headers.fields(), body=body, cf=request.cf
    )
    try:
        return await origin(again, invocation)
    except Exception:
        return None
