"""What a Worker finds in its global scope: `caches`, `fetch`, the clock, random ids, module state.

Each name looks up the invocation that the code runs in, so two edges in one process never meet.
Outside an invocation they raise RuntimeError, which says how to open one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from random import Random
from typing import Any, Literal, Protocol

from edgeday import virtual_loop
from edgeday.coverage import Member, missing_method, offers
from edgeday.web.body import BodyInit
from edgeday.web.headers import HeadersInit
from edgeday.web.messages import Request, Response


class CachesLike(Protocol):
    """The `caches` of an edge; its caches have `put`, `match` and `delete`."""

    default: Any
    """The cache that `fetch` uses too."""

    async def open(self, name: str) -> Any: ...


class Runtime(Protocol):
    """What an invocation offers to the code that runs in it."""

    caches: CachesLike
    isolate: dict[str, Any]
    now_ms: Callable[[], int]
    generator: Random | None
    """Behind the functions of the module `random`, once one was called."""
    refuses_entropy: bool
    """Whether the worker's own code may not draw random numbers, as while it is imported."""

    @property
    def random(self) -> Random:
        """What all that is random is drawn from."""
        ...

    def random_uuid(self) -> str: ...
    async def fetch(self, request: Request) -> Response: ...


current_runtime: ContextVar[Runtime | None] = ContextVar("edgeday_runtime", default=None)


def runtime() -> Runtime:
    """The running invocation. Raises RuntimeError outside one."""
    current = current_runtime.get()
    if current is None:
        raise RuntimeError(
            "caches, fetch, now_ms and random_uuid exist only inside an invocation: "
            "use edge.dispatch(request), or `async with edge.invocation():` in a test"
        )
    return current


class _Caches:
    """The global `caches` of a Worker."""

    __slots__ = ()

    @property
    @offers(Member("caches.default", "one for each data centre (colo)"))
    def default(self) -> Any:
        """The cache that `fetch` uses too."""
        current = current_runtime.get()
        return (runtime() if current is None else current).caches.default

    async def open(self, name: str) -> Any:
        """A named cache. Raises TypeError if the name is too long."""
        return await runtime().caches.open(name)

    match = missing_method("CacheStorage", "caches", "match")
    has = missing_method("CacheStorage", "caches", "has")
    delete = missing_method("CacheStorage", "caches", "delete")
    keys = missing_method("CacheStorage", "caches", "keys")


caches = _Caches()
"""The global `caches` of a Worker: `default`, and `await open(name)`."""


async def fetch(
    request: Request | str,
    *,
    method: str | None = None,
    headers: HeadersInit | None = None,
    body: BodyInit = None,
    cf: Mapping[str, Any] | None = None,
    redirect: Literal["follow", "manual"] | None = None,
) -> Response:
    """Fetch over the (emulated) network. Costs 1 external subrequest, and 1 more for each redirect.

    The options are those of `Request`, and beat those of a request that is given.
    """
    options = (method, headers, body, cf, redirect)
    if isinstance(request, str) or any(option is not None for option in options):
        request = Request(request, method=method, headers=headers, body=body, cf=cf, redirect=redirect)
    return await runtime().fetch(request)


def now_ms() -> int:
    """`Date.now()`: whole epoch milliseconds."""
    current = current_runtime.get()
    return (runtime() if current is None else current).now_ms()


def random_uuid() -> str:
    """`crypto.randomUUID()`: 36 characters, drawn from the edge's seed."""
    return runtime().random_uuid()


def isolate_state() -> dict[str, Any]:
    """The isolate's module scope: what is put here stays until the isolate is replaced."""
    return runtime().isolate


async def sleep(seconds: float) -> None:
    """`setTimeout` as an awaitable; virtual in a replay."""
    await virtual_loop.sleep(seconds)
