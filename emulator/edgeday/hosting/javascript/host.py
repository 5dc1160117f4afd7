"""A JavaScript worker as a class for `Edge(worker=...)`."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any, ClassVar

from edgeday.call_site import CallSite
from edgeday.clock import VirtualClock
from edgeday.errors import BadInput, PlatformError, Problem, did_you_mean
from edgeday.hosting.javascript.bundles import Bundle
from edgeday.hosting.javascript.configuration import WorkerEnv
from edgeday.hosting.javascript.isolate import Isolate
from edgeday.hosting.javascript.isolates import Engine, IsolateLost, Pool
from edgeday.hosting.javascript.process import CannotStart, DoesNotEnd
from edgeday.hosting.javascript.real_time import RealTimeIsolate
from edgeday.hosting.javascript.stacks import Stacks
from edgeday.hosting.javascript.stand_ins import refusals, stub_data
from edgeday.hosting.javascript.start_problems import main_file, start_problems
from edgeday.hosting.javascript.wire import to_wire
from edgeday.hosting.not_emulated import CLASSES, HANDLERS, class_text, handler_text
from edgeday.invocation import ExecutionContext, Invocation, ScheduledController
from edgeday.kv.namespace import KVNamespace
from edgeday.web.messages import Request, Response

_SWITCHING_PROTOCOLS = 101
_KEY = "edgeday: isolate of a JavaScript worker"


_ANSWERING = frozenset({"fetch", "scheduled"})
"""The handlers that an edge calls."""


class CannotHost(BadInput):
    """A worker that workerd does not start, with the problems of its files."""


class JavaScriptWorker:
    """One invocation of a JavaScript worker. The class of each worker is made by `host_javascript`.

    runs_on: workerd's version and the compatibility date, in words. runtime: these, wrangler's version and
    the hash of the bundle by name, for reports. warnings: what is otherwise on Cloudflare. bundle: the
    worker's code. entrypoints: its exports that answer requests or crons. handler_sites: where its own
    handlers are written, by name.
    """

    runs_on: ClassVar[str] = ""
    runtime: ClassVar[Mapping[str, str]] = {}
    warnings: ClassVar[tuple[str, ...]] = ()
    bundle: ClassVar[Bundle]
    entrypoints: ClassVar[tuple[str, ...]] = ()
    handler_sites: ClassVar[Mapping[str, CallSite]] = {}
    _isolates: ClassVar[Isolates]
    _entrypoint: ClassVar[str] = ""

    def __init__(self, ctx: ExecutionContext, env: Any) -> None:
        self.env = env
        self._invocation = ctx._invocation

    async def fetch(self, request: Request) -> Response:
        """Answer a request."""
        body = b"" if request.method in {"GET", "HEAD"} else await request.bytes()
        message = {
            "entrypoint": self._entrypoint,
            "url": request.url,
            "method": request.method,
            "headers": _with_host(request),
            "body": to_wire(body) if body else None,
            "cf": {"colo": self._invocation.colo, **(request.cf or {})},
        }
        isolate = self._isolates.of(self._invocation, self.env)
        response = await isolate.fetch(self._invocation, self.env, message)
        if response.status == _SWITCHING_PROTOCOLS:
            raise PlatformError("edgeday does not emulate WebSockets")
        return response

    @classmethod
    def retire(cls, *, at_once: bool = False) -> None:
        """Another worker takes its place on a server: end its processes when its invocations are over."""
        cls._isolates.retire(at_once=at_once)

    async def _scheduled(self, controller: ScheduledController, _env: Any = None, _ctx: Any = None) -> None:
        message = {
            "entrypoint": self._entrypoint,
            "cron": controller.cron,
            "scheduledTime": controller.scheduledTime,
        }
        isolate = self._isolates.of(self._invocation, self.env)
        await isolate.scheduled(self._invocation, self.env, message, controller.noRetry)


class Isolates:
    """The isolates of one worker: each data centre and place has one, made when it is first met."""

    def __init__(self, binary: Path, bundle: Bundle, env: WorkerEnv, limit_s: float) -> None:
        self._binary = binary
        self._bundle = bundle
        self._limit_s = limit_s
        self._env = env
        self._pool = Pool(binary, bundle, env, limit_s)
        self._first: Engine | None = None
        self._taking = Lock()
        self._living: weakref.WeakSet[RealTimeIsolate] = weakref.WeakSet()
        self.stacks = Stacks(bundle)
        self.classes: dict[str, str] = {}

    def load(self) -> dict[str, dict[str, str]]:
        """Start the first one. Gives the handlers of each entrypoint, with their source. Raises
        CannotHost."""
        first = self._first = self._take()
        try:
            told = first.turn(0, {"t": "hello", "inv": 0, "now": 0})
        except IsolateLost as lost:
            raise CannotHost(Problem(self._bundle.main, lost.what, lost.said)) from None
        first.leave(0)
        loaded = next(one for one in told if one["t"] == "loaded")
        entrypoints: dict[str, dict[str, str]] = loaded["entrypoints"]
        for name, handlers in entrypoints.items():
            if "extends" in handlers:
                self.classes[name] = handlers.pop("extends")
        return entrypoints

    def _take(self) -> Engine:
        return self._take_from(self._pool)

    def _take_from(self, pool: Pool) -> Engine:
        try:
            with self._taking:
                return pool.take()
        except DoesNotEnd as cannot:
            raise CannotHost(Problem(main_file(self._bundle, self.stacks), cannot.text)) from None
        except CannotStart as cannot:
            if cannot.place:
                raise CannotHost(Problem(cannot.place, cannot.text, cannot.hint)) from None
            raise CannotHost(start_problems(cannot.text, self._bundle, self.stacks)) from None

    def of(self, invocation: Invocation, env: Any) -> Isolate:
        """The isolate that an invocation meets."""
        known = invocation.isolate.get(_KEY)
        isolate: Isolate
        if known is not None and known[0] is self and known[1].is_open:
            isolate = known[1]
            return isolate
        own_env = _env_of(env, self._bundle)
        try:
            if isinstance(invocation.clock, VirtualClock):
                isolate = self._new(own_env)
            else:
                isolate = self._new_in_real_time(own_env)
        except CannotHost as cannot:  # it did before
            raise invocation.misbehave(f"another isolate does not start: {cannot}", place="") from None
        invocation.isolate[_KEY] = (self, isolate)
        return isolate

    def _new(self, env: WorkerEnv) -> Isolate:
        engine = self._first_of(env) or self._take()
        isolate = Isolate(engine, dict(env.variables), self.stacks)
        weakref.finalize(isolate, engine.close)
        return isolate

    def _first_of(self, env: WorkerEnv) -> Engine | None:
        """The first isolate, if it is still there and has this `env`; others will have it from now on."""
        first, self._first = self._first, None
        if env != self._env:
            self._env = env
            self._pool = Pool(self._binary, self._bundle, env, self._limit_s)
            return None
        return first if first is not None and first.process.is_open else None

    def _new_in_real_time(self, env: WorkerEnv) -> RealTimeIsolate:
        """One that is alone in its process: what it does for long stops no other."""
        first = self._first_of(env)
        pool = self._pool
        pool.share_no_process()

        def take() -> Engine:
            try:
                return first or self._take_from(pool)
            except CannotHost as cannot:  # it did before
                raise IsolateLost(f"another isolate does not start: {cannot}", "") from None

        isolate = RealTimeIsolate(take, dict(env.variables), self.stacks)
        self._living.add(isolate)
        return isolate

    def retire(self, *, at_once: bool = False) -> None:
        """End those in real time, each once its invocations are over, or all at once."""
        if self._first is not None:
            self._first.process.close()
        for isolate in list(self._living):
            isolate.retire(at_once=at_once)


def _with_host(request: Request) -> list[tuple[str, str]]:
    """The headers of a request as a worker finds them, which has the host's among them."""
    fields = list(request.headers.fields())
    if not any(name.lower() == "host" for name, _ in fields):
        fields.insert(0, ("host", request.url.split("/", 3)[2].rpartition("@")[2]))
    return fields


