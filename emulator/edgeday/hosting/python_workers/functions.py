"""How a call from Python reaches JavaScript: arguments, methods, free functions and constructors."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from edgeday.errors import PlatformError
from edgeday.hosting.python_workers.containers import JsObject
from edgeday.hosting.python_workers.proxies import JsException, JsProxy, into_js, thrown


def as_arguments(args: tuple[Any, ...], keywords: dict[str, Any], count: int) -> list[Any]:
    """Arguments of a JavaScript call: keywords are one object behind the positionals; what the function has
    no parameter for is dropped, what is missing is undefined."""
    given = [into_js(value) for value in args]
    if keywords:
        given.append(JsObject({key: into_js(value) for key, value in keywords.items()}))
    missing = count - len(given)
    return given + [None] * missing if missing >= 0 else given[:count]


def method(count: int) -> Callable[[Any], Any]:
    """A JavaScript method of that many parameters that returns at once."""

    def wrap(function: Any) -> Any:
        @functools.wraps(function)
        def call(self: Any, *args: Any, **keywords: Any) -> Any:
            try:
                return function(self, *as_arguments(args, keywords, count))
            except PlatformError as error:
                raise thrown(error) from error

        return call

    return wrap


class JsFunction(JsProxy):
    """A free JavaScript function, or a class with `new`."""

    js_class = "Function"
    __slots__ = ("__name__", "_call", "_count", "_new", "_statics", "name")

    def __init__(self, name: str, call: Any = None, count: int = 1, new: Any = None, **statics: Any) -> None:
        self.name = self.__name__ = name
        self._call, self._count, self._new, self._statics = call, count, new, statics

    @property
    def typeof(self) -> str:
        """What JavaScript's `typeof` says."""
        return "function"

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        if self._call is None:
            raise JsException(
                "TypeError", f"Failed to construct '{self.name}': Please use the 'new' operator"
            )
        try:
            return self._call(*as_arguments(args, keywords, self._count))
        except PlatformError as error:
            raise thrown(error) from error

    def new(self, *args: Any, **keywords: Any) -> Any:
        """JavaScript's `new`."""
        if self._new is None:
            raise JsException("TypeError", f"{self.name} is not a constructor")
        try:
            return self._new(*as_arguments(args, keywords, self._count))
        except PlatformError as error:
            raise thrown(error) from error

    def __getattr__(self, name: str) -> Any:
        try:
            return self._statics[name]
        except KeyError:
            raise AttributeError(name) from None

    def toString(self) -> str:
        """JavaScript's text for a function of the runtime."""
        return f"function {self.name}() {{ [native code] }}"
