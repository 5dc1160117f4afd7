"""Who answers a call of the standard library: the running invocation, or the machine.

The code of a worker, and the libraries that it calls, run with `current_runtime` set; so do the emulator and
the event loop while they serve it. These keep the machine's time: which of them asks is seen from the module
that calls.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType, ModuleType
from typing import Any

from edgeday.web.ambient import Runtime, current_runtime

FREEZEGUN = "freezegun"
MACHINERY = frozenset(
    {
        "_pytest", "aiohttp", "aiosqlite", "asyncio", "concurrent", "edgeday", "hypothesis", "pytest_asyncio",
        "selectors", "sqlite3", "threading",
    }
)  # fmt: skip
"""Top-level packages and modules that run around a worker, within its invocation, and need the real time."""

Owner = ModuleType | type[Any]
"""What has a function as an attribute."""
Inside = Callable[..., Any]
"""What a function does in an invocation; takes the runtime before the arguments of the call."""


def package_of(frame: FrameType | None) -> str:
    """The top-level package whose code a frame runs; "" if it has no name."""
    name: str = "" if frame is None else frame.f_globals.get("__name__") or ""
    return name.partition(".")[0]


def asking_runtime(frame: FrameType | None) -> Runtime | None:
    """The invocation whose worker asks, or None where the machinery does, or nothing runs.

    frame: where the call comes from; those of freezegun stand for whoever called them.
    """
    runtime = current_runtime.get()
    if runtime is None:
        return None
    package = package_of(frame)
    while package == FREEZEGUN and frame is not None:
        frame = frame.f_back
        package = package_of(frame)
    return None if package in MACHINERY else runtime


class StandIn:
    """Stands in for a function of a module: in an invocation it is the invocation's, elsewhere the machine's.

    An object and no function: as a builtin does, it stays itself as an attribute of a class.

    owner, name: where it stands, a module or a class. real: the function itself. inside: what it does in
    an invocation.
    """

    __slots__ = ("__name__", "__wrapped__", "inside", "outer", "owner", "real")

    def __init__(self, owner: Owner, name: str, real: Callable[..., Any], inside: Inside) -> None:
        self.__name__ = name
        self.__wrapped__ = self.real = real
        self.owner = owner
        self.inside = inside
        self.outer = real
        """What stood in its place when it came: `real`, or what a test had put there."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        caller = sys._getframe(1)
        runtime = asking_runtime(caller)
        if runtime is not None:
            return self.inside(runtime, *args, **kwargs)
        if self.outer is self.real or package_of(caller) == FREEZEGUN:
            return self.real(*args, **kwargs)
        return self.outer(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<{self.owner.__name__}.{self.__name__}, in an invocation the invocation's>"

    def __reduce__(self) -> tuple[Any, ...]:
        return getattr, (self.owner, self.__name__)
