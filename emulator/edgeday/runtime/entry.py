"""Workers by entry string: a file, a module or a wrangler configuration to the class that an `Edge` runs.

A Python Worker, which needs Cloudflare's modules `workers` or `js`, is hosted on its SDK; a class of its own
with `async def fetch(self, request)` is taken as it is.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

from edgeday.ambient import installed
from edgeday.errors import BadInput, did_you_mean
from edgeday.files import from_here
from edgeday.hosting.endings import is_javascript
from edgeday.hosting.python_workers.needs import RUNTIME_MODULES, needs_runtime
from edgeday.runtime.entry_names import (
    BadEntry,
    check_python,
    find_file,
    read_entry,
)
from edgeday.runtime.import_scope import import_scope
from edgeday.source_imports import module_file
from edgeday.wrangler import WranglerConfig, find_wrangler_config, load_wrangler_config

if TYPE_CHECKING:
    from edgeday.web.messages import Request, Response

__all__ = ["BadEntry", "NamedWorker", "NoWorker", "check_variant", "forget_code", "import_worker",
           "importable_from_here", "resolve_worker"]  # fmt: skip


class NoWorker:
    """In the place of a worker where nothing is asked of one."""

    async def fetch(self, request: Request) -> Response:
        raise RuntimeError("there is no worker to answer this")


@dataclass(frozen=True, slots=True)
class NamedWorker:
    """A worker's class and where it comes from.

    config: the wrangler configuration that belongs to it, None without one; a JavaScript worker without one
    has what its bundle says. says: its name and, of a worker for Cloudflare, what it runs on. warnings: of
    the configuration, and what is otherwise on Cloudflare. source: the file that it is in, None if that is
    not known.
    """

    worker: type
    config: WranglerConfig | None
    says: str
    warnings: tuple[str, ...] = ()
    source: Path | None = None


_folders: list[str] = []
"""Where files of plain workers were imported from: they may import more of their folder late."""


@contextmanager
def importable_from_here() -> Iterator[None]:
    """While the block runs, modules are looked for in the current directory too, after the installed ones.

    A worker is imported inside of it, and runs inside of it: it may import more of its modules late. The
    folders of workers that were named by their files count too.
    """
    added = [path for path in (*reversed(_folders), str(Path.cwd())) if path not in sys.path]
    sys.path += added
    try:
        yield
    finally:
        for path in added:
            if path in sys.path:  # else the worker took it out itself
                sys.path.remove(path)


def import_worker(entry: str) -> type:
    """Import a worker's class, as `resolve_worker` does. Raises BadEntry."""
    try:
        return resolve_worker(entry).worker
    except BadInput as bad:
        raise BadEntry(str(bad)) from None


def resolve_worker(entry: str, *, base: Path | None = None, environment: str | None = None) -> NamedWorker:
    """Import the worker that an entry string names, from a file, a module or a wrangler configuration.

    entry: `src/entry.py` or `src/entry.py:Class`; `package.module:Class`, from the installed packages or the
    current directory; `src/index.ts`, `worker.js` or `worker.bundle`, with `:Class` for an entrypoint that is
    not the default one; `wrangler.jsonc` (or .json, .toml), for its `main`. base: the directory in which, and
    above which, files are looked for, then the current one. environment: of the wrangler configuration.
    Raises BadEntry, and BadInput for a configuration with problems.
    """
    kind, name, class_name = read_entry(entry)
    if kind == "module":
        return _from_module(name, class_name, environment)
    path = find_file(name, base)
    if kind == "file":
        config = _config_above(path.parent, environment)
        if is_javascript(path):
            return _javascript(path, config, entrypoint=class_name)
        check_python(path, name)
        return _from_file(path, class_name, config)
    config = load_wrangler_config(path, environment)
    if config.main is None:
        raise BadEntry(f"{name} has no main", 'write "main": "src/entry.py", the worker\'s file')
    main = config.main
    shown = f"main of {name}, {main.name},"
    if is_javascript(main):
        return _javascript(main, config, is_main=True)
    check_python(main, shown)
    if not main.is_file():
        raise BadEntry(f"{shown} is not there: {main}")
    return _from_file(main, class_name, config)


def forget_code() -> None:
    """Let the code of JavaScript workers be built anew, for files that may have changed."""
    built = sys.modules.get("edgeday.hosting.javascript.wrangler_build")
    if built is not None:
        built.forget_builds()


def _javascript(
    main: Path, config: WranglerConfig | None, *, entrypoint: str = "", is_main: bool = False
) -> NamedWorker:
    from edgeday.runtime.javascript_entry import start_javascript  # a Python worker needs nothing of it

    started = start_javascript(main, config, entrypoint=entrypoint, is_main=is_main)
    return NamedWorker(*started, source=main)


def _config_above(folder: Path, environment: str | None) -> WranglerConfig | None:
    path = None if "site-packages" in folder.parts else find_wrangler_config(folder)
    return None if path is None else load_wrangler_config(path, environment)


# a file


def _from_file(main: Path, class_name: str, config: WranglerConfig | None) -> NamedWorker:
    if needs_runtime(main, main.parent):
        return _hosted(main, "", class_name, main.parent, config)
    folder = str(main.parent)
    if folder not in _folders:
        _folders.append(folder)
    module = sys.modules.get(main.stem)
    if module is None or getattr(module, "__file__", None) != str(main):
        module = _imported(main.name, partial(_import_file, main))
    if class_name:
        return _plain(module, main.stem, class_name, config, main)
    own = [
        name for name, value in vars(module).items() if _is_worker(value) and value.__module__ == main.stem
    ]
    if "Default" in own or len(own) == 1:
        return _plain(module, main.stem, "Default" if "Default" in own else own[0], config, main)
    if own:
        raise BadEntry(
            f"{main.name} has several workers: {', '.join(own)}", f"name one: {main.name}:{own[0]}"
        )
    raise BadEntry(
        f"{main.name} has no worker in it", "a worker is a class with `async def fetch(self, request)`"
    )


