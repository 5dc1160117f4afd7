"""JavaScript's stacks in the user's own files: the line that threw or asked, and the stack as text.

V8 writes frames as `    at shop (index.js:12:5)`, the innermost first. The worker's own are shown at the
place that the source map has for them; those of the runtime and of edgeday are left out, those of packages
are counted. Source: V8's documentation, "Stack trace API".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from edgeday.call_site import UNKNOWN, CallSite
from edgeday.errors import Thrown
from edgeday.hosting.javascript.bundles import Bundle
from edgeday.hosting.javascript.source_maps import SourceMap

_PLACE = r"(?P<file>\S.*?):(?P<line>\d+):(?P<column>\d+)"
_FRAMES = tuple(
    map(
        re.compile,
        (
            rf"\s*at (?P<function>.*?) \({_PLACE}\)",
            rf"\s*at (?P<function>async )?{_PLACE}",
            rf"\s*at {_PLACE} in (?P<function>.*)",  # as workerd writes what a worker raises at its start
        ),
    )
)
_AT = "    at "
"""How V8 begins a frame."""
_SCHEME = re.compile(r"file:///(?:bundle/)?|\./")
_RUNTIME = re.compile(r"(?:edgeday|node|node-internal|cloudflare|cloudflare-internal|workerd)[:-]")
"""Scripts that are nobody's: of the shim and of the runtime."""
_NEW_PROMISE = "at new Promise (<anonymous>)"
_WAITS = re.compile(r"sleep|delay|wait|pause|timeout|later|tick|after", re.IGNORECASE)
"""In names of functions that make a promise of a timer."""
_PACKAGES = "node_modules"
_LEVELS = 4
"""Folders above that of a bundle in which its sources are looked for."""
_SHOWN = 10
"""Frames that are shown at each end; a recursion has a thousand."""
_NESTED = 5
"""Causes and other errors within one that are shown."""
_KEPT = 200
"""Stacks that are remembered, so that one that comes again costs no second reading."""
_LONGEST_LINE = 160
"""Characters of a line of the source; a bundle may be one line."""


class Position(NamedTuple):
    """A place in the user's code. file: its path. line, column: from 1. text: that line, "" if not known."""

    file: str
    line: int
    column: int
    text: str

    @property
    def package(self) -> str:
        """The package that it lies in, "" for the user's own code."""
        parts = Path(self.file).as_posix().split("/")
        if _PACKAGES not in parts:
            return ""
        inside = parts[len(parts) - parts[::-1].index(_PACKAGES) :]
        return "/".join(inside[: 2 if inside and inside[0].startswith("@") else 1])


class _Frame(NamedTuple):
    """A frame of the worker's code. function: as V8 names it, "" for none."""

    function: str
    at: Position

    @property
    def site(self) -> CallSite:
        return CallSite(self.at.file, self.at.line, self.function.removeprefix("async "))


