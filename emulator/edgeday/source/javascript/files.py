"""Where the text of a worker's files is: on the disk, or in a bundle that was made of them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

from edgeday.errors import BadInput
from edgeday.hosting.endings import BUNDLE
from edgeday.hosting.javascript.bundles import Bundle, read_bundle
from edgeday.hosting.javascript.source_maps import SourceMap
from edgeday.source.javascript.aliases import Aliases

_SCRIPTS = frozenset({"esModule", "commonJsModule", "serviceWorkerScript"})
_MARK = re.compile(rb"^(// \S+\.[cm]?[jt]sx?\n)", re.MULTILINE)
_NOT_ITS_OWN = ("node_modules", "wrangler/templates", ".wrangler/tmp", "virtual:", "cloudflare:")


class Files(Protocol):
    """Files of a worker. first: those to begin with."""

    @property
    def first(self) -> list[Path]: ...

    def named(self, specifier: str) -> Iterable[Path]:
        """What an import may mean that is no relative path."""

    def has(self, path: Path) -> bool:
        """Whether there is such a file."""

    def text(self, path: Path, most_bytes: int) -> bytes | None:
        """The text of a file, None if it cannot be read or has more than that."""


class _OnDisk:
    def __init__(self, main: Path) -> None:
        self.first = [main.absolute()]
        self._aliases = Aliases(main.absolute())

    def named(self, specifier: str) -> Iterable[Path]:
        return self._aliases.places(specifier)

    def has(self, path: Path) -> bool:
        try:
            return path.is_file()
        except OSError:
            return False

    def text(self, path: Path, most_bytes: int) -> bytes | None:
        try:
            return path.read_bytes() if path.stat().st_size <= most_bytes else None
        except OSError:
            return None


class _InBundle:
    """What a bundle was made of, as its source maps have it; its modules, if it has none."""

    def __init__(self, texts: Mapping[Path, bytes]) -> None:
        self._texts = texts
        self.first = list(texts)

    def named(self, specifier: str) -> Iterable[Path]:
        return ()

    def has(self, path: Path) -> bool:
        return path in self._texts

    def text(self, path: Path, most_bytes: int) -> bytes | None:
        text = self._texts.get(path)
        return text if text is not None and len(text) <= most_bytes else None


def files_of(main: Path) -> Files:
    """The files of a worker. main: its file, or a bundle."""
    if main.suffix != BUNDLE:
        return _OnDisk(main)
    try:
        bundle = read_bundle(main)
    except BadInput:
        return _InBundle({})
    own = _sources_of(bundle, main.parent)
    if own:
        return _InBundle(dict(reversed(own.items())))  # what is imported stands before what does
    scripts = (one for one in bundle.modules if one.kind in _SCRIPTS)
    return _InBundle({main.parent / one.name: _without_packages(one.body) for one in scripts})


def _without_packages(text: bytes) -> bytes:
    """A bundled module without what is of packages, its lines where they were. esbuild says before each file
    which one it is; of a minified bundle that is not known, and all is left."""
    parts = _MARK.split(text)
    kept = [parts[0]]
    for mark, body in zip(parts[1::2], parts[2::2], strict=True):
        is_package = any(part.encode() in mark for part in _NOT_ITS_OWN)
        kept.append(b"\n" * (mark + body).count(b"\n") if is_package else mark + body)
    return b"".join(kept)


def _sources_of(bundle: Bundle, folder: Path) -> dict[Path, bytes]:
    """The user's own files, by their paths."""
    texts: dict[Path, bytes] = {}
    for data in bundle.source_maps.values():
        try:
            map = SourceMap(data)
            for source in map.sources:
                path = Path(os.path.normpath((bundle.folder or folder) / source))
                text = map.text(source)
                if not any(part in source for part in _NOT_ITS_OWN):
                    texts[path] = path.read_bytes() if text is None else text.encode()
        except (OSError, ValueError):
            continue
    return texts