# a module


def _from_module(module_name: str, class_name: str, environment: str | None) -> NamedWorker:
    located = _file_of(module_name)
    config = None if located is None else _config_above(located[0].parent, environment)
    if located is not None and needs_runtime(*located):
        return _hosted(located[0], module_name, class_name, located[1], config)
    before = set(sys.modules)
    try:
        load = partial(importlib.import_module, module_name)
        module = _imported(module_name, load, f"{module_name}:{class_name}")
    except BadEntry as bad:
        cause = bad.__cause__
        late = isinstance(cause, ModuleNotFoundError) and str(cause.name).partition(".")[0] in RUNTIME_MODULES
        if not late or located is None:
            raise
        for name in set(sys.modules) - before:
            if str(getattr(sys.modules[name], "__file__", "")).startswith(f"{located[1]}/"):
                del sys.modules[name]
        return _hosted(located[0], module_name, class_name, located[1], config)
    return _plain(module, module_name, class_name, config, None if located is None else located[0])


def _file_of(module_name: str) -> tuple[Path, Path] | None:
    """The file of a module and the folder that its imports start from, found without importing anything."""
    top, *rest = module_name.split(".")
    try:
        with importable_from_here():
            spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return None
    if spec is None:
        return None
    if not rest:
        place = Path(spec.origin) if spec.has_location and spec.origin else None
    else:
        folders = map(Path, spec.submodule_search_locations or ())
        files = (module_file(".".join(rest), folder) for folder in folders)
        place = next((file for file in files if file is not None), None)
    if place is None or place.suffix != ".py":
        return None
    return place, place.parents[len(rest) + (place.name == "__init__.py")]


def _import_file(main: Path) -> ModuleType:
    """Import one file under its own name, whatever else of that name can be found."""
    spec = importlib.util.spec_from_file_location(main.stem, main)
    if spec is None or spec.loader is None:
        raise ImportError(f"{main.name} is no Python file")
    before = sys.modules.pop(main.stem, None)
    module = sys.modules[main.stem] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[main.stem]
        if before is not None:
            sys.modules[main.stem] = before
        raise
    return module


def _imported(shown: str, load: Callable[[], ModuleType], entry: str = "") -> Any:
    """Import a module. shown: what a person calls it. entry: how the worker in it is named."""
    try:
        with importable_from_here(), installed(), import_scope():
            return load()
    except SyntaxError as error:
        place = f"{error.filename or shown}:{error.lineno or 1}"
        raise BadEntry(f'importing "{shown}" raised {type(error).__name__}: {error.msg}', place) from error
    except (ImportError, ValueError) as error:
        hint = "it is looked for in the installed packages and in the directory you run from"
        raise BadEntry(f'the worker "{entry or shown}" cannot be imported: {error}', hint) from error
    except Exception as error:  # whatever the module does when it is run
        raise BadEntry(f'importing "{shown}" raised {type(error).__name__}: {error}') from error


def _plain(
    module: Any, shown: str, class_name: str, config: WranglerConfig | None, source: Path | None
) -> NamedWorker:
    worker = getattr(module, class_name, None)
    if not _is_worker(worker):
        names = dict.fromkeys((*vars(module), *getattr(module, "__all__", ())))
        workers = [name for name in names if _is_worker(getattr(module, name, None))]
        raise BadEntry(
            f'"{class_name}" in {shown} is no worker: a class with `async def fetch(self, request)`',
            did_you_mean(class_name, workers),
        )
    warnings = () if config is None else config.warnings
    return NamedWorker(cast("type", worker), config, f"{shown}:{class_name}", warnings, source)


# a Python Worker


def _hosted(
    main: Path, module: str, class_name: str, folder: Path, config: WranglerConfig | None
) -> NamedWorker:
    from edgeday.hosting.python_workers.host import host_worker
    from edgeday.hosting.python_workers.sdk import CannotHost

    try:
        with importable_from_here(), installed(), import_scope() as scope:
            scope.refuses_entropy = True
            worker = host_worker(
                main,
                module=module,
                class_name=class_name,
                date="" if config is None else config.compatibility_date,
                flags=() if config is None else config.compatibility_flags,
                root=folder if config is None or config.path is None else config.path.parent,
                vars=None if config is None else config.vars,
                namespaces=() if config is None else [binding.name for binding in config.bindings],
                unsupported=None if config is None else config.unsupported_bindings,
            )
    except CannotHost as cannot:
        raise BadEntry(str(cannot), cannot.hint) from cannot
    says = f"{worker.__name__} of {from_here(main)}, on {worker.runs_on}"
    warnings = () if config is None else config.warnings
    return NamedWorker(worker, config, says, (*warnings, *worker.warnings), main)


def _is_worker(value: object) -> bool:
    return isinstance(value, type) and hasattr(value, "fetch")


def check_variant(worker: type, variant: str) -> None:
    """Raise BadEntry if a worker says which `variants` it has, and this is none of them."""
    variants: tuple[str, ...] | None = getattr(worker, "variants", None)
    if variants is None or variant in variants:
        return
    what = f'unknown variant "{variant}" (there are {", ".join(variants)})'
    raise BadEntry(what, did_you_mean(variant, variants))
