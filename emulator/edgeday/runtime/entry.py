"""Workers by entry string: `package.module:Class` to the class, and the variants that it has."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from edgeday.errors import did_you_mean

if TYPE_CHECKING:
    from edgeday.web.messages import Request, Response


class BadEntry(ValueError):
    """An entry string, or a variant, that names nothing. hint: what to try, or ""."""

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.hint = hint


class NoWorker:
    """In the place of a worker where nothing is asked of one."""

    async def fetch(self, request: Request) -> Response:
        raise RuntimeError("there is no worker to answer this")


@contextmanager
def importable_from_here() -> Iterator[None]:
    """While the block runs, modules are looked for in the current directory too, after the installed ones.

    A worker is imported inside of it, and runs inside of it: it may import more of its modules late.
    """
    here = str(Path.cwd())
    if here in sys.path:
        yield
        return
    sys.path.append(here)
    try:
        yield
    finally:
        if here in sys.path:  # else the worker took it out itself
            sys.path.remove(here)


def import_worker(entry: str) -> type:
    """Import a worker's class from the installed packages or the current directory. Raises BadEntry."""
    module_name, colon, name = entry.partition(":")
    if not colon:
        raise BadEntry(f'"{entry}" names no class', "write package.module:Class")
    try:
        with importable_from_here():
            module = importlib.import_module(module_name)
    except (ImportError, ValueError) as error:
        hint = "it is looked for in the installed packages and in the directory you run from"
        raise BadEntry(f'the worker "{entry}" cannot be imported: {error}', hint) from None
    except Exception as error:  # whatever the module does when it is run
        raise BadEntry(f'importing "{module_name}" raised {type(error).__name__}: {error}') from None
    worker = getattr(module, name, None)
    if not _is_worker(worker):
        names = dict.fromkeys((*vars(module), *getattr(module, "__all__", ())))
        workers = [name for name in names if _is_worker(getattr(module, name, None))]
        raise BadEntry(
            f'"{name}" in {module_name} is no worker: a class with `async def fetch(self, request)`',
            did_you_mean(name, workers),
        )
    return cast("type", worker)


def _is_worker(value: object) -> bool:
    return isinstance(value, type) and hasattr(value, "fetch")


def check_variant(worker: type, variant: str) -> None:
    """Raise BadEntry if a worker says which `variants` it has, and this is none of them."""
    variants: tuple[str, ...] | None = getattr(worker, "variants", None)
    if variants is None or variant in variants:
        return
    what = f'unknown variant "{variant}" (there are {", ".join(variants)})'
    raise BadEntry(what, did_you_mean(variant, variants))
