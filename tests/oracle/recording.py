"""What a worker does in a day, operation by operation, in a form in which two workers can be compared.

Random ids become numbers of the same length, in the order in which an invocation uses them first. Contents
are kept as digests. A prompt's words are the worker's own, so each entry and each question to the AI has two
forms: as it is, and with the prompt left out.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from unittest import mock

from edgeday.cache.cache import Cache
from edgeday.clock import VirtualClock
from edgeday.events import InvocationEnded, Operation
from edgeday.invocation import Invocation, Outbound
from edgeday.kv.calls import CallTarget, Put
from edgeday.kv.validation import Refusal
from edgeday.replay.runner import _Run, edge_for, run_worker
from edgeday.scenario.loader import Loaded
from edgeday.storage.records import KVEntry
from edgeday.web.ambient import current_runtime
from edgeday.web.messages import Request, Response

_ID = re.compile(r"(?<=_)([0-9]{13})_([0-9a-f]{8})(?![0-9a-f])")
_PROMPT_FIELDS = {"prompt": "", "promptLength": 0, "estimatedInputTokens": 0}


class Done(NamedTuple):
    """One operation. at_ms: since the start of the day. digest: of the content that was stored or sent, with
    prompts left out; "" where there is none. whole: the same with them."""

    at_ms: int
    service: str
    op: str
    binding: str
    key: str
    outcome: str
    reason: str
    units: int
    size: int
    expires_in_s: float | None
    digest: str
    whole: str


class Ended(NamedTuple):
    """How an invocation began and ended."""

    started_ms: int
    ended_ms: int
    route: str
    colo: str
    outcome: str
    status: int
    external: int
    internal: int
    refused: int


class Answer(NamedTuple):
    """What a request was answered. headers, body: as digests."""

    request: str
    status: int
    headers: str
    body: str


@dataclass
class Recorded:
    """A day. operations: of each invocation. prompts: of the AI calls of each invocation that were logged.
    answers: to requests of which the port's answer is to be the original's, in their order."""

    operations: dict[int, list[Done]] = field(default_factory=lambda: defaultdict(list))
    ended: dict[int, Ended] = field(default_factory=dict)
    prompts: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    answers: list[Answer] = field(default_factory=list)


class Recorder:
    """Watches one run. `contents` are put aside when a call is made, and met again when its event comes."""

    def __init__(self, start: float) -> None:
        self.day = Recorded()
        self._start = start
        self._contents: dict[tuple[int, str, str, str], deque[bytes]] = defaultdict(deque)
        self._names: dict[str, str] = {}
        self._drawn: dict[int, int] = defaultdict(int)

    # contents, before they are judged or stored

    def content(self, service: str, op: str, key: str, body: bytes) -> None:
        """What a call of the running invocation is made with."""
        number = _invocation()
        if number is None:
            return
        self._contents[number, service, op, key].append(body)
        entry = _object(body)
        if (
            op == "put"
            and entry.get("type") in {"request", "combined"}
            and not key.startswith("ai_error_log:")
        ):
            self.day.prompts[number].append(entry["prompt"])

    # events

    def operation(self, event: Operation) -> None:
        """An operation is over."""
        waiting = self._contents.get((event.invocation, event.service, event.op, event.key))
        body = waiting.popleft() if waiting else None
        number = event.invocation
        key = self._named(event.key, number)
        digest = whole = ""
        if body is not None:
            text = self._named(body.decode(), number)
            whole, digest = _digest(text), _digest(without_prompt(text))
        expires_in_s = None if event.expires_at is None else round(event.expires_at - event.at, 3)
        self.day.operations[number].append(
            Done(
                self._since_start(event.at),
                event.service,
                event.op,
                event.binding,
                key,
                event.outcome,
                self._named(event.reason, number),
                event.units,
                event.size_bytes,
                expires_in_s,
                digest,
                whole,
            )  # fmt: skip
        )

    def invocation(self, event: InvocationEnded) -> None:
        """An invocation is over."""
        self.day.ended[event.invocation] = Ended(
            self._since_start(event.started_at), self._since_start(event.at), event.route, event.colo,
            event.outcome, event.status, event.external, event.internal, event.refused,
        )  # fmt: skip

    def answer(self, request: Request, response: Response, body: bytes) -> None:
        """A request has been answered. Plans and chats are answered in the port's own way."""
        path = request.url.removeprefix("https://").partition("/")[2]
        if path in {"api/generate-plan", "api/chat"} and request.method == "POST":
            return
        headers = sorted((name, self._named(value, 0)) for name, value in response.headers.items())
        text = self._named(body.decode(), 0)
        made = f"{request.method} /{path}"
        self.day.answers.append(Answer(made, response.status, _digest(str(headers)), _digest(text)))

    def _since_start(self, at: float) -> int:
        return round(1000 * (at - self._start))

    def _named(self, text: str, number: int) -> str:
        return _ID.sub(lambda found: f"{found[1]}_{self._name(found[0], number)}", text)

    def _name(self, drawn: str, number: int) -> str:
        name = self._names.get(drawn)
        if name is None:
            name = self._names[drawn] = f"{number:05x}{self._drawn[number]:03x}"
            self._drawn[number] += 1
        return name


