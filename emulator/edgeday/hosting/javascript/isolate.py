"""One isolate of a JavaScript worker: its invocations, their operations and timers, and its turns."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from edgeday.call_site import UNKNOWN, CallSite, asked_from
from edgeday.errors import JavaScriptError, PlatformError, platform_error
from edgeday.hosting.javascript.call import Call
from edgeday.hosting.javascript.diagnoses import DIAGNOSES
from edgeday.hosting.javascript.frames import Message
from edgeday.hosting.javascript.isolates import Engine, IsolateLost
from edgeday.hosting.javascript.operations import AT_ONCE, OPERATIONS
from edgeday.hosting.javascript.parts import Parts
from edgeday.hosting.javascript.stacks import Stacks
from edgeday.hosting.javascript.stand_ins import filled_stubs, own_variables
from edgeday.hosting.javascript.stepping import Done, Waiting, after, first_step, in_task
from edgeday.hosting.javascript.wire import bytes_from_wire, seed_number
from edgeday.invocation import Invocation
from edgeday.web.body import ReadableStream
from edgeday.web.messages import Response

NO_RESPONSE = "The script will never generate a response."


class Isolate:
    """The worker's code with its module scope.

    engine: takes its turns, while the event loop waits. variables: those that its `env` has. stacks: reads
    those of its bundle.
    """

    sends_lines = False
    """Whether JavaScript sends with an operation where it was asked for; else it is asked if that matters."""

    def __init__(self, engine: Engine | None, variables: dict[str, Any], stacks: Stacks) -> None:
        self._engine = engine
        self._stacks = stacks
        self._variables = variables
        self._calls: dict[int, Call] = {}
        self._work: deque[tuple[Call, Message | Callable[[], None]]] = deque()
        self._runs = False

    @property
    def is_open(self) -> bool:
        """Whether it can answer another request."""
        return True

    async def fetch(self, invocation: Invocation, env: Any, message: Message) -> Response:
        """Answer a request. message: what the handler is given."""
        response: Response = await self._run(invocation, env, message)
        return response

    async def scheduled(
        self, invocation: Invocation, env: Any, message: Message, no_retry: Callable[[], None]
    ) -> None:
        """Run a cron. no_retry: called if its handler asks for no second try."""
        await self._run(invocation, env, message, no_retry)

    async def _run(
        self, invocation: Invocation, env: Any, message: Message, no_retry: Callable[[], None] | None = None
    ) -> Any:
        number = invocation.number
        call = self._calls[number] = Call(invocation, env)
        call.no_retry = no_retry
        start = {
            **message,
            "t": "start",
            **own_variables(env, self._variables),
            "stubs": filled_stubs(env, invocation),
            "lines": self.sends_lines,
            "seed": seed_number(invocation.seed),
        }
        invocation.waits_at = partial(self._waits_at, call)
        self._post(call, start)
        if not call.ended.is_set():
            invocation.ctx.waitUntil(self._until_ended(call))
        return await call.response

    async def _until_ended(self, call: Call) -> None:
        try:
            await call.ended.wait()
        finally:
            if not call.ended.is_set():  # cut off, 30 s after the response
                self._cut_off(call)

    def _cut_off(self, call: Call) -> None:
        """End an invocation that is over although its code goes on."""
        if not call.is_over:
            self._post(call, {"t": "drop"})
        self._close(call)

    # turns

    def _post(self, call: Call, message: Message) -> None:
        """Deliver a message, and do all that comes of it and needs no waiting."""
        self._work.append((call, message))
        if not self._runs:
            self._drive()

    def _drive(self) -> None:
        """Do what there is to do, until nothing is left that needs no waiting."""
        self._runs = True
        try:
            while True:
                while self._work:
                    call, step = self._work.popleft()
                    if isinstance(step, dict):
                        self._turn(call, step)
                    else:
                        step()
                waiting = self._waiting()
                for call in waiting:
                    self._turn(call, {"t": "nop"})
                if not waiting:
                    break
                self._give_up(waiting)
        finally:
            self._runs = False

    def _turn(self, call: Call, message: Message) -> None:
        if self._has(call):  # else it has come to its end meanwhile
            for one in self._exchange(call, message):
                self._take(one)

    def _exchange(self, call: Call, message: Message) -> list[Message]:
        """Deliver a message; what the turn asks for."""
        self._address(call, message)
        assert self._engine is not None
        try:
            return self._engine.turn(call.invocation.number, message)
        except IsolateLost as lost:
            self._lost(call, lost)
            return []

    def _address(self, call: Call, message: Message) -> None:
        message["inv"] = call.invocation.number
        message["now"] = call.invocation.now_ms()

    def _has(self, call: Call) -> bool:
        """Whether an invocation is not over."""
        return self._calls.get(call.invocation.number) is call

    def _lost(self, call: Call, lost: IsolateLost) -> None:
        """The isolate is gone, and all that ran in it; the turn of one invocation was to blame."""
        name = "scheduled" if call.invocation.is_cron else "fetch"
        place = self._stacks.handler_sites.get(name, UNKNOWN).place
        misbehaved = call.invocation.misbehave(lost.what, lost.said, place=place)
        self._work.clear()
        for one in list(self._calls.values()):
            one.fail(misbehaved)
            self._close(one)

    def _waiting(self) -> list[Call]:
        """The invocations that still wait where nothing is under way any more. Each gets a turn of its own: a
        promise of another one may have been what it waits for."""
        waiting = [call for call in self._calls.values() if call.waits]
        return [] if any(call.tasks for call in self._calls.values()) else waiting

    def _give_up(self, waiting: list[Call]) -> None:
        """Where nothing came of these turns, those that still wait would do so for ever: they are ended."""
        if self._work or any(call.tasks for call in self._calls.values()):
            return
        for call in waiting:
            if call.waits and self._has(call):  # the turn of another one may have settled it
                call.fail(PlatformError(NO_RESPONSE))
                self._work.append((call, {"t": "drop"}))

    # what JavaScript asks for

    def _take(self, asked: Message) -> None:
        call = self._calls.get(asked["inv"])
        if call is not None:
            _ASKED[asked["t"]](self, call, asked)

    def _operation(self, call: Call, asked: Message) -> None:
        call.open.add(asked["id"])
        self._work.append((call, lambda: self._operate(call, asked)))

    def _operate(self, call: Call, asked: Message) -> None:
        id, kind = asked["id"], asked["k"]
        if id not in call.open:  # given up at once
            return
        work: Any = OPERATIONS[kind](call.invocation, call.env, *asked["a"])

        def then(done: Done) -> None:
            call.tasks.pop(id, None)
            call.open.discard(id)
            if call.is_over:
                self._close_if_done(call)
            else:
                self._settle(call, id, done)

        context = call.context.copy()
        context.run(asked_from.set, lambda: self._line_of(call, asked))
        if kind in AT_ONCE:
            if self._work:  # which happens at this instant too: no time passes before it
                asyncio.get_running_loop().call_soon(_keep_time)
            begun = first_step(work, context)
            if isinstance(begun, Done):
                then(begun)
                return
        else:
            begun = Waiting(work, None)
        call.tasks[id] = in_task(begun, context, then)

    def _line_of(self, call: Call, asked: Message) -> CallSite:
        """The line that asked for an operation which is not over."""
        told = self._tell(call, {"t": "where", "id": asked["id"]})
        return UNKNOWN if told is None else self._stacks.nearest(told["stack"])

    def _waits_at(self, call: Call) -> str:
        """The line in which the code of an invocation waits, "" if it is in none."""
        told = self._tell(call, {"t": "waits"})
        sites = map(self._stacks.waits, () if told is None else told["stacks"])
        return next((site.place for site in sites if site.file), "")

    def _tell(self, call: Call, question: Message) -> Message | None:
        """What is answered to a question about an invocation, None if nothing is."""
        if call.is_over or call.ended.is_set():
            return None
        answer = None
        for told in self._exchange(call, question):
            if told["t"] == question["t"]:
                answer = told
            else:
                self._take(told)
        return answer

    def _settle(self, call: Call, id: int, done: Done) -> None:
        if isinstance(done.error, PlatformError):
            told: Message = {"t": "err", "id": id, "name": done.error.name, "message": done.error.message}
        elif done.error is None:
            told = {"t": "ok", "id": id, "v": done.value}
        elif isinstance(done.error, asyncio.CancelledError):  # asked for when the invocation was over
            return
        elif not call.response.done():
            call.response.set_exception(done.error)
            return
        elif isinstance(done.error, Exception):  # in `waitUntil` work, which raises it then
            told = {"t": "err", "id": id, "name": "Error", "message": str(done.error)}
        else:
            raise done.error
        self._post(call, told)

    def _timer(self, call: Call, asked: Message) -> None:
        id = asked["id"]

        def then() -> None:
            call.tasks.pop(id, None)
            self._post(call, {"t": "timer", "id": id})

        call.tasks[id] = after(asked["ms"] / 1000, call.context, then)

    def _cancel(self, call: Call, asked: Message) -> None:
        call.open.discard(asked["id"])
        task = call.tasks.pop(asked["id"], None)
        if task is not None:
            task.cancel()

    def _respond(self, call: Call, asked: Message) -> None:
        headers = tuple((name, value) for name, value in asked["headers"])
        body: Any = bytes_from_wire(asked["body"])
        if asked["live"]:
            next_part, give_up = partial(self._next_part, call), partial(self._give_up_body, call)
            body = ReadableStream(Parts(body, next_part, give_up))
        if not call.response.done():
            call.response.set_result(Response.received(asked["status"], asked["statusText"], headers, body))

    def _part(self, call: Call, asked: Message) -> None:
        """A part of a body that was asked for has come, or its end."""
        part, call.part = call.part, None
        if part is None or part.done():
            return
        if asked["t"] == "failed":
            part.set_exception(self._error(asked))
        else:
            part.set_result(bytes_from_wire(asked["body"]) if asked["t"] == "chunk" else None)

    async def _next_part(self, call: Call) -> bytes | None:
        """The next part of a response's body, None at its end."""
        call.part = asyncio.get_running_loop().create_future()
        part = call.part
        self._post(call, {"t": "pull"})
        return await part

    def _give_up_body(self, call: Call) -> None:
        """The client has hung up."""
        call.part = None
        if not call.ended.is_set():
            self._post(call, {"t": "give-up"})

    def _ran(self, call: Call, _: Message) -> None:
        if not call.response.done():
            call.response.set_result(None)

    def _thrown(self, call: Call, asked: Message) -> None:
        if not call.response.done():
            call.response.set_exception(self._error(asked))

    def _error(self, asked: Message) -> Exception:
        thrown = self._stacks.thrown(asked)
        error: Exception
        if asked["platform"]:
            error = platform_error(asked["name"], asked["message"])
            error.thrown = thrown
        else:
            error = JavaScriptError(asked["name"], asked["message"], asked["stack"], thrown)
        if thrown.trace:  # for whoever sees it in a traceback of Python
            error.add_note(thrown.trace)
        return error

    def _diagnose(self, call: Call, asked: Message) -> None:
        DIAGNOSES[asked["t"]](call.invocation, self._stacks, asked)

    def _uncaught(self, call: Call, asked: Message) -> None:
        """Work has thrown beside the handler: `waitUntil` work of a cron is the cron's."""
        invocation = call.invocation
        if asked.get("waited") and invocation.is_cron:
            invocation.background_error = invocation.background_error or self._error(asked)
        else:
            self._diagnose(call, asked)

    def _logged(self, call: Call, asked: Message) -> None:
        """The worker writes to its console: shown where a Python worker's `print` is."""
        print(self._stacks.shown(asked["text"]), flush=True)

    def _end(self, call: Call, asked: Message) -> None:
        """Its code has come to its end. An operation that was issued completes; nothing follows it."""
        self._diagnose(call, asked)
        call.is_over = True
        for id in [id for id in call.tasks if id not in call.open]:
            call.tasks.pop(id).cancel()
        self._close_if_done(call)

    def _close_if_done(self, call: Call) -> None:
        if not call.open:
            self._close(call)

    def _no_retry(self, call: Call, _: Message) -> None:
        if call.no_retry is not None:
            call.no_retry()

    def _pass_through(self, call: Call, _: Message) -> None:
        call.invocation.ctx.passThroughOnException()

    def _close(self, call: Call) -> None:
        for task in call.tasks.values():
            task.cancel()
        self._calls.pop(call.invocation.number, None)
        # An invocation is a cycle, which lies about for long when it is over: it does not hold the isolate.
        call.invocation.isolate, call.invocation.waits_at = {}, _in_no_line
        self._leave(call.invocation.number)
        call.ended.set()

    def _leave(self, number: int) -> None:
        if self._engine is not None:
            self._engine.leave(number)


def _keep_time() -> None:
    """Something to be done at this instant: virtual time does not pass at once before it."""


def _in_no_line() -> str:
    return ""


_ASKED: dict[str, Callable[[Isolate, Call, Message], None]] = {
    "op": Isolate._operation,
    "timer": Isolate._timer,
    "cancel": Isolate._cancel,
    "res": Isolate._respond,
    "chunk": Isolate._part,
    "closed": Isolate._part,
    "failed": Isolate._part,
    "ran": Isolate._ran,
    "throw": Isolate._thrown,
    "end": Isolate._end,
    "log": Isolate._logged,
    "not-emulated": Isolate._diagnose,
    "late": Isolate._diagnose,
    "refused": Isolate._diagnose,
    "uncaught": Isolate._uncaught,
    "no-retry": Isolate._no_retry,
    "pass-through": Isolate._pass_through,
}
