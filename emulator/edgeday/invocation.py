"""One run of a worker's handler: what it may call, and how many subrequests it has made.

External subrequests are fetches and cache calls; internal ones are KV calls. Both are counted when
asked for, whether or not a limit refuses them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from random import Random
from typing import Any, NamedTuple
from urllib.parse import urljoin

from edgeday.account import NoInvocation, Services
from edgeday.call_site import CallSite, nearest_user_line, user_call_site, waiting_line
from edgeday.clock import Clock, iso_seconds
from edgeday.errors import PlatformError, PlatformTypeError, TooManySubrequests, WorkerMisbehaved
from edgeday.events import CRON_ROUTE, UNDECLARED_ORIGIN, Cause, Diagnostic, Operation
from edgeday.web.ambient import CachesLike, current_runtime
from edgeday.web.js_dict import JsDict
from edgeday.web.messages import Request, Response
from edgeday.web.status import REDIRECT_STATUSES
from edgeday.web.url import best_match

EXTERNAL_TEXT = "Too many subrequests by single Worker invocation."
INTERNAL_TEXT = (
    "Too many API requests by single Worker invocation. To configure this limit, refer to "
    "https://developers.cloudflare.com/workers/wrangler/configuration/#limits"
)
"""Texts as users report them. The suffix stands on the internal text since 2026; on the external one it
is only likely, and is left out."""
SENT_ONCE = (
    "A request with a one-time-use body (it was initialized from a stream, not a buffer) encountered a "
    "redirect requiring the body to be retransmitted. To avoid this error in the future, construct this "
    "request from a buffer-like body initializer."
)
"""What the runtime says of a redirect that would have a stream sent again."""

_UUID_VERSION_4 = 0x4000_8000_0000_0000_0000
_UUID_RANDOM = ~(0xF000_C000_0000_0000_0000)
"""Version and variant of a random UUID, and the bits beside them (RFC 9562, 5.4)."""

NO_HANDLER = "Handler does not export a {}() function"
"""What the runtime says of a worker without the handler. Source: workerd 6552d99 api/global-scope.c++."""
NO_PROMISE = "Failed to execute 'waitUntil' on 'ExecutionContext': parameter 1 is not of type 'Promise'."

Outbound = Callable[[Request, "Invocation"], Awaitable[Response]]
"""Answers fetches to a host: an origin server, or a stand-in."""


class ExecutionContext:
    """The `ctx` of a handler. props: what the caller's configuration gives; nothing does here."""

    __slots__ = ("_invocation", "props")

    def __init__(self, invocation: Invocation) -> None:
        self._invocation = invocation
        self.props = JsDict()

    def waitUntil(self, work: Awaitable[Any]) -> None:
        """Go on with `work` after the response, for 30 s at most; it shares the invocation's counters.

        work: a coroutine, a task, a future or anything else that can be awaited; TypeError for what cannot.
        """
        try:
            task = asyncio.ensure_future(work)
        except TypeError:
            raise PlatformTypeError(NO_PROMISE) from None
        self._invocation.background.append(task)

    wait_until = waitUntil

    def passThroughOnException(self) -> None:
        """Let the origin of the request's host answer if the worker raises, where one is declared."""
        self._invocation.passes_through = True


class ScheduledController:
    """What a `scheduled` handler is given. cron: the expression as it is configured. scheduledTime: epoch
    milliseconds of the minute that it was planned for."""

    __slots__ = ("cron", "no_retry", "scheduledTime")

    def __init__(self, cron: str, scheduled_ms: int) -> None:
        self.cron = cron
        self.scheduledTime = scheduled_ms
        self.no_retry = False

    def noRetry(self) -> None:
        """Ask for no second try after a failure; there is none in any case."""
        self.no_retry = True


class Failure(NamedTuple):
    """What a handler raised. error: type and message. trace: its traceback through the worker's own code, or
    "". place: the innermost line of it, or of the handler."""

    error: str
    trace: str
    place: str


