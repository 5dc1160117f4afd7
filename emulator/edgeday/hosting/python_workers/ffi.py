"""The names of `pyodide.ffi`: conversions, proxies, and classes that tell kinds of proxies apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from edgeday.hosting.python_workers.arrays import JsArray
from edgeday.hosting.python_workers.buffers import JsBuffer
from edgeday.hosting.python_workers.containers import JsMap
from edgeday.hosting.python_workers.conversions import (
    ConversionError,
    create_once_callable,
    create_proxy,
    destroy_proxies,
    to_js,
)
from edgeday.hosting.python_workers.generations import Generation
from edgeday.hosting.python_workers.promises import run_sync
from edgeday.hosting.python_workers.proxies import JsException, JsNull, JsProxy, PyProxy, jsnull


class _Kind(type):
    """A class whose instances are the proxies of which a test is true."""

    test: Callable[[Any], bool]

    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, JsProxy) and cls.test(value)


def _kind(name: str, test: Callable[[Any], bool]) -> type:
    return _Kind(name, (), {"test": staticmethod(test), "__module__": "pyodide.ffi"})


def _has(name: str) -> Callable[[Any], bool]:
    return lambda value: hasattr(type(value), name)


KINDS = {
    name: _kind(name, test)
    for name, test in {
        "JsArray": lambda value: (
            isinstance(value, JsArray)
            or (isinstance(value, JsBuffer) and value._kind not in ("ArrayBuffer", "DataView"))
        ),
        "JsBuffer": lambda value: isinstance(value, JsBuffer),
        "JsTypedArray": lambda value: (
            isinstance(value, JsBuffer) and value._kind not in ("ArrayBuffer", "DataView")
        ),
        "JsMap": lambda value: isinstance(value, JsMap),
        "JsMutableMap": lambda value: isinstance(value, JsMap),
        "JsCallable": lambda value: callable(value) and not isinstance(value, PyProxy),
        "JsDoubleProxy": lambda value: isinstance(value, PyProxy),
        "JsIterable": _has("__iter__"),
        "JsIterator": _has("__next__"),
        "JsGenerator": lambda _: False,
        "JsAsyncIterable": _has("__aiter__"),
        "JsAsyncIterator": _has("__anext__"),
        "JsAsyncGenerator": lambda _: False,
        "JsPromise": lambda _: False,
        "JsDomElement": lambda _: False,
        "JsFetch": lambda _: False,
        "JsWeakRef": lambda _: False,
    }.items()
}
"""Classes for `isinstance` alone; a promise that a call returns is a future, no JsPromise."""


class InternalError(Exception):
    """A fault of Pyodide's."""


InternalError.__module__ = "pyodide.ffi"


def names(generation: Generation) -> dict[str, Any]:
    """The members of `pyodide.ffi`, as that generation has them."""
    members = {
        **KINDS,
        "JsProxy": JsProxy,
        "JsException": JsException,
        "ConversionError": ConversionError,
        "InternalError": InternalError,
        "can_run_sync": lambda: False,
        "create_once_callable": create_once_callable,
        "create_proxy": create_proxy,
        "destroy_proxies": destroy_proxies,
        "run_sync": run_sync,
        "to_js": to_js,
    }
    if generation.null_object:
        members |= {"jsnull": jsnull, "JsNull": JsNull}
    return members