class Stacks:
    """Reads the stacks of one bundle. handler_sites: where its handlers are written, by name, once that is
    known."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self.handler_sites: Mapping[str, CallSite] = {}
        self._maps: dict[str, SourceMap | None] = {}
        self._sites: dict[str, CallSite] = {}
        self._thrown: dict[str, Thrown] = {}

    def site(self, stack: str) -> CallSite:
        """The innermost line of the user's code in a stack, UNKNOWN if there is none."""
        known = self._sites.get(stack)
        if known is None:
            if len(self._sites) >= _KEPT:
                self._sites.clear()
            own = (frame.site for frame in self._frames(stack) if not frame.at.package)
            known = self._sites[stack] = next(own, UNKNOWN)
        return known

    def nearest(self, stack: str) -> CallSite:
        """The innermost line of the user's code in a stack; of a package's, if it runs through no other."""
        site = self.site(stack)
        return site if site.file else next((frame.site for frame in self._frames(stack)), UNKNOWN)

    def thrown(self, error: Mapping[str, Any]) -> Thrown:
        """Where an error was thrown, and its stack as text. error: as the shim describes it (errors.js)."""
        key = repr(error)
        known = self._thrown.get(key)
        if known is None:
            if len(self._thrown) >= _KEPT:
                self._thrown.clear()
            site = self.site(error["stack"])
            known = self._thrown[key] = Thrown(*site, "\n".join(self._text(error)))
        return known

    def waits(self, stack: str) -> CallSite:
        """The line that waits for a timer whose stack this is: of a function that only makes a promise of it,
        such as `sleep`, the line that calls that."""
        lines = stack.splitlines()
        made = next((at for at, line in enumerate(lines) if line.strip().startswith(_NEW_PROMISE)), None)
        if made is not None:
            frames = [frame for frame in self._frames("\n".join(lines[made + 1 :])) if not frame.at.package]
            if len(frames) > 1 and _WAITS.search(frames[0].function.rpartition(".")[2]):
                frames = frames[1:]
            if frames:
                return frames[0].site
        return self.site(stack)

    def innermost(self, stack: str) -> Position | None:
        """The innermost place in the user's code, with its column; None if there is none."""
        return next((frame.at for frame in self._frames(stack) if not frame.at.package), None)

    def position(self, module: str, line: int, column: int) -> Position:
        """Where a place of a module of the bundle comes from; the place itself if that is not known."""
        map = self._map_of(module)
        try:
            found = None if map is None else map.position(line, column)
        except ValueError:  # a damaged map
            found = None
        if map is None or found is None:
            return Position(self._file_of(module), line, column, self._line_of(module, line))
        path = Path(found.source) if self._folder is None else self._folder / found.source
        text = (map.text(found.source) or "").splitlines()
        said = text[found.line - 1] if found.line <= len(text) else ""
        return Position(_normal(path), found.line, found.column, said)

    @property
    def changed_sources(self) -> tuple[Path, ...]:
        """The user's files that are not what the bundle was made of, as far as its source maps tell."""
        if self._folder is None:
            return ()
        maps = [map for name in self._bundle.source_maps if (map := self._map_of(name)) is not None]
        made_of = {
            self._folder / source: text
            for map in maps
            for source in map.sources
            if source and _PACKAGES not in source and (text := map.text(source)) is not None
        }
        return tuple(path for path, text in made_of.items() if _is_another(path, text))

    def shown(self, text: str) -> str:
        """A text that the worker wrote, with the frames of its bundle that are in it at their places in the
        user's own files. Packages keep their frames: whoever logs a stack may want them."""
        if _AT not in text:
            return text
        return "\n".join(map(self._shown_line, text.split("\n")))

    def place_of_code(self, text: str) -> CallSite:
        """Where a function of the worker is written. text: its source, as JavaScript gives it."""
        for name, body in self._modules.items():
            at = body.find(text)
            if at >= 0 and body.find(text, at + 1) < 0:
                before = body[:at]
                line, column = before.count("\n") + 1, at - before.rfind("\n")
                position = self.position(name, line, column)
                return UNKNOWN if position.package else CallSite(position.file, position.line, "")
        return UNKNOWN

    def _shown_line(self, line: str) -> str:
        found = _frame_in(line)
        module = "" if found is None else _SCHEME.sub("", found["file"], count=1)
        if found is None or module not in self._modules:
            return line
        at = self.position(module, int(found["line"]), int(found["column"]))
        place = f"{CallSite(at.file, at.line, '').place}:{at.column}"
        return f"{line[: found.start('file')]}{place}{line[found.end('column') :]}"

    def _text(self, error: Mapping[str, Any], before: str = "", left: int = _NESTED) -> Iterator[str]:
        frames = list(self._frames(error["stack"]))
        if not before and not any(not frame.at.package for frame in frames) and not error.get("cause"):
            return
        name, message = error["name"], error["message"]
        yield f"{before}{name}: {message}" if message else f"{before}{name}"
        yield from _lines_of(frames)
        for number, inner in enumerate((error.get("errors") or ())[:left]):
            yield from self._text(inner, f"errors[{number}]: ", left - 1)
        if error.get("cause") and left:
            yield from self._text(error["cause"], "caused by ", left - 1)

    def _frames(self, stack: str) -> Iterator[_Frame]:
        for line in stack.splitlines():
            found = _frame_in(line)
            if found is None or _RUNTIME.match(found["file"]):
                continue
            module = _SCHEME.sub("", found["file"], count=1)
            if module in self._modules:
                at = self.position(module, int(found["line"]), int(found["column"]))
                yield _Frame(found["function"] or "", at)

    @cached_property
    def _folder(self) -> Path | None:
        """The folder that the sources lie in: the bundle's, or one above it, for `dist/worker.bundle`; None
        if they are nowhere."""
        folder = self._bundle.folder
        if folder is None:
            return None
        maps = [map for name in self._bundle.source_maps if (map := self._map_of(name)) is not None]
        sources = [source for map in maps for source in map.sources if source and _PACKAGES not in source]
        folders = (folder, *folder.parents[:_LEVELS])
        return next((one for one in folders if any((one / source).is_file() for source in sources)), None)

    @cached_property
    def _modules(self) -> Mapping[str, str]:
        """The text of the modules that are code, by name."""
        return {
            one.name: one.body.decode("utf-8", "replace")
            for one in self._bundle.modules
            if one.kind in {"esModule", "commonJsModule", "serviceWorkerScript"}
        }

    def _map_of(self, module: str) -> SourceMap | None:
        if module not in self._maps:
            data = self._bundle.source_maps.get(module)
            try:
                self._maps[module] = None if data is None else SourceMap(data)
            except ValueError:
                self._maps[module] = None
        return self._maps[module]

    def _file_of(self, module: str) -> str:
        """The file of a module that has no map: its own, if it is one of the user's, else its name."""
        folder = self._bundle.folder
        if folder is not None:
            file = (folder / module).resolve()
            if file in self._bundle.sources:
                return str(file)
        return module

    def _line_of(self, module: str, line: int) -> str:
        lines = self._modules.get(module, "").split("\n")
        return lines[line - 1] if line <= len(lines) else ""


