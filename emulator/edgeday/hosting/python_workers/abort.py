"""AbortController, AbortSignal and events: a flag with a reason, and functions to call once it is set."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from edgeday.errors import PlatformTypeError
from edgeday.hosting.python_workers.arrays import JsArray
from edgeday.hosting.python_workers.callbacks import invoke
from edgeday.hosting.python_workers.functions import JsFunction, method
from edgeday.hosting.python_workers.proxies import JsException, JsProxy, out_of_js
from edgeday.web import ambient


class JsEvent(JsProxy):
    """An Event: what a listener is given."""

    js_class = "Event"
    __slots__ = ("target", "type")

    def __init__(self, type: str, target: Any) -> None:
        self.type, self.target = type, target


class JsAbortSignal(JsProxy):
    """An AbortSignal."""

    js_class = "AbortSignal"
    __slots__ = ("_aborted", "_listeners", "_reason", "onabort")

    def __init__(self) -> None:
        self._aborted = False
        self._reason: Any = None
        self._listeners: list[Any] = []
        self.onabort: Any = None

    @property
    def aborted(self) -> bool:
        """Whether it was aborted."""
        return self._aborted

    @property
    def reason(self) -> Any:
        """Why; undefined before."""
        return out_of_js(self._reason)

    @method(0)
    def throwIfAborted(self) -> None:
        """Raise the reason if it was aborted."""
        if self._aborted:
            raise self.error()

    def error(self) -> Exception:
        """The reason as an exception."""
        reason = out_of_js(self._reason)
        return reason if isinstance(reason, Exception) else JsException("Error", str(reason))

    @method(3)
    def addEventListener(self, type: Any, listener: Any, _options: Any) -> None:
        """Call a function with an Event when it is aborted."""
        if type == "abort":
            self._listeners.append(listener)

    @method(3)
    def removeEventListener(self, _type: Any, listener: Any, _options: Any) -> None:
        """Call a function no longer."""
        self._listeners = [one for one in self._listeners if out_of_js(one) is not out_of_js(listener)]

    def when_aborted(self, function: Callable[[], Any]) -> None:
        """Call a function of this layer when it is aborted, or at once if it was."""
        if self._aborted:
            function()
        else:
            self._listeners.append(lambda _event: function())

    def abort(self, reason: Any) -> None:
        """Abort, once."""
        if self._aborted:
            return
        self._aborted, self._reason = True, reason
        event = JsEvent("abort", self)
        for listener in [self.onabort, *self._listeners]:
            if listener is not None:
                invoke(listener, event)


def _abort_error(reason: Any) -> Any:
    return JsException("AbortError", "The operation was aborted") if reason is None else reason


class JsAbortController(JsProxy):
    """An AbortController."""

    js_class = "AbortController"
    __slots__ = ("signal",)

    def __init__(self) -> None:
        self.signal = JsAbortSignal()

    @method(1)
    def abort(self, reason: Any) -> None:
        """Abort the signal; the reason is an AbortError unless one is given."""
        self.signal.abort(_abort_error(reason))


def _aborted(reason: Any = None) -> JsAbortSignal:
    signal = JsAbortSignal()
    signal.abort(_abort_error(reason))
    return signal


def _timeout(delay_ms: Any) -> JsAbortSignal:
    signal = JsAbortSignal()

    async def expire() -> None:
        await ambient.sleep(float(delay_ms) / 1000)
        signal.abort(JsException("TimeoutError", "The operation was aborted due to timeout"))

    asyncio.ensure_future(expire())  # noqa: RUF006 - the loop holds a task that sleeps
    return signal


def _any(signals: Any) -> JsAbortSignal:
    if not isinstance(signals, JsArray):
        raise PlatformTypeError(
            "Failed to execute 'any' on 'AbortSignal': parameter 1 is not of type 'Array'."
        )
    combined = JsAbortSignal()
    for signal in signals:
        if combined.aborted:
            break
        signal.when_aborted(lambda signal=signal: combined.abort(signal._reason))
    return combined


ABORT = {
    "AbortController": JsFunction("AbortController", count=0, new=JsAbortController),
    "AbortSignal": JsFunction(
        "AbortSignal",
        abort=JsFunction("abort", _aborted),
        timeout=JsFunction("timeout", _timeout),
        any=JsFunction("any", _any),
    ),
}
"""Global name -> class."""
