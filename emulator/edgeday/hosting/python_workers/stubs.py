"""A scenario's stubs as JavaScript's `env` has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from edgeday.hosting.python_workers.containers import from_data
from edgeday.hosting.python_workers.fetching import js_fetch
from edgeday.hosting.python_workers.functions import JsFunction
from edgeday.hosting.python_workers.promises import JsPromise
from edgeday.hosting.python_workers.proxies import JsProxy
from edgeday.hosting.stubs import Outcome, Resolver, Stub, promised
from edgeday.invocation import current_invocation

_OF_ANY_OBJECT = frozenset({"then", "length", "js_object"})


class JsStub(JsProxy):
    """A stub, or what a call of it gives."""

    js_class = "Object"
    __slots__ = ("_resolver", "_stub")

    def __init__(self, stub: Stub, resolver: Resolver | None = None) -> None:
        self._stub = stub
        self._resolver = resolver

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name in _OF_ANY_OBJECT:
            raise AttributeError(name)
        resolver = self._resolver or _Resolver(self._stub, self._stub._of(current_invocation()))
        return resolver.look_up(name)


class _Resolver(Resolver):
    """With JavaScript's values, functions and promises."""

    def value(self, value: Any) -> Any:
        return from_data(value)

    def function(self, name: str, call: Callable[..., Any]) -> Any:
        return JsFunction(name, call, None)

    def object(self, members: Resolver) -> Any:
        return JsStub(self.stub, members)

    def promise(self, outcome: Outcome) -> Any:
        return JsPromise(promised(outcome), from_data)

    def fetch(self, *args: Any, **keywords: Any) -> Any:
        return js_fetch(*args, **keywords)
