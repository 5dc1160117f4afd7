"""How a call from Python reaches JavaScript: arguments, methods, free functions and constructors."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from edgeday.errors import PlatformError
from edgeday.hosting.python_workers.containers import JsObject
from edgeday.hosting.python_workers.proxies import (
    AFTER_THE_CALL,
    JsException,
    JsProxy,
    PyProxy,
    give_back,
    into_js,
    out_of_js,
    thrown,
)


def as_arguments(args: tuple[Any, ...], keywords: dict[str, Any], count: int) -> list[Any]:
    """Arguments of a JavaScript call: keywords are one object behind the positionals; what the function has
    no parameter for is dropped, what is missing is undefined."""
    given = [into_js(value) for value in args]
    if keywords:
        given.append(JsObject({key: into_js(value) for key, value in keywords.items()}))
    missing = count - len(given)
    return given + [None] * missing if missing >= 0 else given[:count]


def _call(function: Any, given: list[Any], args: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """Call, with platform errors as JavaScript's, and with the proxies that the call made given back."""
    try:
        result = function(*given)
    except PlatformError as error:
        raise thrown(error) from error
    if not hasattr(result, "__await__"):  # a promise holds them until it is settled
        made = [proxy for proxy in given if type(proxy) is PyProxy]
        if keywords and isinstance(given[-1], JsObject):
            made += [proxy for proxy in given[-1]._d.values() if type(proxy) is PyProxy]
        if made:
            own = {id(value) for value in (*args, *keywords.values())}
            give_back(
                [proxy for proxy in made if id(proxy) not in own and proxy is not result], AFTER_THE_CALL
            )
    return out_of_js(result)


def method(count: int) -> Callable[[Any], Any]:
    """A JavaScript method of that many parameters that returns at once."""

    def wrap(function: Any) -> Any:
        @functools.wraps(function)
        def call(self: Any, *args: Any, **keywords: Any) -> Any:
            given = as_arguments(args, keywords, count)
            return _call(functools.partial(function, self), given, args, keywords)

        return call

    return wrap


class JsFunction(JsProxy):
    """A free JavaScript function, or a class with `new`. count: its parameters; None: any number."""

    js_class = "Function"
    __slots__ = ("__name__", "_call", "_count", "_new", "_statics", "name")

    def __init__(
        self, name: str, call: Any = None, count: int | None = 1, new: Any = None, **statics: Any
    ) -> None:
        self.name = self.__name__ = name
        self._call, self._count, self._new, self._statics = call, count, new, statics

    @property
    def typeof(self) -> str:
        """What JavaScript's `typeof` says."""
        return "function"

    def _run(self, target: Any, args: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        count = len(args) + bool(keywords) if self._count is None else self._count
        return _call(target, as_arguments(args, keywords, count), args, keywords)

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        if self._call is None:
            raise JsException(
                "TypeError",
                f"Failed to construct '{self.name}': Please use the 'new' operator, this object constructor "
                "cannot be called as a function.",
            )
        return self._run(self._call, args, keywords)

    def new(self, *args: Any, **keywords: Any) -> Any:
        """JavaScript's `new`."""
        if self._new is None:
            raise JsException("TypeError", f"{self.name} is not a constructor")
        return self._run(self._new, args, keywords)

    def bind(self, _this: Any = None, *first: Any) -> JsFunction:
        """The function, with the first arguments given."""
        return JsFunction(f"bound {self.name}", functools.partial(self, *first), None)

    def call(self, _this: Any = None, *args: Any) -> Any:
        """Call it."""
        return self(*args)

    def __getattr__(self, name: str) -> Any:
        if name in self._statics:
            return self._statics[name]
        return super().__getattr__(name)

    def __dir__(self) -> list[str]:
        return [*object.__dir__(self), *self._statics]

    def _json(self) -> Any:
        from edgeday.hosting.python_workers.proxies import NOTHING

        return NOTHING

    def toString(self) -> str:
        """JavaScript's text for a function of the runtime."""
        return f"function {self.name}() {{ [native code] }}"
