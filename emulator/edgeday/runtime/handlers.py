"""How a worker's class is made and its handlers are called: `fetch` for a request, `scheduled` for a cron.

A handler may be synchronous, and may take fewer arguments than there are.
"""

from __future__ import annotations

import asyncio
import dis
import inspect
from collections.abc import Callable, Mapping
from types import CoroutineType, TracebackType
from typing import Any, ClassVar, Protocol

from edgeday.call_site import CallSite, is_user_code
from edgeday.errors import PlatformError
from edgeday.invocation import NO_HANDLER, ExecutionContext, ScheduledController
from edgeday.runtime.tracebacks import error_text
from edgeday.web.messages import Request, Response


class HangInterrupted(BaseException):
    """Raised where the worker's code holds the thread for too long. place: the line that it was in when that
    was seen. request: the oldest one then."""

    says = "the worker does not go on: nothing happened for 10 s of real time"
    seen_at: ClassVar[str] = ""
    seen_in: ClassVar[str] = ""

    def __init__(self) -> None:
        super().__init__()
        self.place, self.request = self.seen_at, self.seen_in


class WorkerInstance(Protocol):
    """A worker, made anew for each invocation."""

    env: Any
    ctx: Any

    async def fetch(self, request: Request) -> Response: ...


class Env:
    """The bindings and variables that a worker finds in `self.env`."""

    def __init__(self, /, **members: Any) -> None:
        self.__dict__.update(members)

    def __getattr__(self, name: str) -> Any:
        known = ", ".join(sorted(self.__dict__)) or "none"
        raise AttributeError(f"env has no {name!r}; its bindings and variables are: {known}")

    def __repr__(self) -> str:
        return f"Env({', '.join(sorted(self.__dict__))})"

    def with_vars(self, vars: Mapping[str, Any] | None) -> Env:
        """This one, or a copy with other variables in the place of its own."""
        return Env(**{**self.__dict__, **vars}) if vars else self


class Handlers:
    """The handlers of a worker's class."""

    __slots__ = ("_class", "_fetch_takes", "_own_init", "_scheduled_takes")

    def __init__(self, worker: type) -> None:
        self._class = worker
        self._own_init = worker.__init__ is not object.__init__  # type: ignore[misc]
        self._fetch_takes = _positionals(getattr(worker, "fetch", None))
        self._scheduled_takes = _positionals(getattr(worker, "scheduled", None))

    async def fetch(self, ctx: ExecutionContext, env: Any, request: Request) -> Response:
        """The response to a request. Raises TypeError if what the handler returns is none."""
        made = self._instance(ctx, env)
        answer: Any = made.fetch(request) if self._fetch_takes else made.fetch()  # type: ignore[call-arg]
        if type(answer) is CoroutineType or inspect.isawaitable(answer):
            answer = await answer
        if isinstance(answer, Response):
            return answer
        returned = "nothing" if answer is None else type(answer).__name__
        raise TypeError(f"the handler returned {returned}, not a Response")

    async def scheduled(self, ctx: ExecutionContext, env: Any, controller: ScheduledController) -> None:
        """Run the handler of a cron. Raises PlatformError if there is none."""
        handler = getattr(self._instance(ctx, env), "scheduled", None)
        if handler is None:
            raise PlatformError(NO_HANDLER.format("scheduled"))
        work = handler(*(controller, None, None)[: self._scheduled_takes])
        if inspect.isawaitable(work):
            await work

    def place(self, name: str) -> str:
        """Where a handler is defined, "shop.py:3", or "". A class that stands for other code says whose with
        `handler_code`, or where that lies with `handler_sites`, by name."""
        sites: Mapping[str, CallSite] = getattr(self._class, "handler_sites", {})
        if name in sites:
            return sites[name].place
        own = getattr(self._class, "handler_code", {}).get(name)
        code = own or getattr(getattr(self._class, name, None), "__code__", None)
        if code is None or not is_user_code(code.co_filename):
            return ""
        return CallSite(code.co_filename, code.co_firstlineno, code.co_name).place

    def _instance(self, ctx: ExecutionContext, env: Any) -> WorkerInstance:
        """A worker with its `env` and `ctx`; a class with its own __init__ gets them as (ctx, env)."""
        made: WorkerInstance
        if self._own_init:
            made = self._class(ctx, env)
        else:
            made = self._class()
            made.env, made.ctx = env, ctx
        return made


def _positionals(handler: Callable[..., Any] | None) -> int:
    """How many arguments a method takes by position, `self` left out; 3 where that is not known."""
    if handler is None:
        return 3
    try:
        parameters = list(inspect.signature(handler).parameters.values())
    except (TypeError, ValueError):
        return 3
    if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters):
        return 3
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return min(sum(parameter.kind in kinds for parameter in parameters) - 1, 3)


def misbehaviour_text(raised: BaseException) -> str:
    """What it says of a worker that it raised something which is no Exception."""
    if isinstance(raised, HangInterrupted):
        return HangInterrupted.says
    return f"the worker raised {error_text(raised)}, which ends a process"


def is_from_outside(error: BaseException) -> bool:
    """Whether something else than the worker's code is behind an exception that is no Exception: its task was
    cancelled, its coroutine is closed, somebody pressed Ctrl-C."""
    if isinstance(error, asyncio.CancelledError):
        try:
            task = asyncio.current_task()
        except RuntimeError:  # no loop runs
            return False
        return task is not None and task.cancelling() > 0
    if isinstance(error, (KeyboardInterrupt, GeneratorExit)):
        return not _is_raised_by_a_statement(error.__traceback__)
    return False


def _is_raised_by_a_statement(trace: TracebackType | None) -> bool:
    if trace is None:
        return False
    while trace.tb_next is not None:
        trace = trace.tb_next
    code = trace.tb_frame.f_code
    if code.co_filename == asyncio.runners.__file__:  # its handler of SIGINT
        return False
    return code.co_code[trace.tb_lasti] == dis.opmap["RAISE_VARARGS"]
