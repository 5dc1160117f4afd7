"""A bundle of a wrangler configuration, or of a TypeScript file, made by the user's own wrangler.

`wrangler deploy --dry-run` builds what a deployment would upload and stops there: no account, no network. Its
bundle is kept in a folder of this process until it ends, so that the same files are built once; processes
that this one starts find them by an environment variable.
Source: wrangler 3.114 and 4.86, `wrangler deploy --help`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from multiprocessing import parent_process
from pathlib import Path
from typing import NamedTuple

from edgeday.errors import BadInput, Problem
from edgeday.files import from_here
from edgeday.hosting.javascript.bundles import Bundle, read_bundle
from edgeday.hosting.javascript.own_folder import own_folder
from edgeday.hosting.javascript.source_maps import SourceMap
from edgeday.hosting.javascript.wrangler_command import Wrangler, offline_environment
from edgeday.hosting.javascript.wrangler_folder import bundle_of, rules_of
from edgeday.hosting.javascript.wrangler_output import problems_of, warnings_of

BUILDS_VARIABLE = "EDGEDAY_BUILDS"
"""Where a process's builds are, for the processes that it starts."""
_TIMEOUT_S = 300
_HASHED = re.compile(r"[0-9a-f]{40}-(.+)")
"""wrangler's name for a file that is a module by itself: the SHA-1 of its bytes before its name."""
_UNKNOWN = "Unknown argument"
"""What a wrangler says that has no `--outfile`."""
_BLOBS = re.compile(r"^- (?:text|data) blobs|^- wasm modules", re.IGNORECASE | re.MULTILINE)
"""Parts of a service worker among the bindings that wrangler lists."""
_NO_DATE = "2025-01-01"


class Target(NamedTuple):
    """What is built, by absolute paths. config: the configuration, None for a script that has none.
    environment: of it. script: another file than the configuration's main one."""

    config: Path | None
    environment: str = ""
    script: Path | None = None

    @property
    def file(self) -> Path:
        """What a person knows it by."""
        file = self.script or self.config
        assert file is not None
        return file

    @property
    def folder(self) -> Path:
        """What the sources are relative to."""
        return (self.config or self.file).parent


class Build(NamedTuple):
    """A bundle. warnings: of the worker's code."""

    bundle: Bundle
    warnings: tuple[str, ...] = ()


def build(target: Target, wrangler: Wrangler) -> Build:
    """What wrangler makes of a worker; what it made before in this process or in the one that started this
    one, if none of the files has changed since. Takes half a second and more.

    Raises BadInput with all that wrangler finds wrong, each with its place.
    """
    folder = _folder()
    kept = _Kept(folder, target, wrangler)
    known = kept.read()
    if known is not None:
        return known
    with tempfile.TemporaryDirectory(prefix="made-", dir=folder) as made_in:
        out = Path(made_in, "worker.bundle")
        said = _make(target, wrangler, out)
        bundle = read_bundle(out)
        warnings = warnings_of(said, target.folder)
        kept.write(out, tuple(_sources(target, bundle)), warnings)
    made = kept.read(is_certain=True)
    assert made is not None
    return made


def forget_builds() -> None:
    """Let the next build of everything be a new one, whether or not its files seem to have changed."""
    if BUILDS_VARIABLE in os.environ:
        for file in Path(os.environ[BUILDS_VARIABLE]).glob("*.json"):
            file.unlink(missing_ok=True)


# running it


def _make(target: Target, wrangler: Wrangler, out: Path) -> str:
    """Build into a file. Gives what wrangler wrote. Raises BadInput."""
    done = _run(target, wrangler, out, ("--outfile", str(out), "--upload-source-maps"))
    if done.code and _UNKNOWN in done.said:
        folder = out.with_suffix("")
        done = _run(target, wrangler, out, ("--outdir", str(folder)))
        if not done.code and folder.is_dir():
            _from_folder(target, wrangler, folder, out, done.said)
    if done.code or not out.is_file():
        raise BadInput(problems_of(done.said, target.folder, str(from_here(target.file))))
    return done.said


def _from_folder(target: Target, wrangler: Wrangler, folder: Path, out: Path, said: str) -> None:
    """Make a bundle of what an old wrangler wrote. Raises BadInput where that does not say enough."""
    made = None
    if not _BLOBS.search(said):
        rules = rules_of(target.config, target.environment)
        names = {path.name for path in folder.glob("*.js") if not _HASHED.fullmatch(path.name)}
        main = f"{target.script.stem}.js" if target.script is not None else next(iter(names), "")
        if target.script is not None or len(names) == 1:
            made = bundle_of(folder, main, rules)
    if made is None:
        what = f"{wrangler.says} does not write bundles: it is too old"
        raise BadInput(Problem(str(from_here(target.file)), what, "npm i -D wrangler@latest"))
    out.write_bytes(made)


class _Done(NamedTuple):
    """A run of wrangler. code: it ended with."""

    code: int
    said: str