def without_prompt(text: str) -> str:
    """JSON of a log entry or of a question to the AI, less the prompt; anything else as it is."""
    entry = _object(text.encode())
    if "prompt" in entry:
        return json.dumps({**entry, **{k: v for k, v in _PROMPT_FIELDS.items() if k in entry}})
    if "messages" in entry:
        return json.dumps({**entry, "messages": [{**m, "content": ""} for m in entry["messages"]]})
    return text


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _invocation() -> int | None:
    runtime = current_runtime.get()
    return runtime.number if isinstance(runtime, Invocation) else None


@contextmanager
def _listening(recorder: Recorder) -> Iterator[None]:
    """See what every put and every fetch is made with; the calls go on as they are."""
    begin_kv_put, cache_put, fetch = Put.__init__, Cache.put, Invocation.fetch

    def seen_kv_put(self: Put, target: CallTarget, key: str, entry: KVEntry | Refusal) -> None:
        if isinstance(entry, KVEntry):
            recorder.content("kv", "put", key, entry.value)
        begin_kv_put(self, target, key, entry)

    async def seen_cache_put(self: Cache, request: Any, response: Any) -> None:
        body = await response.clone().bytes()
        recorder.content("cache", "put", request if isinstance(request, str) else request.url, body)
        await cache_put(self, request, response)

    async def seen_fetch(self: Invocation, request: Request) -> Any:
        recorder.content("fetch", request.method, request.url, await request.clone().bytes())
        return await fetch(self, request)

    with ExitStack() as stack:
        for owner, name, seen in (
            (Put, "__init__", seen_kv_put),
            (Cache, "put", seen_cache_put),
            (Invocation, "fetch", seen_fetch),
        ):
            stack.enter_context(mock.patch.object(owner, name, seen))
        yield


def recorded(
    loaded: Loaded,
    *,
    outbound: Callable[[Outbound], Outbound] = lambda handler: handler,
    prompts: Callable[[Recorded], AbstractContextManager[None]] | None = None,
) -> Recorded:
    """The day of a scenario, with the worker that was loaded with it.

    outbound: what is put before the hosts that the worker fetches from. prompts: a context in which the run
    is made, of what has been recorded so far.
    """
    scenario = loaded.scenario
    clock = VirtualClock(scenario.start)
    edge = edge_for(scenario, loaded.worker, clock, seed=scenario.seed)
    handlers = {host: outbound(handler) for host, handler in scenario.profile.outbound.items()}
    edge.deploy(loaded.worker, namespaces=scenario.bindings, vars=scenario.variables, outbound=handlers)
    recorder = Recorder(clock.now())
    dispatch = edge.dispatch

    async def dispatched(request: Request, **more: Any) -> Response:
        response = await dispatch(request, **more)
        body = await response.bytes()
        recorder.answer(request, response, body)
        return Response.received(response.status, response.status_text, (), body)

    edge.dispatch = dispatched  # type: ignore[method-assign]
    edge.events.subscribe(Operation, recorder.operation)
    edge.events.subscribe(InvocationEnded, recorder.invocation)
    with _listening(recorder), ExitStack() as stack:
        if prompts is not None:
            stack.enter_context(prompts(recorder.day))
        run_worker(scenario, edge, clock, _Run(loaded, scenario.seed, edge, None).whole())
    return recorder.day
