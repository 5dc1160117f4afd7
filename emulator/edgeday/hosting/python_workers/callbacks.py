"""Functions and promises of Python code that JavaScript was given: calling the one, awaiting the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from edgeday.hosting.python_workers.proxies import DestroyedProxy, PyProxy, into_js, out_of_js


def callback(function: Any) -> Callable[..., Any]:
    """A function that JavaScript was given, to be called with JavaScript values; gives one."""
    target = function._object if type(function) is PyProxy else function

    def call(*args: Any) -> Any:
        return into_js(target(*map(out_of_js, args)))

    return call


def invoke(function: Any, *args: Any) -> Any:
    """Call a function that JavaScript was given; gives what it returns in Python."""
    target = function._object if type(function) is PyProxy else function
    return target(*map(out_of_js, args))


async def settled(value: Any) -> Any:
    """A value, or what a promise or a coroutine comes to."""
    if type(value) is PyProxy:
        value = value._object
    elif type(value) is DestroyedProxy:
        value._refuse()
    return await value if hasattr(value, "__await__") else value
