"""`random`, `uuid`, `secrets` and `os.urandom` in an invocation: all drawn from its seed.

Entropy is the runtime's `random`; `uuid4()` draws of it what `random_uuid()` of `edgeday.web` draws. The
functions of the module `random` have a generator of their own in each invocation, which the worker may seed.
"""

from __future__ import annotations

import os
import random
import sys
import uuid
from collections.abc import Callable
from random import Random
from types import FrameType
from typing import Any

from edgeday.ambient.dispatch import Inside, Owner
from edgeday.call_site import is_installed_code, is_user_code
from edgeday.web.ambient import Runtime, current_runtime

NO_ENTROPY_TEXT = (
    "Randomness is not allowed while a Worker is starting because startup values will be repeated across "
    "Worker instances, making them predictable. If this error occurs from importing a package, import the "
    "package from a function to load it after the Worker starts."
)
"""What workerd says to `os.urandom` at import (read in its sources, 2026-11)."""
_EIO = 29
"""The number of that error in WebAssembly."""
_SEED_BITS = 256
_NODE_BITS = 48
_MULTICAST = 1 << 40
"""The bit of a node that is no hardware address (RFC 9562, 6.10)."""


def _entropy(runtime: Runtime) -> Random:
    """What an invocation draws from. Raises OSError for the worker's own code while it is imported."""
    if runtime.refuses_entropy and _asked_by_user():
        raise OSError(_EIO, NO_ENTROPY_TEXT)
    return runtime.random


def _asked_by_user() -> bool:
    """Whether the code nearest to the call, beside Python's own, is the user's and no library's."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        if is_user_code(file):
            return True
        if is_installed_code(file):
            return False
        frame = frame.f_back
    return False


def _urandom(runtime: Runtime, size: int, /) -> bytes:
    if size < 0:
        raise ValueError("negative argument not allowed")
    return _entropy(runtime).getrandbits(8 * size).to_bytes(size, "big")


def _getrandom(runtime: Runtime, size: int, flags: int = 0) -> bytes:
    return _urandom(runtime, size)


def _generator(runtime: Runtime) -> Random:
    """The generator behind the functions of `random` in one invocation."""
    if runtime.generator is None:
        runtime.generator = Random(_entropy(runtime).getrandbits(_SEED_BITS))
    return runtime.generator


def _drawn_by(name: str) -> Inside:
    def inside(runtime: Runtime, *args: Any, **kwargs: Any) -> Any:
        if runtime.refuses_entropy and _asked_by_user():
            raise RuntimeError(f"Cannot use random.{name}() outside of request context")
        return getattr(_generator(runtime), name)(*args, **kwargs)

    return inside


def seeding(real: Callable[..., None]) -> Callable[..., None]:
    """`Random.seed`, which without a seed takes one from the invocation it runs in."""

    def seed(self: Random, a: Any = None, version: int = 2) -> None:
        if a is None and (runtime := current_runtime.get()) is not None:
            a = _entropy(runtime).getrandbits(_SEED_BITS)
        real(self, a, version)

    seed.__doc__ = real.__doc__
    return seed


def _getnode(runtime: Runtime) -> int:
    return _entropy(runtime).getrandbits(_NODE_BITS) | _MULTICAST


_KEPT_BY_UUID = (
    "_generate_time_safe", "_last_timestamp", "_last_timestamp_v6", "_last_timestamp_v7", "_last_counter_v7",
)  # fmt: skip
"""The system's own generator, and what the module remembers from one call to the next."""


def _without_memory(real: Callable[..., uuid.UUID]) -> Inside:
    """A kind of UUID that holds the time: as the library makes it, but as if it made its first one."""

    def inside(runtime: Runtime, *args: Any, **kwargs: Any) -> uuid.UUID:
        names = uuid.__dict__
        kept = {name: names[name] for name in _KEPT_BY_UUID if name in names}
        names.update(dict.fromkeys(kept))
        try:
            return real(*args, **kwargs)
        finally:
            names.update(kept)

    return inside


def random_functions() -> dict[tuple[Owner, str], Inside]:
    """What each function that draws does in an invocation, by its place."""
    functions: dict[tuple[Owner, str], Inside] = {
        (os, "urandom"): _urandom,
        (os, "getrandom"): _getrandom,
        (random, "_urandom"): _urandom,
        (uuid, "getnode"): _getnode,
    }
    for name, value in vars(random).items():
        if getattr(value, "__self__", None) is random._inst:
            functions[random, name] = _drawn_by(name)
    for name in ("uuid1", "uuid6", "uuid7"):
        if hasattr(uuid, name):
            functions[uuid, name] = _without_memory(getattr(uuid, name))
    return functions
