"""`datetime.now()` and its kin in an invocation: its clock, and UTC as the local time zone.

The classes stay the ones that they are, and so does everything that was made of them or holds them: what
changes for a time is the entry of a few methods in the classes' own namespaces. A class in their place, as
freezegun has one, would be another one to `is`, to pydantic's schemas, to pickles, to orjson, and to each
module that imported the real one before; and of this, a test that freezes time can undo little.

CPython lets nobody assign to an attribute of a class that is written in C, so the namespace is reached
through its mapping proxy, and the cache of attributes is told. Both have been so from 3.11 to 3.14.
"""

from __future__ import annotations

import ctypes
import datetime
import gc
import sys
from collections.abc import Callable, Iterator
from datetime import tzinfo
from typing import Any

from edgeday.ambient.dispatch import Inside, asking_runtime
from edgeday.ambient.time_functions import now_s
from edgeday.web.ambient import Runtime


def _class_itself(name: str) -> type[Any]:
    """`datetime.date` or `datetime.datetime`, also while freezegun has a class of its own there."""
    mro: tuple[type[Any], ...] = getattr(datetime, name).__mro__
    return next(one for one in mro if one.__module__ == "datetime")


CLASSES = {name: _class_itself(name) for name in ("date", "datetime")}
"""By name, in a dict: in a variable, freezegun would put its own in their place."""
UTC = datetime.UTC


class Method:
    """A method of a class of `datetime`, for as long as it is the invocation's.

    inside: what it does in an invocation; takes the runtime, the real method bound, the class or the
    instance, and the arguments of the call.
    """

    def __init__(self, owner: str, name: str, inside: Inside) -> None:
        self._owner = CLASSES[owner]
        self._name = name
        self._real: Any = self._owner.__dict__[name]
        self._stand_in = (
            _bound_to_class(self._real, inside) if name in _OF_THE_CLASS else _bound(self._real, inside)
        )

    def put(self) -> None:
        """Let it be the invocation's."""
        _set(self._owner, self._name, self._stand_in)

    def undo(self) -> None:
        """Let it be the real one."""
        _set(self._owner, self._name, self._real)


def _bound_to_class(real: Any, inside: Inside) -> classmethod[Any, Any, Any]:
    def method(cls: type[Any], /, *args: Any, **kwargs: Any) -> Any:
        runtime = asking_runtime(sys._getframe(1))
        bound = real.__get__(None, cls)
        return bound(*args, **kwargs) if runtime is None else inside(runtime, bound, cls, *args, **kwargs)

    return classmethod(_named(method, real))


def _bound(real: Any, inside: Inside) -> Callable[..., Any]:
    def method(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        runtime = asking_runtime(sys._getframe(1))
        bound = real.__get__(self)
        return bound(*args, **kwargs) if runtime is None else inside(runtime, bound, self, *args, **kwargs)

    return _named(method, real)


def _named(method: Callable[..., Any], real: Any) -> Callable[..., Any]:
    method.__name__, method.__qualname__, method.__doc__ = real.__name__, real.__qualname__, real.__doc__
    return method


def _set(owner: type[Any], name: str, value: Any) -> None:
    namespace: dict[str, Any] = gc.get_referents(owner.__dict__)[0]
    namespace[name] = value
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(owner))


def _now(runtime: Runtime, real: Any, cls: Any, tz: tzinfo | None = None) -> Any:
    return cls.fromtimestamp(now_s(runtime), tz) if tz is not None else _in_utc(cls, now_s(runtime))


def _utcnow(runtime: Runtime, real: Any, cls: Any) -> Any:
    return _in_utc(cls, now_s(runtime))


def _today(runtime: Runtime, real: Any, cls: Any) -> Any:
    if issubclass(cls, CLASSES["datetime"]):
        return _in_utc(cls, now_s(runtime))
    return _date(runtime, real, cls, now_s(runtime))


def _date(runtime: Runtime, real: Any, cls: Any, timestamp: float, /) -> Any:
    day = CLASSES["datetime"].fromtimestamp(timestamp, UTC)
    return cls(day.year, day.month, day.day)


def _fromtimestamp(runtime: Runtime, real: Any, cls: Any, timestamp: float, tz: tzinfo | None = None) -> Any:
    return _in_utc(cls, timestamp) if tz is None else real(timestamp, tz)


def _in_utc(cls: Any, timestamp: float) -> Any:
    """The naive datetime of an instant, in the invocation's local time."""
    return cls.fromtimestamp(timestamp, UTC).replace(tzinfo=None)


def _timestamp(runtime: Runtime, real: Any, value: Any) -> Any:
    return real() if value.tzinfo is not None else value.replace(tzinfo=UTC).timestamp()


def _astimezone(runtime: Runtime, real: Any, value: Any, tz: tzinfo | None = None) -> Any:
    aware = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
    return aware.astimezone(UTC if tz is None else tz)


_OF_THE_CLASS = {"now", "utcnow", "today", "fromtimestamp"}


def methods() -> Iterator[Method]:
    """Every method that reads the clock or the local time zone."""
    yield Method("date", "today", _today)
    yield Method("date", "fromtimestamp", _date)
    yield Method("datetime", "now", _now)
    yield Method("datetime", "utcnow", _utcnow)
    yield Method("datetime", "fromtimestamp", _fromtimestamp)
    yield Method("datetime", "timestamp", _timestamp)
    yield Method("datetime", "astimezone", _astimezone)
