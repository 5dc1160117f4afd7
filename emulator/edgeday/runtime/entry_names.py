"""What an entry string names: a module, a file or a wrangler configuration; and the files among them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple

from edgeday.errors import nearest
from edgeday.hosting.endings import BUNDLE, SCRIPTS

EntryKind = Literal["module", "file", "configuration"]
_CONFIGURATIONS = (".json", ".jsonc", ".toml")
_FILES = (".py", *_CONFIGURATIONS, *sorted(SCRIPTS), BUNDLE)


class BadEntry(ValueError):
    """An entry string, or a variant, that names nothing. hint: what to try, or ""."""

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.hint = hint


class EntryName(NamedTuple):
    """An entry string in its parts. name: of the file, as it is written, or of the module. class_name: "" for
    the usual one."""

    kind: EntryKind
    name: str
    class_name: str


def read_entry(entry: str) -> EntryName:
    """The parts of `src/entry.py`, `src/entry.py:Class`, `src/index.ts`, `dist/worker.bundle`,
    `wrangler.jsonc` or `package.module:Class`; what has a slash, or the ending of a file, is a path. Raises
    BadEntry for anything else."""
    name, colon, class_name = entry.rpartition(":")
    if not colon or "/" in class_name:
        name, class_name = entry, ""
    if name.endswith(_CONFIGURATIONS):
        if class_name:
            raise BadEntry(
                f"{name} has no classes: its main says which file it is", f"write src/entry.py:{class_name}"
            )
        return EntryName("configuration", name, "")
    if "/" in name or name.endswith(_FILES):
        return EntryName("file", name, class_name)
    if not all(part.isidentifier() for part in (*name.split("."), class_name)):
        what = f'"{entry}" names no class; write package.module:Class'
        raise BadEntry(what, "or a file: src/entry.py, src/index.ts, wrangler.jsonc")
    return EntryName("module", name, class_name)


def kind_of_entry(entry: str) -> EntryKind | None:
    """What an entry string names, None if it names nothing."""
    try:
        return read_entry(entry).kind
    except BadEntry:
        return None


def find_file(name: str, base: Path | None) -> Path:
    """A file, looked for in `base`, the directories above it and the current one. Raises BadEntry."""
    start = Path.cwd() if base is None else base.resolve()
    places = (start, *start.parents, Path.cwd())
    for place in places:
        if (place / name).is_file():
            return (place / name).resolve()
    path = start / name
    if path.is_dir():
        raise BadEntry(f"{name} is a directory", "name the worker's file, or its wrangler.jsonc")
    raise BadEntry(f"there is no file {name}", _near(places, name))


def check_python(main: Path, shown: str) -> None:
    """Raise BadEntry for a file that is neither Python nor JavaScript. shown: how the person names it."""
    if main.suffix != ".py":
        raise BadEntry(f"{shown} is no Python file, and no JavaScript or TypeScript either")


def _near(places: tuple[Path, ...], name: str) -> str:
    """A hint at a file that was likely meant: beside the scenario, one directory above it, or here. What lies
    further up is somebody else's."""
    for place in dict.fromkeys((*places[:2], places[-1])):
        folder = (place / name).parent
        if not folder.is_dir():
            continue
        beside = Path(name).parent
        files = {one.name: (beside / one.name).as_posix() for one in folder.iterdir() if one.suffix in _FILES}
        if near := nearest(Path(name).name, files):
            return f'did you mean "{files[near]}"?'
    return "it is looked for in the scenario's directory, those above it and the current one"
