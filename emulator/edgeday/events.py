"""The event stream: every operation once, typed; metrics, journal and dashboard read it.

Nothing else counts. An event is emitted when its operation is over, so its outcome is known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from enum import StrEnum
from typing import NamedTuple, TypeVar

DEFAULT_COLO = "SOF"
"""The data centre where nothing names another one."""

CRON_ROUTE = "cron "
"""What the routes of crons begin with; the expression follows."""
SEED = "seed"
"""The op of KV events that say what KV held when the run began. Nothing is charged for them."""
UNDECLARED_ORIGIN = "undeclared-origin"
"""The id of the diagnostics of fetches to a host that nothing answers for."""
NOT_EMULATED = "not-emulated"
"""The id of the diagnostics of uses of a binding that is neither emulated nor stubbed."""
CALL_FAILED = "call-failed"
"""The id of the diagnostics of KV and cache calls that fail by what they ask for."""
EXTERNAL_SERVICES = frozenset({"cache", "fetch"})
"""Services whose operations are external subrequests of the invocation they are made in."""
_LONGEST_FAMILY = 60
"""Characters of a key family in texts that name what failed."""
_FAILED = re.compile(r"KV [A-Z_]+ failed: ")


class Cause(StrEnum):
    """Why an operation came to its outcome, for programs; `reason` says it in words."""

    NONE = ""
    """Nothing stood in its way."""
    QUOTA = "quota"
    """The day's units of its class of KV operations are spent."""
    SUBREQUESTS = "subrequests"
    """The invocation has no subrequest left."""
    REQUESTS = "requests"
    """The day's requests are spent."""
    KEY_RATE = "key-rate"
    """The key was written within the same second."""
    BACKEND = "backend"
    """The service behind the runtime refuses the call itself: its key, its size, its options."""
    ORIGIN = "origin"
    """The host that was fetched answered with a status of 400 or above, or not at all."""
    UNDECLARED = "undeclared"
    """The host that was fetched is one that nothing answers for."""
    RULES = "rules"
    """HTTP's rules or the cache's: such a response is not stored, such a request is not looked up."""
    FAULT = "fault"
    """KV or the cache fails on Cloudflare's side, as its settings say."""
    TIME = "time"
    """It went on for longer than it may."""


class Operation(NamedTuple):
    """One operation of a service.

    at:       epoch seconds.
    service:  "kv", "cache", "fetch", "request", "waitUntil", or an audit's (what it counted, once a run).
    op:       kv: get, getWithMetadata, put, delete, list, and seed (held when the run began);
              cache: match, put, delete, purge, evict;
              fetch, and request (turned away before the worker): the method; waitUntil: wait.
    binding:  the KV binding, the cache name ("default"), or the host that was fetched.
    key:      the KV key, the cache URL, the list prefix, or the fetched URL.
    outcome:  "ok", "hit", "miss", "stored", "not-stored", "deleted", "absent",
              "evicted" (a cache gave an entry up before its time),
              "cancelled" (waitUntil work that went on for too long after the response),
              "refused" (a daily quota or the subrequest limit said no), "error" (anything else was thrown,
              or a fetch was answered with a status of 400 or above).
    reason:   why, in words, where the outcome needs one ("not stored: Cache-Control: no-store"); else "".
    units:    quota units asked for (KV: keys, or 1 for a list); 0 where nothing is charged.
    size_bytes: of the value or body that was written or read; 0 if none.
    invocation: its number, 0 outside any. route: of the invocation ("POST /api/orders"), or "".
    expires_at: of what was stored, epoch seconds; None if it never expires, and where nothing was stored.
    cause: why, as a type; never NONE where it was refused, failed, was cancelled or not stored.
    metadata_bytes: of the metadata that a KV put stored beside its value.
    """

    at: float
    service: str
    op: str
    binding: str
    key: str
    outcome: str
    reason: str
    units: int
    size_bytes: int
    invocation: int
    route: str
    colo: str
    expires_at: float | None = None
    cause: Cause = Cause.NONE
    metadata_bytes: int = 0

    @property
    def key_family(self) -> str:
        return key_family(self.key)

    @property
    def call(self) -> str:
        """In texts: "KV put", "cache match"."""
        return f"{'KV' if self.service == 'kv' else self.service} {self.op}"


class InvocationStarted(NamedTuple):
    """A request reached the worker."""

    at: float
    invocation: int
    route: str
    colo: str


class InvocationEnded(NamedTuple):
    """An invocation is over, `waitUntil` work included.

    outcome: "ok", "exception" (the worker threw; error code 1101), "misbehaved" (it did what ends a run),
    "cancelled".
    status: of the response, 0 if there was none. external, internal: subrequests asked for;
    refused: those that a limit refused. last_fetch: the place of the last fetch among the external ones
    (0: there was none). error: text of the exception, or "". trace: its traceback, as far as it runs through
    the worker's own code, or "". place: the innermost line of it, "shop.py:12", or "".
    cut_off: tasks that were cancelled when the response and `waitUntil` work were done.
    """

    at: float
    invocation: int
    route: str
    colo: str
    started_at: float
    outcome: str
    status: int
    external: int
    internal: int
    refused: int
    last_fetch: int
    error: str
    trace: str = ""
    place: str = ""
    cut_off: int = 0


