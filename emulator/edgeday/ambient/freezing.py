"""Getting along with freezegun, whichever came first.

A test may freeze the machine's time while a worker's clock is its invocation's: then the worker sees its
invocation's, and everything else what freezegun says. freezegun puts functions of its own into `time`, and
the real ones back when it stops, so the stand-ins take their places again each time; and names that it has
bound to its functions and classes ask `get_current_time`, which answers for an invocation too.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from edgeday.ambient.dates import CLASSES, UTC
from edgeday.ambient.dispatch import FREEZEGUN, Owner, asking_runtime
from edgeday.ambient.time_functions import now_s


def load_freezegun() -> None:
    """Import freezegun where it is installed: what it takes for real, it remembers when it is imported."""
    try:
        __import__(FREEZEGUN)
    except ImportError:
        return


def is_frozen(function: Any) -> bool:
    """Whether a function is one that freezegun put in the place of a real one."""
    return str(getattr(function, "__module__", "")).partition(".")[0] == FREEZEGUN


def real_function(owner: Owner, name: str) -> Callable[..., Any]:
    """A function of a module or a class, also while freezegun has its own there."""
    function: Callable[..., Any] = getattr(owner, name)
    return getattr(sys.modules[f"{FREEZEGUN}.api"], f"real_{name}") if is_frozen(function) else function


def forget_names_of(modules: set[str]) -> None:
    """Have freezegun look again at what these modules hold: it remembers which of their names to freeze."""
    api = sys.modules.get(f"{FREEZEGUN}.api")
    remembered: dict[str, Any] = getattr(api, "_GLOBAL_MODULES_CACHE", {})
    for name in modules:
        remembered.pop(name, None)


class Freezing:
    """What is changed in freezegun while stand-ins are in their places; nothing where it is not imported.

    changed: called when it has put functions of its own into `time`, or the real ones back.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._undo: list[tuple[Any, str, Any]] = []

    def join(self) -> None:
        """Have freezegun ask the invocation, and say when it starts and stops."""
        api = sys.modules.get(f"{FREEZEGUN}.api")
        if api is None:
            return
        self._replace(api, "get_current_time", _of_the_invocation(api.get_current_time))
        for name in ("start", "stop"):
            self._replace(api._freeze_time, name, self._telling(getattr(api._freeze_time, name)))

    def leave(self) -> None:
        """Let freezegun be as it was."""
        while self._undo:
            setattr(*self._undo.pop())

    def _replace(self, owner: Any, name: str, value: Any) -> None:
        self._undo.append((owner, name, getattr(owner, name)))
        setattr(owner, name, value)

    def _telling(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def method(self_: Any) -> Any:
            result = real(self_)
            self._changed()
            return result

        return method


def _of_the_invocation(real: Callable[[], Any]) -> Callable[[], Any]:
    def get_current_time() -> Any:
        runtime = asking_runtime(sys._getframe(1))
        if runtime is None:
            return real()
        return CLASSES["datetime"].fromtimestamp(now_s(runtime), UTC).replace(tzinfo=None)

    return get_current_time
