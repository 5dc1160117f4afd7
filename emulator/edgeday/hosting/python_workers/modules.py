"""What a worker finds by `import`: emulated modules, the SDK and its own, in `sys.modules` while it runs.

A worker's modules are in force while it is imported and while one of its invocations runs. Where the
invocations of two workers run in turns, each import statement of theirs brings the right modules back. Names
stay in `sys.modules` while they are in force, because dataclasses, pydantic and Django look there.
"""

from __future__ import annotations

import builtins
import functools
import importlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from importlib.machinery import (
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    ModuleSpec,
    PathFinder,
    SourceFileLoader,
)
from types import ModuleType
from typing import Any, ClassVar

from edgeday.hosting.python_workers.sdk import Folder, is_installed

Patch = Callable[[ModuleType], AbstractContextManager[Any]]
"""A context around the execution of a module, which changes the module."""


class _SourceLoader(SourceFileLoader):
    """Runs a module with builtins whose `import` looks among its worker's modules; writes no bytecode."""

    def __init__(self, name: str, path: str, builtins: dict[str, Any]) -> None:
        super().__init__(name, path)
        self._builtins = builtins

    def exec_module(self, module: ModuleType) -> None:
        module.__dict__["__builtins__"] = self._builtins
        super().exec_module(module)

    def set_data(self, path: str, data: Any, *, _mode: int = 0o666) -> None:
        """The user's folders stay as they are."""


class _PatchingLoader:
    """Loads a module of the environment, and changes it while the worker's modules are in force."""

    def __init__(self, loader: Any, patched: Callable[[ModuleType], None]) -> None:
        self._loader, self._patched = loader, patched

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        made: ModuleType | None = self._loader.create_module(spec)
        return made

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        self._patched(module)