class Invocation:
    """One run of a handler; also the runtime that `edgeday.web`'s global names look up.

    context: whatever the caller of `Edge.dispatch` handed along; outbound handlers can read it.
    lane: what it waits with where storage takes time (see `production.latency`), else None.
    background: what `waitUntil` was given. background_error: the first that it raised in a cron, which fails
    by it. task: runs the handler, or reads the body that the generator
    `making` makes. tasks: those that the worker's code has started in it, each with the line that did.
    over: whether response and `waitUntil` work are done; nothing can be called then. cut_off: how much work
    of another language's code was cut off then. waits_at: tells the line in which such code waits, or "".
    failure: what the handler raised, or None. misbehaved: the first thing it did that ends a run, or None.
    passes_through: whether the origin is to answer where the worker raises.
    """

    refuses_entropy = False
    __slots__ = (
        "_enforces", "_outbound", "_random", "_seed", "_services", "background", "background_error",
        "caches", "colo", "context", "ctx", "cut_off", "external", "failure", "generator", "internal",
        "isolate", "lane", "last_fetch", "making", "misbehaved", "now_ms", "number", "over",
        "passes_through", "refused", "route", "started_at", "task", "tasks", "waits_at",
    )  # fmt: skip

    def __init__(
        self,
        services: Services,
        *,
        number: int,
        route: str,
        colo: str,
        caches: CachesLike,
        isolate: dict[str, Any],
        outbound: Mapping[str, Outbound],
        seed: str,
        context: Any = None,
    ) -> None:
        self._services = services
        self._enforces = services.switches.subrequests == "enforce"
        self.caches = caches
        self.now_ms = services.clock.now_ms
        self._outbound = outbound
        self._seed = seed
        self._random: Random | None = None
        self.generator: Random | None = None
        self.number = number
        self.route = route
        self.colo = colo
        self.isolate = isolate
        self.context = context
        self.started_at = services.clock.now()
        self.external = 0
        self.internal = 0
        self.refused = 0
        self.last_fetch = 0
        self.lane: object = None
        self.background: list[asyncio.Future[Any]] = []
        self.background_error: Exception | None = None
        self.task: asyncio.Task[Any] | None = None
        self.making: Any = None
        self.tasks: dict[asyncio.Task[Any], CallSite] = {}
        self.over = False
        self.cut_off = 0
        self.waits_at: Callable[[], str] = _in_no_line
        self.failure: Failure | None = None
        self.misbehaved: WorkerMisbehaved | None = None
        self.passes_through = False
        self.ctx = ExecutionContext(self)

    @property
    def clock(self) -> Clock:
        """The account's."""
        return self._services.clock

    # what the global names look up

    @property
    def seed(self) -> str:
        """What `random` is seeded with."""
        return self._seed

    @property
    def random(self) -> Random:
        """Random numbers of this invocation: the same for the same seed, whatever runs beside it."""
        if self._random is None:
            self._random = Random(self._seed)
        return self._random

    def random_uuid(self) -> str:
        digits = f"{self.random.getrandbits(128) & _UUID_RANDOM | _UUID_VERSION_4:032x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    async def fetch(self, request: Request) -> Response:
        """Fetch from the registered outbound handler of the host, following redirects unless they are manual.

        Costs 1 external subrequest per hop. Raises the platform's error once they are spent, after 20
        redirects, for one that a stream would have to be sent again for, and for a host that nothing answers
        for.
        """
        urls: tuple[str, ...] = ()
        for hop in range(self._services.limits.redirects + 1):
            response = await self._fetch_once(request)
            location = response.headers.get("location") if response.status in REDIRECT_STATUSES else None
            if location is None or request.redirect == "manual":
                response.url, response.redirected = request.url.partition("#")[0], hop > 0
                return response
            urls += (request.url.partition("#")[0],)
            request = _redirected(request, urljoin(request.url, location), response.status)
        raise PlatformTypeError(f"Too many redirects.{', '.join(urls)}")

    def origin_of(self, url: str) -> Outbound | None:
        """What answers for the host of a URL, None if nothing does."""
        return self._origin_at(_host_of(url))

    def _origin_at(self, host: str) -> Outbound | None:
        return self._outbound.get(host) or best_match(host, self._outbound)

    async def _fetch_once(self, request: Request) -> Response:
        host = _host_of(request.url)
        outcome, reason, cause = "error", "", Cause.ORIGIN
        try:
            self.last_fetch = self.external + 1
            self.take_external()
            handler = self._origin_at(host)
            if handler is None:
                cause = Cause.UNDECLARED
                self.diagnose(UNDECLARED_ORIGIN, f"the worker fetched {host}, which nothing answers for")
                raise PlatformError(f"Network connection lost. (Nothing answers for {host} in this emulator)")
            response = await handler(request, self)
            if response.status < 400:
                outcome, cause = "ok", Cause.NONE
            else:
                reason = f"{response.status} {response.status_text}"
            return response
        except TooManySubrequests as error:
            outcome, reason, cause = "refused", error.message, Cause.SUBREQUESTS
            raise
        except Exception as error:
            reason = str(error)
            raise
        finally:
            clock = self._services.clock
            self._services.events.emit(
                Operation(
                    clock.now(),
                    "fetch",
                    request.method,
                    host,
                    request.url,
                    outcome,
                    reason,
                    0,
                    0,
                    self.number,
                    self.route,
                    self.colo,
                    None,
                    cause,
                )  # fmt: skip
            )

    # subrequests

    def take_external(self) -> None:
        """Count one fetch or cache call. Raises TooManySubrequests if the limit is enforced and spent."""
        if self.over:
            raise asyncio.CancelledError
        self.external += 1
        if not self._enforces:
            return
        limits = self._services.limits
        used = self.external + (self.internal if limits.subrequests_shared else 0)
        if used > limits.external_subrequests:
            self.refused += 1
            raise TooManySubrequests(EXTERNAL_TEXT)

    def take_internal(self) -> bool:
        """Count one KV call; False, and nothing counted, if the limit is enforced and spent."""
        if self.over:
            raise asyncio.CancelledError
        if self._enforces:
            limits = self._services.limits
            used = self.internal + (self.external if limits.subrequests_shared else 0)
            if used >= limits.internal_subrequests:
                return False
        self.internal += 1
        return True

    def cancel_internal(self) -> None:
        """Do not count a KV call after all: the day's quota refused it."""
        self.internal -= 1

    def refuse_internal(self) -> None:
        """Count one KV call that was made with none left."""
        self.internal += 1
        self.refused += 1

    @property
    def is_cron(self) -> bool:
        """Whether it is the run of a cron."""
        return self.route.startswith(CRON_ROUTE)

    # what goes wrong without an error

    def diagnose(self, id: str, text: str, place: str | None = None) -> None:
        """Report something in the worker's code.

        place: default: the line of user code that led here, or that started the task which did.
        """
        if place is None:
            place = user_call_site().place or self._start_of_task()
        clock = self._services.clock
        self._services.events.emit(Diagnostic(clock.now(), id, text, place, self.number, self.route))

    def _start_of_task(self) -> str:
        """The line that started the task which runs; "" if it is none of the worker's."""
        try:
            task = asyncio.current_task()
        except RuntimeError:  # no loop runs in this thread
            return ""
        site = None if task is None else self.tasks.get(task)
        return "" if site is None else site.place

    def misbehave(self, what: str, hint: str = "", place: str | None = None) -> WorkerMisbehaved:
        """What to raise for something that ends the run. It counts, also if the worker catches it.

        place: default: the line of user code that led here.
        """
        if place is None:
            place = nearest_user_line().place or (
                waiting_line(self.task.get_coro()).place if self.task else ""
            )
        misbehaved = WorkerMisbehaved(what, place, request=self.name, hint=hint)
        self._services.misbehaviour.append(misbehaved)
        self.misbehaved = self.misbehaved or misbehaved
        return misbehaved

    @property
    def name(self) -> str:
        """For people: "GET /cart, invocation 7, at 2026-02-16T08:00:00Z"."""
        number = f"invocation {self.number}, at {iso_seconds(self._services.clock.now())}"
        return f"{self.route}, {number}" if self.route else number


