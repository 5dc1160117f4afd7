"""Promises: a coroutine whose first step runs at once, as JavaScript's do."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Generator
from contextvars import copy_context
from typing import Any

from edgeday.errors import PlatformError
from edgeday.hosting.python_workers.functions import as_arguments
from edgeday.hosting.python_workers.proxies import JsProxy, invoke, settled, thrown


class JsPromise(JsProxy):
    """A promise of a coroutine, a future or something else to await."""

    js_class = "Promise"
    __slots__ = ("_error", "_task", "_value")
    _error: BaseException | None
    _task: asyncio.Future[Any] | None

    def __init__(self, work: Any) -> None:
        self._task = self._error = self._value = None
        if asyncio.isfuture(work):
            self._task = work
            return
        if not hasattr(work, "send"):
            self._task = asyncio.ensure_future(_await(work))
            return
        context = copy_context()  # the rest may run in a task: all of it in one context
        try:
            first = context.run(work.send, None)
        except StopIteration as done:
            self._value = done.value
        except PlatformError as error:
            self._error = thrown(error)
            self._error.__cause__ = error
        except Exception as error:
            self._error = error
        else:
            # no task factory: an operation that was issued goes on when its invocation is over
            self._task = asyncio.Task(_go_on(work, first), context=context)

    def __await__(self) -> Generator[Any, None, Any]:
        if self._task is None:
            if self._error is not None:
                raise self._error
            return self._value
        return (yield from asyncio.shield(self._task).__await__())

    def then(self, onfulfilled: Any = None, onrejected: Any = None) -> JsPromise:
        """A promise of what one of the two makes of this one's value or error."""

        async def chain() -> Any:
            try:
                value = await self
            except Exception as error:
                if onrejected is None:
                    raise
                return await settled(invoke(onrejected, error))
            return value if onfulfilled is None else await settled(invoke(onfulfilled, value))

        return JsPromise(asyncio.ensure_future(chain()))

    def catch(self, onrejected: Any) -> JsPromise:
        """`then` for an error alone."""
        return self.then(None, onrejected)

    def finally_(self, onfinally: Any) -> JsPromise:
        """A promise of the same, once `onfinally` has run."""

        async def chain() -> Any:
            try:
                return await self
            finally:
                await settled(invoke(onfinally))

        return JsPromise(asyncio.ensure_future(chain()))


def promise(count: int) -> Callable[[Any], Any]:
    """A JavaScript method of that many parameters that returns a promise; it starts when it is called."""

    def wrap(function: Any) -> Any:
        @functools.wraps(function)
        def call(self: Any, *args: Any, **keywords: Any) -> Any:
            if not keywords and len(args) <= count:
                for value in args:
                    if type(value) is not str:
                        break
                else:
                    return JsPromise(function(self, *args, *(None,) * (count - len(args))))
            return JsPromise(function(self, *as_arguments(args, keywords, count)))

        return call

    return wrap


async def _await(value: Any) -> Any:
    return await value


class _Rest:
    """What is left of a coroutine that has run to its first wait."""

    __slots__ = ("_coroutine", "_first")

    def __init__(self, coroutine: Any, first: Any) -> None:
        self._coroutine, self._first = coroutine, first

    def __await__(self) -> Generator[Any, Any, Any]:
        waiting = self._first
        while True:
            try:
                try:
                    sent = yield waiting
                except BaseException as error:
                    waiting = self._coroutine.throw(error)
                else:
                    waiting = self._coroutine.send(sent)
            except StopIteration as done:
                return done.value


async def _go_on(coroutine: Any, first: Any) -> Any:
    try:
        return await _Rest(coroutine, first)
    except PlatformError as error:
        raise thrown(error) from error


def run_sync(awaitable: Any) -> Any:
    """Stack switching has no counterpart on CPython: only what is settled already has a value."""
    if isinstance(awaitable, JsPromise) and awaitable._task is None:
        if awaitable._error is not None:
            raise awaitable._error
        return awaitable._value
    raise RuntimeError("No suspender")
