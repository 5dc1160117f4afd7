"""How a call from Python reaches JavaScript: arguments, methods, free functions and constructors."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from edgeday.errors import PlatformError
from edgeday.hosting.python_workers.containers import JsObject
from edgeday.hosting.python_workers.proxies import (
    AFTER_THE_CALL,
    IN_JAVASCRIPT,
    NOTHING,
    SCALARS,
    JsException,
    JsProxy,
    PyProxy,
    give_back,
    out_of_js,
    thrown,
)


def as_arguments(args: tuple[Any, ...], keywords: dict[str, Any], count: int) -> list[Any]:
    """Arguments of a JavaScript call: keywords are one object behind the positionals; what the function has
    no parameter for is dropped, what is missing is undefined."""
    given, _ = _arguments(args, keywords)
    missing = count - len(given)
    return given + [None] * missing if missing >= 0 else given[:count]


def _arguments(args: tuple[Any, ...], keywords: dict[str, Any]) -> tuple[list[Any], list[PyProxy] | None]:
    """The arguments of a JavaScript call, and the proxies that were made for it (None: none)."""
    given = []
    made: list[PyProxy] | None = None
    for value in args:
        if type(value) in SCALARS or isinstance(value, IN_JAVASCRIPT):
            given.append(value)
        else:
            proxy = PyProxy(value)
            made = [proxy] if made is None else [*made, proxy]
            given.append(proxy)
    if keywords:
        members = {}
        for name, value in keywords.items():
            if type(value) in SCALARS or isinstance(value, IN_JAVASCRIPT):
                members[name] = value
            else:
                members[name] = proxy = PyProxy(value)
                made = [proxy] if made is None else [*made, proxy]
        given.append(JsObject(members))
    return given, made


def _call(function: Any, args: tuple[Any, ...], keywords: dict[str, Any], count: int | None) -> Any:
    """Call, with platform errors as JavaScript's, and with the proxies that the call made given back."""
    given, made = _arguments(args, keywords)
    if count is not None and len(given) != count:
        given = (given + [None] * (count - len(given)))[:count]
    try:
        result = function(*given)
    except PlatformError as error:
        raise thrown(error) from error
    if made is not None and not hasattr(result, "__await__"):  # a promise holds them until it is settled
        give_back([proxy for proxy in made if proxy is not result], AFTER_THE_CALL)
    return result if type(result) is str else out_of_js(result)


def method(count: int) -> Callable[[Any], Any]:
    """A JavaScript method of that many parameters that returns at once."""

    def wrap(function: Any) -> Any:
        @functools.wraps(function)
        def call(self: Any, *args: Any, **keywords: Any) -> Any:
            return _call(functools.partial(function, self), args, keywords, count)

        return call

    return wrap


class JsFunction(JsProxy):
    """A free JavaScript function, or a class with `new`. count: its parameters; None: any number."""

    js_class = "Function"

    def __init__(
        self, name: str, call: Any = None, count: int | None = 1, new: Any = None, **statics: Any
    ) -> None:
        self.name = self.__name__ = name
        self._call, self._count, self._new = call, count, new
        self.__dict__.update(statics)

    @property
    def typeof(self) -> str:
        """What JavaScript's `typeof` says."""
        return "function"

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        if self._call is None:
            raise JsException(
                "TypeError",
                f"Failed to construct '{self.name}': Please use the 'new' operator, this object constructor "
                "cannot be called as a function.",
            )
        return _call(self._call, args, keywords, self._count)

    def new(self, *args: Any, **keywords: Any) -> Any:
        """JavaScript's `new`."""
        if self._new is None:
            raise JsException("TypeError", f"{self.name} is not a constructor")
        return _call(self._new, args, keywords, self._count)

    def bind(self, _this: Any = None, *first: Any) -> JsFunction:
        """The function, with the first arguments given."""
        return JsFunction(f"bound {self.name}", functools.partial(self, *first), None)

    def call(self, _this: Any = None, *args: Any) -> Any:
        """Call it."""
        return self(*args)

    def _json(self) -> Any:
        return NOTHING

    def toString(self) -> str:
        """JavaScript's text for a function of the runtime."""
        return f"function {self.name}() {{ [native code] }}"