def _in_no_line() -> str:
    return ""


def _host_of(url: str) -> str:
    return url.split("/", 3)[2].rpartition("@")[2]


def _redirected(request: Request, url: str, status: int) -> Request:
    """The request that follows a redirect: GET after a 303, and after a 301 or 302 of a POST.

    Every other method stays, and with it a body; TypeError if that is a stream, which is sent once. Source:
    Fetch Standard, HTTP-redirect fetch; workerd 1.20261117.1 (the error's text).
    """
    becomes_get = (status == 303 and request.method != "HEAD") or (
        status in {301, 302} and request.method == "POST"
    )
    if becomes_get:
        return Request(url, headers=request.headers.fields())
    body = request._body
    if body is not None and not isinstance(body, bytes):
        raise PlatformTypeError(SENT_ONCE)
    return Request(url, method=request.method, headers=request.headers.fields(), body=body)


Caller = Invocation | NoInvocation
"""Who makes a call."""


def current_caller(services: Services) -> Caller:
    """The invocation the code runs in, or what stands for none."""
    running = current_runtime.get()
    return running if isinstance(running, Invocation) else services.outside


def current_invocation() -> Invocation | None:
    """The invocation the code runs in, or None outside one."""
    running = current_runtime.get()
    return running if isinstance(running, Invocation) else None
