"""A JavaScript worker's code as it is uploaded: modules or a script, with what it is bound to."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple


class Module(NamedTuple):
    """A module. kind: the field of workerd's configuration: esModule, commonJsModule, text, data, wasm or
    json."""

    name: str
    kind: str
    body: bytes


@dataclass(frozen=True)
class Bundle:
    """A worker's code. main: the name of its main module, which is the first of `modules`, or of its
    script."""

    main: str
    form: Literal["modules", "service-worker"]
    modules: tuple[Module, ...]
    namespaces: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    unsupported: Mapping[str, str] = field(default_factory=dict)
    date: str = ""
    flags: tuple[str, ...] = ()
    source_maps: Mapping[str, bytes] = field(default_factory=dict)
    folder: Path | None = None
    sources: tuple[Path, ...] = ()

    @property
    def hash(self) -> str:
        """Eight hexadecimal digits of all that matters for a run."""
        whole = hashlib.sha256(repr((self.form, self.date, self.flags, self.modules)).encode())
        return whole.hexdigest()[:8]
