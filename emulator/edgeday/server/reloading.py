"""Serving a worker anew when its files change: code, wrangler configuration, variables.

The account stays as it is; what the worker held in memory is gone. Files that cannot be served change
nothing: the worker from before goes on, and the log says what is wrong with them.
"""

from __future__ import annotations

import asyncio
import importlib
import linecache
import os
import sys
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from types import ModuleType
from typing import Final, Protocol

from edgeday.call_site import is_user_code
from edgeday.errors import BadInput
from edgeday.files import from_here
from edgeday.server.request_log import RequestLog
from edgeday.server.served import Served, Settings

MAX_DIRECTORIES: Final = 1_000
"""Directories that are watched below the worker's own."""
_SKIPPED = frozenset({"__pycache__", "node_modules", "python_modules", "site-packages", "venv"})
_VARIABLE_FILES = (".dev.vars", ".env")
_NAMED_CHANGES: Final = 3


@dataclass(frozen=True, slots=True)
class Watched:
    """What a reload depends on.

    code: directories that hold the worker's modules, and those of its project. files: that are read besides.
    variables: directories whose .dev.vars and .env files count, also those that are not there yet.
    endings: of the files of `code` that are modules. in_thread: whether reading it all takes long and imports
    nothing, as where another program builds the worker: the server goes on meanwhile.
    """

    code: tuple[Path, ...] = ()
    files: tuple[Path, ...] = ()
    variables: tuple[Path, ...] = ()
    endings: tuple[str, ...] = (".py",)
    in_thread: bool = False

    def directories(self) -> list[Path]:
        """Every directory to watch, each by itself; not what is installed, hidden or made below them."""
        within = {*(path.parent for path in self.files), *self.variables, *_code_directories(self.code)}
        return sorted(path for path in {path.resolve() for path in within} if path.is_dir())

    def those_of(self, names: Iterable[str]) -> list[Path]:
        """The files among some in the directories whose change counts."""
        return sorted({path for name in names if self._has(path := Path(name).resolve())})

    def _has(self, path: Path) -> bool:
        if path.suffix in self.endings and any(path.is_relative_to(root.resolve()) for root in self.code):
            return True
        if path.name.startswith(_VARIABLE_FILES):
            return path.parent in {directory.resolve() for directory in self.variables}
        return path in {file.resolve() for file in self.files}


def _code_directories(roots: Iterable[Path]) -> Iterator[Path]:
    count = 0
    for root in roots:
        for directory, below, _ in os.walk(root):
            below[:] = sorted(name for name in below if name not in _SKIPPED and not name.startswith("."))
            count += 1
            if count > MAX_DIRECTORIES:
                return
            yield Path(directory)


async def _changes(directories: Iterable[Path]) -> AsyncGenerator[list[str], None]:
    """The names of files as they change in some directories.

    The waiting is done in a thread of its own: `watchfiles.awatch` asks anyio for one, which Cloudflare's SDK
    of Python Workers makes run everything at once, so that the whole server would wait.
    """
    from watchfiles import watch

    stop = Event()
    changes = watch(
        *directories,
        watch_filter=None,
        recursive=False,
        ignore_permission_denied=True,
        stop_event=stop,
        raise_interrupt=False,
    )
    loop = asyncio.get_running_loop()
    try:
        while (changed := await loop.run_in_executor(None, next, changes, None)) is not None:
            yield [name for _, name in changed]
    finally:
        stop.set()


class Deployment(Protocol):
    """What is served, and what it was read from."""

    @property
    def settings(self) -> Settings: ...
    @property
    def warnings(self) -> tuple[str, ...]: ...
    @property
    def watched(self) -> Watched: ...


class Reloader:
    """Follows the files of one server.

    read: reads them anew. Raises BadInput if they cannot be served. first: what is served at first, with
    warnings that were given.
    """

    def __init__(self, read: Callable[[], Deployment], first: Deployment) -> None:
        self._read = read
        self._watched = first.watched
        self._warnings = first.warnings

    async def follow(self, served: Served, log: RequestLog) -> None:
        """Serve anew at each change, until this is cancelled."""
        clock = served.edge.clock
        while directories := self._watched.directories():
            try:
                async with aclosing(_changes(directories)) as changes:
                    async for names in changes:
                        paths = self._watched.those_of(names)
                        if paths and await self.reload(served, log, paths):
                            break
            except OSError as error:
                log.say(clock, f"changes of files are not followed: {error.strerror or error}", "odd")
                return

    async def reload(self, served: Served, log: RequestLog, paths: Iterable[Path]) -> bool:
        """Serve anew after a change of files; whether that went well."""
        changed, clock = _named(paths), served.edge.clock
        try:
            if self._watched.in_thread:
                deployment = await asyncio.get_running_loop().run_in_executor(None, self._read)
            else:
                with imported_anew(self._watched.code):
                    deployment = self._read()
        except BadInput as bad:
            what = f"{changed} changed, and cannot be served; the worker from before goes on"
            log.say_problems(clock, what, bad)
            return False
        await served.redeploy(deployment.settings)
        self._watched = deployment.watched
        warnings = [text for text in deployment.warnings if text not in self._warnings]
        self._warnings = deployment.warnings
        log.say(clock, "\n".join([f"{changed} changed: reloaded", *warnings]))
        return True


def _named(paths: Iterable[Path]) -> str:
    names = [from_here(path).as_posix() for path in sorted(paths)]
    more = len(names) - _NAMED_CHANGES
    return ", ".join(names[:_NAMED_CHANGES]) + (f" and {more} more" if more > 0 else "")


@contextmanager
def imported_anew(roots: Iterable[Path]) -> Iterator[None]:
    """Import the modules below some directories anew in this block; if it raises, they are as before."""
    within = tuple(f"{root.resolve()}{os.sep}" for root in roots)
    before = _modules_below(within)
    for name in before:
        del sys.modules[name]
    importlib.invalidate_caches()
    linecache.checkcache()
    try:
        yield
    except BaseException:
        for name in _modules_below(within):
            del sys.modules[name]
        sys.modules.update(before)
        raise


def _modules_below(within: tuple[str, ...]) -> dict[str, ModuleType]:
    """The loaded modules of the user's below some directories, by name."""
    return {
        name: module
        for name, module in list(sys.modules.items())
        if (file := getattr(module, "__file__", None))
        and file.startswith(within)
        and is_user_code(file)
        and name != "__main__"
    }
