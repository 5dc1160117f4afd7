"""Importing a Python Worker: its folders, its SDK, its modules, and which class or functions answer."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from edgeday.ambient import installed
from edgeday.errors import did_you_mean
from edgeday.files import from_here
from edgeday.hosting.python_workers.flags import Compatibility
from edgeday.hosting.python_workers.generations import current_generation
from edgeday.hosting.python_workers.modules import WorkerModules
from edgeday.hosting.python_workers.run import Run, current_run
from edgeday.hosting.python_workers.runtime_modules import ExecPatches, runtime_modules
from edgeday.hosting.python_workers.sdk import CannotHost, Folder, Sdk, is_installed, top_level_names
from edgeday.hosting.python_workers.vendored import vendored_packages

_SDK_PATCHES = "_workers_sdk_package_patches"


@dataclass(frozen=True, slots=True)
class WorkerCode:
    """Where a worker's code is. main: its file. module: its name, with the packages it lies in; "" for a file
    that lies in none. class_name: of its entrypoint, "" for the usual one."""

    main: Path
    module: str
    class_name: str

    @property
    def name(self) -> str:
        """What the worker's module is imported as."""
        return self.module or self.main.stem

    @property
    def folder(self) -> Path:
        """The folder that its imports start from."""
        depth = self.name.count(".") + (self.main.name == "__init__.py")
        return self.main.parents[depth]


@dataclass(frozen=True, slots=True)
class LoadedWorker:
    """An imported worker. entry: its class, None where functions of the module answer. request: the SDK's
    class of requests."""

    modules: WorkerModules
    sdk: ModuleType
    module: ModuleType
    entry: Any
    request: Any


def load_worker(
    source: WorkerCode, sdk: Sdk, vendored: Sequence[Path], compatibility: Compatibility, env: Any
) -> LoadedWorker:
    """Import the SDK and the worker. env: what `from workers import env` has meanwhile. Raises CannotHost."""
    patches = ExecPatches()
    folders = [*_own_folders(source), *map(vendored_packages, vendored), sdk.folder]
    modules = WorkerModules(runtime_modules(compatibility, patches), folders, patches.by_module)
    generation = current_generation.set(compatibility.generation)
    run = current_run.set(Run(env, None))
    try:
        with installed(), modules.entered():
            package = modules.load("workers")
            if modules.find_spec(_SDK_PATCHES) is not None:
                modules.load(_SDK_PATCHES)
            module = _imported(source, modules)
            entry = _entry_of(source, module, package)
            return LoadedWorker(modules, package, module, entry, vars(package)["Request"])
    finally:
        current_run.reset(run)
        current_generation.reset(generation)


def _own_folders(source: WorkerCode) -> list[Folder]:
    """The folder that the worker's imports start from, and that of its file, where Cloudflare starts."""
    top = source.name.partition(".")[0]
    if is_installed(source.folder):
        return [Folder(source.folder, frozenset({top}))]
    places = dict.fromkeys((source.folder, source.main.parent))
    folders = [Folder(place, top_level_names(place)) for place in places]
    return [folders[0]._replace(names=folders[0].names | {top}), *folders[1:]]


def _imported(source: WorkerCode, modules: WorkerModules) -> ModuleType:
    try:
        return modules.load(source.name)
    except SyntaxError as error:
        place = f"{error.filename or source.main}:{error.lineno or 1}:{error.offset or 1}"
        raise CannotHost(
            f"{place}: {type(error).__name__}: {error.msg}", (error.text or "").strip()
        ) from None
    except ModuleNotFoundError as error:
        hint = f"pip install {error.name.partition('.')[0]}, if it is a package" if error.name else ""
        raise CannotHost(f"{_place(error, source)}: {error}", hint) from error
    except Exception as error:
        raise CannotHost(
            f"{_place(error, source)}: importing it raised {type(error).__name__}: {error}"
        ) from error


def _place(error: BaseException, source: WorkerCode) -> str:
    """The innermost line of the worker's own code that led to an error."""
    own = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(source.folder)
    ]
    file = from_here(Path(own[-1].filename) if own else source.main)
    return f"{file}:{own[-1].lineno}" if own else str(file)


# what answers


def _entry_of(source: WorkerCode, module: ModuleType, sdk: Any) -> Any:
    """The class that answers, None where functions do. Raises CannotHost where nothing does."""
    base = sdk.WorkerEntrypoint
    classes = {
        name: value
        for name, value in vars(module).items()
        if inspect.isclass(value) and issubclass(value, base) and value is not base
    }
    if source.class_name:
        return _named(source, module, classes)
    if "Default" in classes:
        return classes["Default"]
    if any(callable(getattr(module, name, None)) for name in ("on_fetch", "on_scheduled")):
        return None
    if len(set(classes.values())) == 1:
        return next(iter(classes.values()))
    where = from_here(source.main)
    if classes:
        names = ", ".join(classes)
        raise CannotHost(
            f"{where} has no class Default, and several others: {names}",
            f"name one: {where}:{next(iter(classes))}",
        )
    default = getattr(module, "Default", None)
    if inspect.isclass(default):
        line = inspect.getsourcelines(default)[1]
        raise CannotHost(
            f"{where}:{line}: Default is no WorkerEntrypoint", "write class Default(WorkerEntrypoint):"
        )
    raise CannotHost(
        f"{where} has no worker in it: neither class Default(WorkerEntrypoint) nor on_fetch",
        "from workers import WorkerEntrypoint, Response",
    )


def _named(source: WorkerCode, module: ModuleType, classes: dict[str, Any]) -> Any:
    name, where = source.class_name, from_here(source.main)
    if name in classes:
        return classes[name]
    if hasattr(module, name):
        raise CannotHost(
            f"{name} in {where} is no WorkerEntrypoint", f"write class {name}(WorkerEntrypoint):"
        )
    raise CannotHost(f"there is no class {name} in {where}", did_you_mean(name, classes))
