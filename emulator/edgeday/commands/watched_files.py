"""The files behind what `edgeday serve` serves, and the line of one that cannot be run."""

from __future__ import annotations

import importlib.util
import linecache
import os
from collections.abc import Iterator
from pathlib import Path

from edgeday.call_site import CallSite, error_call_site, is_user_code
from edgeday.hosting.endings import SCRIPTS
from edgeday.runtime.entry import importable_from_here
from edgeday.runtime.entry_names import find_file, read_entry
from edgeday.server.reloading import Watched
from edgeday.wrangler import WranglerConfig

_INSTALLED = "node_modules"


def watched_files(
    entry: str | None,
    base: Path | None,
    config: WranglerConfig | None,
    scenario: Path | None,
    worker: type | None,
) -> Watched:
    """What a reload depends on.

    entry: how the worker is named. base: where its file is looked for first. config: the wrangler
    configuration that was read. scenario: the file that was read. worker: its class.
    """
    path = None if config is None else config.path
    files = [file for file in (path, scenario) if file is not None]
    bundle = getattr(worker, "bundle", None)  # a JavaScript worker is made of more than its modules
    if bundle is not None:
        files += [file for file in bundle.sources if _INSTALLED not in file.parts]
    return Watched(
        () if entry is None else tuple(_code_of(entry, base, config)),
        tuple(files),
        () if path is None else (path.parent,),
        tuple(sorted(SCRIPTS)) if bundle is not None else (".py",),
        in_thread=bundle is not None,
    )


def _code_of(entry: str, base: Path | None, config: WranglerConfig | None) -> Iterator[Path]:
    """The directories of the worker's own modules; none for a worker that is installed."""
    kind, name, _ = read_entry(entry)
    if kind != "module":
        main = config.main if config is not None and kind == "configuration" else None
        yield _project_of(find_file(name, base) if main is None else main, config)
        return
    with importable_from_here():
        spec = importlib.util.find_spec(name.partition(".")[0])
    places = [] if spec is None else [*(spec.submodule_search_locations or ())]
    if spec is not None and not places and spec.origin is not None:
        places = [str(Path(spec.origin).parent)]
    yield from (Path(place) for place in places if is_user_code(f"{place}{os.sep}"))


def _project_of(main: Path, config: WranglerConfig | None) -> Path:
    """The directory of a worker's project: its configuration's, if it lies in there."""
    project = main.parent if config is None or config.path is None else config.path.parent.resolve()
    return project if main.is_relative_to(project) else main.parent


def failing_line(error: BaseException | None) -> str:
    """The line of the user's code that could not be run, with its text; "" if none is to blame."""
    if error is None:
        return ""
    if isinstance(error, SyntaxError) and error.filename:
        site = CallSite(error.filename, error.lineno or 1, "")
    else:
        site = error_call_site(error)
    if not site.file or isinstance(error, ModuleNotFoundError):
        return failing_line(error.__cause__)
    return f"{site.place}  {linecache.getline(site.file, site.line).strip()}".rstrip()