def _env_of(env: Any, bundle: Bundle) -> WorkerEnv:
    members = env.__dict__
    namespaces = tuple(name for name, value in members.items() if isinstance(value, KVNamespace))
    stubs = stub_data(env)
    others = {name: value for name, value in members.items() if name not in namespaces and name not in stubs}
    refused = {name: text for name, text in refusals(bundle).items() if name not in members}
    return WorkerEnv(namespaces, others, {**stubs, **refused})


def _warnings(handlers: Mapping[str, str], classes: Mapping[str, str]) -> Iterator[str]:
    """What a worker has and nothing calls. classes: those of its exports that extend one, by name."""
    yield from (handler_text(name) for name in HANDLERS if name in handlers)
    yield from (class_text(name, base) for name, base in classes.items() if base in CLASSES)


def host_javascript(
    bundle: Bundle,
    binary: Path,
    *,
    runs_on: str = "",
    tools: Mapping[str, str] | None = None,
    entrypoint: str = "",
    vars: Mapping[str, Any] | None = None,
    namespaces: Sequence[str] = (),
    limit_s: float = 10,
) -> type[JavaScriptWorker]:
    """Start a JavaScript worker, and make a class of it that an `Edge` runs.

    bundle: its code. binary: workerd. tools: versions of what runs and has made it, by name ("workerd").
    entrypoint: the name of its export, "" for the default one. vars, namespaces: variables and KV bindings
    that `env` has while its modules are evaluated. limit_s: seconds of real time that a turn may take.
    Raises CannotHost for a worker that does not start.
    """
    env = WorkerEnv(tuple(namespaces), dict(vars or {}), refusals(bundle))
    isolates = Isolates(binary, bundle, env, limit_s)
    entrypoints = isolates.load()
    if entrypoint and entrypoint not in entrypoints:
        what = f'has no export "{entrypoint}"'
        hint = did_you_mean(entrypoint, entrypoints) or f"it has {', '.join(sorted(entrypoints))}"
        raise CannotHost(Problem(main_file(bundle, isolates.stacks), what, hint))
    handlers = entrypoints.get(entrypoint or "default", {})
    sites = {name: isolates.stacks.place_of_code(code) for name, code in handlers.items()}
    isolates.stacks.handler_sites = sites
    members: dict[str, Any] = {
        "runs_on": runs_on,
        "runtime": {**(tools or {}), "compatibility_date": bundle.date, "bundle": bundle.hash},
        "bundle": bundle,
        "entrypoints": tuple(name for name, found in entrypoints.items() if _ANSWERING & set(found)),
        "handler_sites": sites,
        "warnings": tuple(_warnings(handlers, isolates.classes)),
        "_isolates": isolates,
        "_entrypoint": entrypoint,
    }
    if "scheduled" in handlers:
        members["scheduled"] = JavaScriptWorker._scheduled
    return type(Path(bundle.main).stem or "worker", (JavaScriptWorker,), members)
