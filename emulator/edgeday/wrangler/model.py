"""What edgeday takes from a wrangler configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Binding:
    """A KV binding. title: what the namespace is called unless it has a name already. preview_id: of the
    namespace that takes its place in previews, None if there is none."""

    name: str
    namespace_id: str
    title: str
    preview_id: str | None = None


@dataclass(frozen=True, slots=True)
class WranglerConfig:
    """A configuration, or one environment of it.

    vars: plain variables and local secrets, as the worker's `env` has them. secrets: the names of those
    whose values come from `secret_files` (.dev.vars or .env), which no report may show. warnings: what
    wrangler would warn of, and what is not emulated, as sentences with their place. path: of the file.
    main: the worker's file, as an absolute path, None if nothing says it. main_line: where that stands.
    compatibility_date: YYYY-MM-DD, "" if nothing says it. crons: expressions of `triggers.crons`, as they are
    written. unsupported: what the worker is bound to and edgeday does not emulate, in words ("D1 database
    DB"). unsupported_bindings: those of it that `env` has, by name, each with its kind. environments: the
    names of all there are. environment: the one that this is, "" for the top level.
    """

    name: str
    account_id: str | None = None
    bindings: tuple[Binding, ...] = ()
    vars: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    path: Path | None = None
    main: Path | None = None
    main_line: int = 0
    compatibility_date: str = ""
    compatibility_flags: tuple[str, ...] = ()
    crons: tuple[str, ...] = ()
    unsupported: tuple[str, ...] = ()
    unsupported_bindings: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    secret_files: tuple[Path, ...] = ()
    environments: tuple[str, ...] = ()
    environment: str = ""

    @property
    def plain_vars(self) -> dict[str, Any]:
        """The variables that stand in the configuration itself: no secrets."""
        return {name: value for name, value in self.vars.items() if name not in self.secrets}