def _frame_in(line: str) -> re.Match[str] | None:
    """A line as a frame of a stack, None if it is none."""
    return next(filter(None, (form.fullmatch(line) for form in _FRAMES)), None)


def _is_another(path: Path, text: str) -> bool:
    """Whether a file that is there has another text."""
    try:
        return path.read_bytes().decode("utf-8").splitlines() != text.splitlines()
    except (OSError, ValueError):  # not there, which says nothing
        return False


def _normal(path: Path) -> str:
    """A path without `..` in it, where that can be told without looking at the disk."""
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and parts and parts[-1] not in {"..", path.anchor}:
            parts.pop()
        else:
            parts.append(part)
    return str(Path(*parts))


def _lines_of(frames: list[_Frame]) -> Iterator[str]:
    """The frames as text: packages are counted, a line that comes again and again is shown once, and of a
    long stack both ends are."""
    groups = [(one, len(list(alike))) for one, alike in groupby(frames, key=_shown_as)]
    left_out = len(groups) - 2 * _SHOWN
    for number, (one, count) in enumerate(groups):
        if number == _SHOWN and left_out > 0:
            yield f"    ... {left_out} more"
        if left_out > 0 and _SHOWN <= number < _SHOWN + left_out:
            continue
        if isinstance(one, str):
            yield f"    ... {count} {'frame' if count == 1 else 'frames'} of {one}"
            continue
        yield from _line_of(one)
        if count > 1:
            yield f"    ... {count - 1} more of this line"


def _shown_as(frame: _Frame) -> _Frame | str:
    """A frame, or the package that it is of."""
    return frame.at.package or frame


def _line_of(frame: _Frame) -> Iterator[str]:
    function, at = frame
    place = f"{CallSite(at.file, at.line, '').place}:{at.column}"
    is_named = function not in {"", "async "}
    yield f"    at {function} ({place})" if is_named else f"    at {function}{place}"
    text = at.text.strip()
    if 0 < len(text) <= _LONGEST_LINE:
        yield f"        {text}"