class Diagnostic(NamedTuple):
    """Something in the worker's code that goes wrong on Cloudflare without an error that anybody sees.

    id: a stable name of its kind, the id of the finding that it becomes ("kv-option-lost").
    text: what happens, as a sentence that stands behind the place. place: "src/entry.py:12", or "".
    invocation: its number, 0 outside any. route: of the invocation, or "".
    """

    at: float
    id: str
    text: str
    place: str
    invocation: int
    route: str


class ExpectationChecked(NamedTuple):
    """An answer of the traffic was compared with what the scenario expects of it: one event for each answer.

    part: of the traffic, by its name. route: of the request. unmet: how many of the expectations the answer
    does not meet. what, expected, found: of the first of those, "json:id", the values as JSON, cut to a
    readable length; all "" where the answer is as expected; found is "" where the answer has nothing of that
    name.
    """

    at: float
    part: str
    route: str
    unmet: int
    what: str = ""
    expected: str = ""
    found: str = ""


class SessionStarted(NamedTuple):
    """A visitor's session begins. part: of the traffic, by its name. session: its number in it, from 1."""

    at: float
    part: str
    session: int


class SessionEnded(NamedTuple):
    """A session is over.

    outcome: "completed" (all steps were made), "left" (the visitor left before a step, as the scenario's
    chances have it), "failed" (an answer was a failure, or had not what a later step needs).
    requests: that it made. step: the number of the step that ended it, from 1, waits counted; 0 where it was
    completed. route: of that step's request, or "". reason: why it failed, "json:id was not in the answer".
    """

    at: float
    part: str
    session: int
    started_at: float
    outcome: str
    requests: int
    step: int = 0
    route: str = ""
    reason: str = ""


Event = (
    Operation
    | InvocationStarted
    | InvocationEnded
    | Diagnostic
    | ExpectationChecked
    | SessionStarted
    | SessionEnded
)
EventT = TypeVar(
    "EventT",
    Operation,
    InvocationStarted,
    InvocationEnded,
    Diagnostic,
    ExpectationChecked,
    SessionStarted,
    SessionEnded,
)


class EventStream:
    """Hands each event to the subscribers of its type, in the order of their subscriptions."""

    __slots__ = ("_ready", "_subscriptions")

    def __init__(self) -> None:
        self._subscriptions: list[
            tuple[type, Collection[str] | None, Collection[str] | None, Callable[..., None]]
        ] = []
        self._ready: dict[object, dict[str, list[Callable[..., None]]]] = {}

    def subscribe(
        self,
        kind: type[EventT],
        handler: Callable[[EventT], None],
        *,
        outcomes: Collection[str] | None = None,
        services: Collection[str] | None = None,
    ) -> Callable[[], None]:
        """Call `handler` with every event of that kind from now on; returns how to stop it.

        outcomes, services: of operations, only those with one of these outcomes, and of these services; None:
        all. Operations that are not wanted cost nothing.
        """
        subscription = (kind, outcomes, services, handler)
        self._subscriptions.append(subscription)
        self._ready.clear()

        def stop() -> None:
            self._subscriptions.remove(subscription)
            self._ready.clear()

        return stop

    def emit(self, event: Event) -> None:
        """Hand an event out."""
        kind: object
        if type(event) is Operation:
            kind, service = event.outcome, event.service
        else:
            kind, service = type(event), ""
        by_service = self._ready.get(kind)
        if by_service is None:
            by_service = self._ready[kind] = {}
        handlers = by_service.get(service)
        if handlers is None:
            handlers = by_service[service] = [
                handler
                for wanted, outcomes, services, handler in self._subscriptions
                if wanted is type(event)
                and (outcomes is None or kind in outcomes)
                and (services is None or service in services)
            ]
        for handler in handlers:
            handler(event)


def key_family(key: str) -> str:
    """The group a key belongs to: its text up to the first colon, with `:*`; else the key itself.

    A cache URL counts by its path: https://cache.internal/session:s1 is `session:*`.
    """
    if "://" in key:
        key = key.split("://", 1)[1].partition("/")[2]
    head, colon, _ = key.partition(":")
    return f"{head}:*" if colon else key


def failed_call(call: str, key: str, error: str) -> str:
    """What a diagnostic says of a call that fails by what it asks for. call: "KV put". error: its text."""
    family = key_family(key)
    if len(family) > _LONGEST_FAMILY:
        family = f"{family[:_LONGEST_FAMILY]}..."
    said = _FAILED.sub("", error).removesuffix(".")
    return f"{call} of {family} failed: {said}" if family else f"{call} failed: {said}"
