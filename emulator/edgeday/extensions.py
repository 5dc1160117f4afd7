"""The extension seam: what other packages bring to edgeday, found by their entry points.

A package that has something to bring names an `Extension` in the entry point group `edgeday.extensions`:

    [project.entry-points."edgeday.extensions"]
    my-package = "my_package.edgeday:EXTENSION"

Everything in it is named as "module:attribute" and imported only when it is needed, so that `edgeday --help`
stays quick and a module that names an extension may be small.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, NamedTuple, TypeVar

from edgeday.errors import BadInput, Problem

GROUP = "edgeday.extensions"

T = TypeVar("T")


class CommandRow(NamedTuple):
    """One command of the command line. command: "module:attribute" of a click command. help: one sentence."""

    command: str
    help: str


@dataclass(frozen=True, slots=True)
class Extension:
    """What a package brings.

    commands: by name, for the command line; a name that edgeday has itself is edgeday's.
    profiles: of worker profiles (see `edgeday.scenario.profile`), each as "module:attribute".
    pages:    of dashboard pages (see `edgeday.server.dashboard.pages`), each as "module:attribute".
    """

    commands: Mapping[str, CommandRow] = field(default_factory=dict)
    profiles: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()


@cache
def installed() -> tuple[Extension, ...]:
    """The extensions of the installed packages, in the order of their names. Raises BadInput."""
    points = sorted(entry_points(group=GROUP), key=lambda point: point.name)
    return tuple(_loaded(point) for point in points)


def _loaded(point: EntryPoint) -> Extension:
    return _checked(f"extension {point.name}", point.load, Extension)


def resolve(name: str, kind: type[T]) -> T:
    """What an extension names as "module:attribute", which has to be of a kind. Raises BadInput."""
    module, _, attribute = name.partition(":")
    return _checked(name, lambda: getattr(importlib.import_module(module), attribute), kind)


def _checked(what: str, load: Callable[[], Any], kind: type[T]) -> T:
    try:
        loaded = load()
    except Exception as error:  # whatever the package does when it is imported
        raise _unusable(what, f"cannot be loaded: {type(error).__name__}: {error}") from error
    if not isinstance(loaded, kind):
        raise _unusable(what, f"is of the type {type(loaded).__name__}, where {kind.__name__} is expected")
    return loaded


def _unusable(what: str, why: str) -> BadInput:
    return BadInput(Problem(what, why, "update or remove the package that brings it"))
