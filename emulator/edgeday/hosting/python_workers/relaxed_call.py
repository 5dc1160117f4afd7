"""Pyodide's relaxed_call: a function gets as many arguments as it has parameters for."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from types import MethodType
from typing import Any, NamedTuple

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class _Takes(NamedTuple):
    """How many positional arguments a function takes, and which keywords; None: any."""

    positional: int | None
    names: frozenset[str] | None


@functools.lru_cache(maxsize=256)
def _takes(function: Callable[..., Any]) -> _Takes:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return _Takes(None, None)
    kinds = [parameter.kind for parameter in parameters]
    return _Takes(
        None if inspect.Parameter.VAR_POSITIONAL in kinds else sum(kind in _POSITIONAL for kind in kinds),
        None if inspect.Parameter.VAR_KEYWORD in kinds else frozenset(one.name for one in parameters),
    )


def relaxed_call(function: Callable[..., Any], *args: Any, **keywords: Any) -> Any:
    """Call a function without the arguments that it has no parameters for."""
    if type(function) is MethodType:
        positional, names = _takes(function.__func__)
        positional = None if positional is None else positional - 1
    else:
        positional, names = _takes(function)
    if positional is not None and len(args) > positional:
        args = args[:positional]
    if keywords and names is not None:
        keywords = {name: value for name, value in keywords.items() if name in names}
    return function(*args, **keywords)
