"""What no worker may do: reach the real network, start threads and processes, end the process.

A worker is refused by name, and its run ends, also where it catches that. Nobody else is disturbed: what runs
outside an invocation, and the handlers that answer for origins, go on as before. Once a worker was made, an
audit hook of Python watches for the rest of the process; there is no way to take one back.
"""

from __future__ import annotations

import _thread
import os
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache, wraps
from types import FrameType
from typing import Any, NamedTuple

from edgeday.call_site import nearest_user_line
from edgeday.invocation import Invocation
from edgeday.web.ambient import current_runtime


class Refusal(NamedTuple):
    """What the worker did, and what it can do instead."""

    what: str
    hint: str


NETWORK_HINT = (
    "fetch() of edgeday.web reaches declared origins: those of a scenario (origins: {api.example.com: {json: "
    "{}}}), of a worker profile's outbound, of Edge(outbound=...), of the marker's outbound"
)
THREAD_HINT = "a Worker has one thread; await what has to be waited for"


def _network(host: Any) -> Refusal:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    return Refusal(f"a replay has no network: declare the origin {name}", NETWORK_HINT)


def _connected(arguments: tuple[Any, ...]) -> Refusal:
    address = arguments[-1]
    return _network(address[0] if isinstance(address, tuple) and address else address)


def _resolved(arguments: tuple[Any, ...]) -> Refusal | None:
    return None if arguments[0] is None else _network(arguments[0])


def _thread_started(_: tuple[Any, ...]) -> Refusal:
    return Refusal("the worker starts a thread", THREAD_HINT)


def _process(_: tuple[Any, ...]) -> Refusal:
    return Refusal("the worker starts a process", "there are no processes on Cloudflare")


_WATCHED: Mapping[str, Callable[[tuple[Any, ...]], Refusal | None]] = {
    "socket.connect": _connected,
    "socket.sendto": _connected,
    "socket.getaddrinfo": _resolved,
    "socket.gethostbyname": _resolved,
    "socket.gethostbyaddr": _resolved,
    "_thread.start_new_thread": _thread_started,
    "_thread.start_joinable_thread": _thread_started,
    "subprocess.Popen": _process,
    "os.exec": _process,
    "os.fork": _process,
    "os.forkpty": _process,
    "os.posix_spawn": _process,
    "os.spawn": _process,
    "os.system": _process,
}
"""Audit events of Python, and what each says of its arguments. Source: Python documentation, "Audit events
table"."""


@cache
def install() -> None:
    """Refuse these things to workers from now on."""
    sys.addaudithook(_audit)
    ThreadPoolExecutor.submit = _without_threads(ThreadPoolExecutor.submit)  # type: ignore[method-assign]
    threading.Thread.start = _without_start(threading.Thread.start)  # type: ignore[method-assign]
    _thread.start_new_thread = _without_start(_thread.start_new_thread)
    os._exit = _without_exit(os._exit, "os._exit")
    sys.exit = _without_exit(sys.exit, "sys.exit")


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    watched = _WATCHED.get(event)
    if watched is not None and current_runtime.get() is not None:
        refusal = watched(arguments)
        if refusal is not None:
            _refuse(refusal)


def _refuse(refusal: Refusal) -> None:
    """Raise WorkerMisbehaved if a worker's code is behind this."""
    misbehave = getattr(current_runtime.get(), "misbehave", None)
    if misbehave is not None and not _answers_for_an_origin():
        place = nearest_user_line().place or None
        raise misbehave(refusal.what, refusal.hint, place)


def _answers_for_an_origin() -> bool:
    """Whether the code that runs is no worker's, but that of a handler which answers a worker's fetch."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code is Invocation._fetch_once.__code__:
            return True
        frame = frame.f_back
    return False


def _without_threads(submit: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(submit)
    def guarded(self: ThreadPoolExecutor, function: Any, /, *arguments: Any, **named: Any) -> Any:
        if current_runtime.get() is not None:
            resolves = function is socket.getaddrinfo and arguments and arguments[0] is not None
            _refuse(_network(arguments[0]) if resolves else _thread_started(()))
        return submit(self, function, *arguments, **named)

    return guarded


def _without_start(start: Callable[..., Any]) -> Callable[..., Any]:
    """Python 3.11 has no audit event for this."""

    @wraps(start)
    def guarded(*arguments: Any, **named: Any) -> Any:
        if current_runtime.get() is not None:
            _refuse(_thread_started(()))
        return start(*arguments, **named)

    return guarded


def _without_exit(end: Callable[..., Any], name: str) -> Callable[..., Any]:
    @wraps(end)
    def guarded(*status: Any) -> Any:
        if current_runtime.get() is not None:
            shown = ", ".join(map(repr, status))
            _refuse(Refusal(f"the worker calls {name}({shown}), which ends a process", ""))
        return end(*status)

    return guarded
