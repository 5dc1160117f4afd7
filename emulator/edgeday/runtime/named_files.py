"""Files that an entry string names, and which of them are no Python."""

from __future__ import annotations

from pathlib import Path

from edgeday.errors import did_you_mean

CONFIGURATIONS = (".json", ".jsonc", ".toml")
_SCRIPTS = (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".jsx", ".tsx")
_FILES = (".py", *CONFIGURATIONS, *_SCRIPTS)


class BadEntry(ValueError):
    """An entry string, or a variant, that names nothing. hint: what to try, or ""."""

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.hint = hint


def is_file_name(name: str) -> bool:
    """Whether an entry names a file rather than a module."""
    return "/" in name or name.endswith(_FILES)


def split_class(entry: str) -> tuple[str, str]:
    """File or module, and class, of `src/entry.py:Class`; "" where no class is named."""
    name, colon, class_name = entry.rpartition(":")
    return (name, class_name) if colon and "/" not in class_name else (entry, "")


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
    """Raise BadEntry for a worker that is not written in Python. shown: how the person names it."""
    if main.suffix in _SCRIPTS:
        raise BadEntry(
            f"{shown} is JavaScript, and edgeday runs Python",
            "write what it does with KV and the Cache API as a class with `async def fetch(self, request)`, "
            "and name that: package.module:Class",
        )
    if main.suffix != ".py":
        raise BadEntry(f"{shown} is no Python file")


def _near(places: tuple[Path, ...], name: str) -> str:
    """A hint at a file that was likely meant."""
    for place in places:
        folder = (place / name).parent
        if folder.is_dir() and (
            near := did_you_mean(Path(name).name, [one.name for one in folder.iterdir()])
        ):
            return near
    return "it is looked for in the scenario's directory, those above it and the current one"
