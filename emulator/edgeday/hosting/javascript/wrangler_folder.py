"""A bundle from the folder that an old wrangler writes: one before `--outfile`, which has `--outdir` alone.

The folder has the bundled script, its source map, and the files that are modules by themselves, but neither
their types nor bindings, compatibility date and flags. These are in the configuration; the types follow from
the files' endings and the configuration's `rules`, as they did for wrangler. Where they do not, because rules
go by folders that the names have lost, there is no bundle.
Source: wrangler 3.44 (`DEFAULT_MODULE_RULES`, `writeAdditionalModules`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from edgeday.wrangler.environments import choose
from edgeday.wrangler.source import ConfigSource

_TYPES = {
    "ESModule": "application/javascript+module",
    "CommonJS": "application/javascript",
    "Text": "text/plain",
    "Data": "application/octet-stream",
    "CompiledWasm": "application/wasm",
}
"""Content types of a bundle's parts, by the type that a rule gives."""
_ENDINGS = {
    ".js": "ESModule",
    ".mjs": "ESModule",
    ".txt": "Text",
    ".html": "Text",
    ".sql": "Text",
    ".bin": "Data",
    ".wasm": "CompiledWasm",
}
_OWN = ("README.md",)
"""What wrangler writes into the folder besides."""
_EXPORTS = re.compile(rb"^export[ {*]", re.MULTILINE)
_BOUNDARY = "----edgedayBundle"


class Rule(NamedTuple):
    """A rule of a configuration. type: "Text". globs: what it holds for."""

    type: str
    globs: tuple[str, ...]

    def may_hold(self, name: str) -> bool:
        """Whether it may hold for a file of this name, whose folder is not known."""
        return any(fnmatchcase(name, PurePosixPath(glob).name) for glob in self.globs)


def rules_of(config: Path | None, environment: str) -> tuple[Rule, ...]:
    """The `rules` of a configuration. Raises BadInput for one that cannot be read."""
    if config is None:
        return ()
    source = ConfigSource(config)
    return tuple(_read_rules(choose(source, environment or None).inherited("rules")))


def _read_rules(given: Any) -> Iterator[Rule]:
    for one in given if isinstance(given, list) else ():
        if isinstance(one, dict) and isinstance(one.get("globs"), list):
            yield Rule(str(one.get("type")), tuple(map(str, one["globs"])))


def bundle_of(folder: Path, main: str, rules: Sequence[Rule]) -> bytes | None:
    """The bundle, without bindings, date and flags. main: the name of the script. None where the folder does
    not show what each of its files is."""
    script = folder / main
    if not script.is_file():
        return None
    body = script.read_bytes()
    is_module = _EXPORTS.search(body) is not None
    field, kind = ("main_module", "ESModule") if is_module else ("body_part", "CommonJS")
    parts = [_part("metadata", "", json.dumps({field: main}).encode()), _part(main, _TYPES[kind], body)]
    for path in sorted(one for one in folder.rglob("*") if one.is_file() and one != script):
        name = path.relative_to(folder).as_posix()
        if name in _OWN:
            continue
        type = "application/source-map" if path.suffix == ".map" else _type_of(path.name, rules)
        if type is None or (not is_module and path.suffix != ".map"):
            return None
        parts.append(_part(name, type, path.read_bytes()))
    return b"".join(parts) + f"--{_BOUNDARY}--\r\n".encode()


def _type_of(name: str, rules: Sequence[Rule]) -> str | None:
    """The content type of a module, None where it may be one or another."""
    types = {rule.type for rule in rules if rule.may_hold(name)}
    ending = _ENDINGS.get(PurePosixPath(name).suffix)
    if ending is not None and not (ending == "ESModule" and types):  # scripts are bundled, but for a rule
        types.add(ending)
    return _TYPES.get(types.pop()) if len(types) == 1 else None


def _part(name: str, type: str, body: bytes) -> bytes:
    file = f'; filename="{name}"\r\nContent-Type: {type}' if type else ""
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
    return head.encode() + body + b"\r\n"
