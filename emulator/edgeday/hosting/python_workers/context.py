"""What a handler is given as JavaScript has it: `ctx`, and the controller of a cron run."""

from __future__ import annotations

import asyncio
from typing import Any

from edgeday.coverage import Member
from edgeday.hosting.python_workers.callbacks import settled
from edgeday.hosting.python_workers.containers import JsObject
from edgeday.hosting.python_workers.modules import WorkerModules
from edgeday.hosting.python_workers.proxies import JsException, JsProxy, PyProxy
from edgeday.invocation import NO_PROMISE, ExecutionContext, ScheduledController

_NOT_EMULATED = {
    "exports": "one worker runs at a time",
    "cache": "a cache in front of the worker is not emulated",
    "access": "nobody has signed in",
    "tracing": "nothing is traced",
    "abort": "a watchdog ends what hangs",
}


def members() -> tuple[Member, ...]:
    """The members of `ctx`, as docs/python-workers-coverage.md lists them."""
    return (
        Member("ctx.waitUntil", "a coroutine, task, future or promise; also workers.wait_until"),
        Member(
            "ctx.passThroughOnException",
            "the origin of the request's host answers, if one is declared",
        ),
        Member("ctx.props", "empty"),
        *(
            Member(f"ctx.{name}", f"not emulated, because {why}", _refusal(name))
            for name, why in _NOT_EMULATED.items()
        ),
    )


def _refusal(name: str) -> str:
    return f"edgeday does not emulate ctx.{name}"


class JsContext(JsProxy):
    """`ctx`. What it waits for may be a coroutine, a future, a promise, or a proxy of one."""

    js_class = "ExecutionContext"
    __slots__ = ("_ctx", "_modules", "_props")

    def __init__(self, ctx: ExecutionContext, modules: WorkerModules) -> None:
        self._ctx, self._modules = ctx, modules
        self._props: JsObject | None = None

    @property
    def props(self) -> JsObject:
        """What the caller's configuration gives; nothing does here."""
        if self._props is None:
            self._props = JsObject()
        return self._props

    def waitUntil(self, work: Any = None, *_: Any) -> None:
        """Go on with work after the response."""
        if isinstance(work, PyProxy):
            work = work._object
        if not hasattr(work, "__await__"):
            raise JsException("TypeError", NO_PROMISE)
        task = asyncio.ensure_future(settled(work))
        self._modules.enter()
        task.add_done_callback(lambda _: self._modules.leave())
        self._ctx.waitUntil(task)

    def passThroughOnException(self) -> None:
        """Let the origin of the request's host answer if the worker raises."""
        self._ctx.passThroughOnException()

    def __getattr__(self, name: str) -> Any:
        if name in _NOT_EMULATED:
            raise JsException("Error", _refusal(name))
        raise AttributeError(name)


class JsScheduled(JsProxy):
    """The controller of a cron run."""

    js_class = "ScheduledController"
    __slots__ = ("_controller", "cron", "scheduledTime")

    def __init__(self, controller: ScheduledController) -> None:
        self._controller = controller
        self.cron = controller.cron
        self.scheduledTime = controller.scheduledTime

    def noRetry(self) -> None:
        """Ask for no second try after a failure."""
        self._controller.noRetry()
