"""`fetch` as JavaScript has it: redirects followed or handed out, signals that abort."""

from __future__ import annotations

import asyncio
from typing import Any

from edgeday.errors import PlatformError
from edgeday.hosting.python_workers.messages import JsRequest, JsResponse, new_request
from edgeday.hosting.python_workers.promises import JsPromise
from edgeday.hosting.python_workers.proxies import thrown
from edgeday.web import ambient


async def _send(request: JsRequest) -> JsResponse:
    try:
        return JsResponse(await ambient.runtime().fetch(request._m))
    except PlatformError as error:
        raise thrown(error) from error


async def _fetch(resource: Any, init: Any) -> JsResponse:
    request = resource if isinstance(resource, JsRequest) and init is None else new_request(resource, init)
    signal = request._signal
    if signal is None:
        return await _send(request)
    if signal.aborted:
        raise signal.error()
    sending = asyncio.ensure_future(_send(request))
    signal.when_aborted(sending.cancel)
    try:
        return await sending
    except asyncio.CancelledError:
        if signal.aborted:
            raise signal.error() from None
        raise


def js_fetch(resource: Any, init: Any = None) -> JsPromise:
    """`fetch(resource, init)`."""
    return JsPromise(_fetch(resource, init))
