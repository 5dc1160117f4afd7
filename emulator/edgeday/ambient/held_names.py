"""Names in modules that hold an object, as `from time import time` leaves one; and giving them another."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from edgeday.ambient.dispatch import FREEZEGUN, MACHINERY

_LEFT_ALONE = sys.stdlib_module_names | MACHINERY | {FREEZEGUN}


class HeldNames:
    """Gives another object to each name in a module of the user or of a library that holds one of some.

    Looking through everything takes some milliseconds. Modules in which nothing was to do are remembered, and
    looked at again once they have more or fewer names.
    """

    def __init__(self) -> None:
        self._settled: dict[str, tuple[int, int]] = {}

    def rebind(self, others: Mapping[int, Any], *, settled: bool = True) -> set[str]:
        """Give another object to whatever holds one of these. Returns the modules that changed.

        others: what to put instead, by the identity of what is held. settled: whether nobody else has
        put something in the place of such objects for a time.
        """
        changed = set()
        for name, module in list(sys.modules.items()):
            if not isinstance(module, ModuleType) or name.partition(".")[0] in _LEFT_ALONE:
                continue
            names = module.__dict__
            size = id(module), len(names)
            if self._settled.get(name) == size:
                continue
            held = [(key, id(value)) for key, value in names.copy().items() if id(value) in others]
            for key, identity in held:
                names[key] = others[identity]
            if held:
                changed.add(name)
            elif settled:
                self._settled[name] = size
        return changed

    def look_again(self, modules: set[str]) -> None:
        """Look at these modules again next time: somebody has changed them."""
        for name in modules:
            self._settled.pop(name, None)
