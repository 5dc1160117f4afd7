"""Promises, as Pyodide shows them: futures with `then`, `catch` and `finally_`.

A promise begins with its call: the first step of its coroutine runs at once, as JavaScript's do. One that is
settled by then costs no task, and awaiting it costs nothing.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Generator
from contextvars import Context, copy_context
from types import CoroutineType
from typing import Any

from edgeday.errors import PlatformError
from edgeday.hosting.python_workers.callbacks import invoke, settled
from edgeday.hosting.python_workers.functions import as_arguments
from edgeday.hosting.python_workers.proxies import out_of_js, thrown


class JsPromise:
    """A promise of a coroutine, a future or something else to await.

    convert: what makes a JavaScript value of the result, unless that is text.
    """

    __slots__ = ("__weakref__", "_error", "_task", "_value")
    _asyncio_future_blocking = False
    _error: BaseException | None
    _task: asyncio.Future[Any] | None

    def __init__(self, work: Any, convert: Callable[[Any], Any] | None = None) -> None:
        self._task = self._error = self._value = None
        if type(work) is not CoroutineType and not hasattr(work, "send"):
            self._task = asyncio.ensure_future(work)
            return
        context = copy_context()  # the rest may run in a task: all of it in one context
        try:
            first = context.run(work.send, None)
        except StopIteration as done:
            value = done.value
            self._value = value if convert is None or type(value) is str else convert(value)
        except PlatformError as error:
            self._error = thrown(error)
            self._error.__cause__ = error
        except Exception as error:
            self._error = error
        else:
            # no task factory: an operation that was issued goes on when its invocation is over
            self._task = asyncio.Task(_go_on(work, first, convert), context=context)

    def __await__(self) -> Generator[Any, None, Any]:
        task = self._task
        if task is None:
            if self._error is not None:
                raise self._error
            value = self._value
            return value if type(value) is str else out_of_js(value)
        return out_of_js((yield from asyncio.shield(task).__await__()))

    # as a future

    def done(self) -> bool:
        """Whether it is settled."""
        return self._task is None or self._task.done()

    def cancelled(self) -> bool:
        """Whether its work was cancelled."""
        return self._task is not None and self._task.cancelled()

    def cancel(self, _message: Any = None) -> bool:
        """A promise goes on whether somebody waits for it or not."""
        return False

    def result(self) -> Any:
        """Its value. Raises its error, or InvalidStateError before it is settled."""
        if self._task is not None:
            return out_of_js(self._task.result())
        if self._error is not None:
            raise self._error
        return out_of_js(self._value)

    def exception(self) -> BaseException | None:
        """Its error, or None. Raises InvalidStateError before it is settled."""
        return self._error if self._task is None else self._task.exception()

    def get_loop(self) -> asyncio.AbstractEventLoop:
        """The loop it runs in."""
        return asyncio.get_running_loop() if self._task is None else self._task.get_loop()

    def add_done_callback(self, function: Callable[[Any], Any], *, context: Context | None = None) -> None:
        """Call a function with this promise once it is settled."""
        if self._task is None:
            asyncio.get_running_loop().call_soon(function, self, context=context)
        else:
            self._task.add_done_callback(lambda _: function(self), context=context)

    def remove_done_callback(self, _function: Any) -> int:
        """Callbacks stay."""
        return 0

    # as a promise

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

    def __repr__(self) -> str:
        return f"<PyodideFuture {'finished' if self.done() else 'pending'}>"


JsPromise.__name__ = JsPromise.__qualname__ = "PyodideFuture"
JsPromise.__module__ = "pyodide.webloop"


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


async def _go_on(coroutine: Any, first: Any, convert: Callable[[Any], Any] | None) -> Any:
    try:
        value = await _Rest(coroutine, first)
        return value if convert is None else convert(value)
    except PlatformError as error:
        raise thrown(error) from error


def run_sync(awaitable: Any) -> Any:
    """Stack switching has no counterpart on CPython: only what is settled already has a value."""
    if isinstance(awaitable, JsPromise) and awaitable.done():
        return awaitable.result()
    raise RuntimeError("No suspender")
