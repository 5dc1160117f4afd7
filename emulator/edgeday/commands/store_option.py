"""The option --store: where a replay keeps its entries and counters."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from edgeday.errors import BadInput, Problem

if TYPE_CHECKING:
    from edgeday.scenario.loader import Loaded
    from edgeday.storage.records import Store

STORE_HELP = (
    'Keep entries and counters in a new file, "sqlite:PATH", to look at afterwards; {name} in PATH is the '
    "scenario's name."
)


@dataclass(frozen=True, slots=True)
class StoreOption:
    """pattern: path of the state files, "{name}" standing for a scenario's name; None: memory."""

    pattern: str | None = None

    @classmethod
    def parse(cls, text: str) -> StoreOption:
        """From "memory" or "sqlite:PATH". Raises BadInput."""
        kind, _, path = text.partition(":")
        if text == "memory":
            return cls()
        if kind != "sqlite" or not path:
            raise BadInput(Problem("--store", f"there is no store {text!r}", "give memory or sqlite:PATH"))
        return cls(path)

    def path_of(self, one: Loaded) -> Path:
        """The state file of a scenario; not for memory."""
        return Path((self.pattern or "").replace("{name}", one.scenario.name))

    def problems(self, loaded: Sequence[Loaded]) -> list[Problem]:
        """What would keep the replays from starting with nothing, as they do in memory."""
        if self.pattern is None:
            return []
        if len(loaded) > 1 and "{name}" not in self.pattern:
            hint = "write {name} in PATH, which stands for the scenario's name"
            return [Problem("--store", f"{len(loaded)} scenarios need a state file each", hint)]
        return [
            Problem("--store", f"{path} is there already", "name a new file: a replay starts with nothing")
            for path in map(self.path_of, loaded)
            if path.exists()
        ]

    @contextmanager
    def opened(self, one: Loaded) -> Iterator[Store | None]:
        """The store for a scenario while the block runs; None: the replay's own. Raises BadInput."""
        if self.pattern is None:
            yield None
            return
        from edgeday.storage.sqlite import SqliteStore

        store = SqliteStore.open_in_place(self.path_of(one))
        try:
            yield store
        finally:
            asyncio.run(store.close())