def _run(target: Target, wrangler: Wrangler, out: Path, into: Sequence[str]) -> _Done:
    """Let wrangler build. into: the options that say where to. Raises BadInput where it does not run."""
    shown = str(from_here(target.file))
    had_folder = (target.folder / ".wrangler").exists()
    process = None
    try:
        process = subprocess.Popen(
            [wrangler.path, "deploy", *_arguments(target, into)],
            cwd=target.folder,
            env=offline_environment(out.parent, target.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that what it starts can be ended with it
        )
        said = process.communicate(timeout=_TIMEOUT_S)[0].decode("utf-8", "replace")
    except OSError as error:
        what = f"{wrangler.path} cannot be run: {error.strerror}"
        raise BadInput(Problem(shown, what, "it needs Node: https://nodejs.org")) from None
    except subprocess.TimeoutExpired:
        raise BadInput(Problem(shown, f"{wrangler.says} builds for more than {_TIMEOUT_S} s")) from None
    finally:
        if process is not None:
            _end(process)
        if not had_folder:
            _remove_empty(target.folder / ".wrangler")
    if process.returncode == 127 and "node" in said:
        raise BadInput(Problem(shown, "wrangler needs Node, which is not there", "https://nodejs.org"))
    return _Done(process.returncode, said)


def _arguments(target: Target, into: Sequence[str]) -> Iterator[str]:
    yield from ("--dry-run", *into)
    if target.script is not None:
        yield str(target.script)
    if target.config is not None:
        yield from ("--config", str(target.config))
    else:
        yield from ("--name", "worker", "--compatibility-date", _NO_DATE)
    if target.environment:
        yield from ("--env", target.environment)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it and what it started, where it did not end by itself."""
    if process.poll() is None:
        if hasattr(os, "killpg"):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, 9)
        process.kill()
        process.communicate()


def _remove_empty(folder: Path) -> None:
    """Remove the folder that wrangler leaves in a project, if nothing is in it."""
    for empty in (folder / "tmp", folder):
        with suppress(OSError):
            empty.rmdir()


# what it was made of


def _sources(target: Target, bundle: Bundle) -> Iterator[Path]:
    """The user's files in a bundle: its configuration, those of the source maps, and files that are modules
    by themselves, which are looked for beside those. Packages are not among them."""
    found = {file.resolve() for file in (target.config, target.script) if file is not None}
    for data in bundle.source_maps.values():
        with suppress(ValueError):
            for source in SourceMap(data).sources:
                path = Path(os.path.normpath(target.folder / source))
                if "node_modules" not in path.parts and path.is_file():
                    found.add(path.resolve())
    folders = {path.parent for path in found}
    for module in bundle.modules[1:]:
        named = _HASHED.fullmatch(module.name)
        if named is not None:
            found.update(path for folder in folders if (path := folder / named[1]).is_file())
    yield from sorted(found)


# keeping it


def _folder() -> Path:
    """Where builds are kept: the parent's folder in a process that edgeday started, else one of its own."""
    known = os.environ.get(BUILDS_VARIABLE)
    if known and Path(known).is_dir():
        return Path(known)
    folder = own_folder("edgeday-builds-")
    os.environ[BUILDS_VARIABLE] = str(folder)
    return folder


class _Kept:
    """A build in the folder of builds: the bundle, and beside it what it was made of."""

    def __init__(self, folder: Path, target: Target, wrangler: Wrangler) -> None:
        key = json.dumps([*map(str, target), str(wrangler.path)])
        name = hashlib.sha256(key.encode()).hexdigest()[:32]
        self._bundle = folder / f"{name}.bundle"
        self._about = folder / f"{name}.json"
        self._target = target

    def read(self, *, is_certain: bool = False) -> Build | None:
        """The build, None if there is none of these files. is_certain: there is, of these very files.

        A process that edgeday started for its own work takes it as it is: it is to run the very code that the
        one that started it has read.
        """
        try:
            about = json.loads(self._about.read_text("utf-8"))
        except (OSError, ValueError):
            return None
        if not is_certain and parent_process() is None and about["sources"] != _states(about["sources"]):
            return None
        sources = tuple(map(Path, about["sources"]))
        bundle = replace(read_bundle(self._bundle), folder=self._target.folder, sources=sources)
        if self._target.config is None:
            bundle = replace(bundle, date="")
        return Build(bundle, tuple(about["warnings"]))

    def write(self, bundle: Path, sources: Sequence[Path], warnings: Sequence[str]) -> None:
        about = {"sources": _states(map(str, sources)), "warnings": list(warnings)}
        shutil.copyfile(bundle, self._bundle)
        self._about.write_text(json.dumps(about), "utf-8")


def _states(files: Iterator[str] | dict[str, list[int]]) -> dict[str, list[int]]:
    """When each file was changed, and its size; nothing of one that is gone."""
    states = {}
    for file in files:
        with suppress(OSError):
            stat = Path(file).stat()
            states[file] = [stat.st_mtime_ns, stat.st_size]
    return states