class WorkerModules:
    """One worker's view of `sys.modules`.

    emulated: modules that are there from the start. folders: where the others come from, the first before
    the later ones. patches: module of the environment -> its change, as it is registered meanwhile.
    """

    in_force: ClassVar[WorkerModules | None] = None
    _held: ClassVar[int] = 0

    def __init__(
        self, emulated: Mapping[str, ModuleType], folders: Sequence[Folder], patches: Mapping[str, Patch]
    ) -> None:
        self._modules = dict(emulated)
        self._patches = patches
        self._builtins = {**vars(builtins), "__import__": self._import}
        loaders = (
            (functools.partial(_SourceLoader, builtins=self._builtins), SOURCE_SUFFIXES),
            (ExtensionFileLoader, EXTENSION_SUFFIXES),
        )
        self._make_finder: Callable[[str], FileFinder] = functools.cache(
            lambda path: FileFinder(path, *loaders)  # type: ignore[arg-type]
        )
        self._imported = {name.partition(".")[0] for name in emulated}
        self._origins: dict[str, list[str]] = {}
        for folder in folders:
            for name in folder.names:
                self._origins.setdefault(name, []).append(str(folder.path))
        self._hidden: dict[str, ModuleType] = {}
        self._changes: list[tuple[ModuleType, dict[str, Any]]] = []
        self._count = 0
        self._outside = -1
        self._users = 0

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Keep the worker's modules in force inside the block."""
        self.enter()
        try:
            yield
        finally:
            self.leave()

    def enter(self) -> None:
        """From now on somebody uses the modules: bring them into force."""
        self._users += 1
        if WorkerModules.in_force is not self:
            self._bring()

    def leave(self) -> None:
        """Somebody who entered uses them no more."""
        self._users -= 1
        if not self._users and WorkerModules.in_force is self and not WorkerModules._held:
            self._put_away()

    def load(self, name: str) -> ModuleType:
        """Import a module as the worker's code would; the modules have to be in force."""
        self._make_room(name.partition(".")[0])
        return importlib.import_module(name)

    # import

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: Any = None
    ) -> ModuleSpec | None:
        """The finder of `sys.meta_path`: the worker's folders come before everything else."""
        if name in self._patches:
            return self._patching_spec(name, path)
        top = name.partition(".")[0]
        if path is not None:
            return self._find(name, path) if top in self._imported and top in self._origins else None
        spec = self._find(name, self._origins.get(name, ()))
        if spec is None or (spec.loader is None and _is_installed(name)):
            return None  # a folder without __init__.py comes after what is installed
        self._imported.add(name)
        return spec

    def _find(self, name: str, places: Sequence[str]) -> ModuleSpec | None:
        """A module of these folders: of the first that has it, else what all of them have of a namespace."""
        portions: list[str] = []
        for place in places:
            spec = self._make_finder(place).find_spec(name)
            if spec is None:
                continue
            if spec.loader is not None:
                return spec
            portions += spec.submodule_search_locations or ()
        if not portions:
            return None
        spec = ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = portions
        return spec

    def _patching_spec(self, name: str, path: Sequence[str] | None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path)
        if spec is not None and spec.loader is not None:
            spec.loader = _PatchingLoader(spec.loader, self._change)  # type: ignore[assignment]
        return spec

    def _import(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
        fromlist: Sequence[str] = (),
        level: int = 0,
    ) -> Any:
        """The `import` of the worker's code."""
        if WorkerModules.in_force is not self and self._users:
            self._bring()
        if not level:
            self._make_room(name.partition(".")[0])
        return builtins.__import__(name, globals, locals, fromlist, level)

    def _make_room(self, top: str) -> None:
        """Put the host's modules aside that have the name of one which the worker imports now."""
        if top in self._imported or top not in self._origins or top not in sys.modules:
            return
        for name in [name for name in sys.modules if name == top or name.startswith(f"{top}.")]:
            self._hidden[name] = sys.modules.pop(name)

    # into force and out of it

    def _bring(self) -> None:
        if WorkerModules.in_force is not None:
            WorkerModules.in_force._put_away()
        WorkerModules.in_force = self
        here = sys.modules
        if len(here) != self._outside:  # else nothing was imported since they were put away
            self._hidden = {name: here[name] for name in here.keys() & self._modules.keys()}
        here.update(self._modules)
        sys.meta_path.insert(0, self)
        self._count = len(here)
        for name in self._patches:
            if name in here:
                self._change(here[name])

    def _put_away(self) -> None:
        here = sys.modules
        if len(here) != self._count:
            self._collect()
        try:
            for name in self._modules:
                del here[name]
        except KeyError:  # the worker has taken one out itself
            for name in self._modules:
                here.pop(name, None)
        if self._hidden:
            here.update(self._hidden)
            self._hidden = {}
        else:
            self._outside = len(here)
        sys.meta_path.remove(self)
        while self._changes:
            module, before = self._changes.pop()
            vars(module).update(before)
        WorkerModules.in_force = None

    def _collect(self) -> None:
        """Note the modules that were imported since these came into force."""
        for name in list(sys.modules):
            if name.partition(".")[0] in self._imported:
                self._modules[name] = sys.modules[name]

    def _change(self, module: ModuleType) -> None:
        """Apply the patch of a module of the environment, and note what it was."""
        before = dict(vars(module))
        with self._patches[module.__name__](module):
            pass
        changed = {name: value for name, value in before.items() if vars(module).get(name) is not value}
        self._changes.append((module, changed))


def _is_installed(name: str) -> bool:
    spec = PathFinder.find_spec(name)
    return spec is not None and is_installed(spec.origin or "")


@contextmanager
def held() -> Iterator[None]:
    """Inside the block the modules of the worker that ran last stay in force between its invocations, so that
    a run does not change `sys.modules` at each."""
    WorkerModules._held += 1
    try:
        yield
    finally:
        WorkerModules._held -= 1
        last = WorkerModules.in_force
        if last is not None and not last._users and not WorkerModules._held:
            last._put_away()
