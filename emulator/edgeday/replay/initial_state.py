"""Puts what KV holds at the start of a run into its store, before anything else happens."""

from __future__ import annotations

from itertools import islice

from edgeday.events import SEED, Operation
from edgeday.runtime.edge import Edge
from edgeday.scenario.model import Scenario

_AT_ONCE = 1_000


async def fill_kv(edge: Edge, scenario: Scenario) -> None:
    """Put a scenario's initial entries into the central store, over what it holds; an event for each key."""
    names = {namespace: name for name, namespace in reversed(list(scenario.bindings.items()))}
    now = edge.clock.now()
    for namespace, entries in scenario.initial_entries.items():
        binding = names.get(namespace, namespace)
        rest = iter(entries.items())
        while batch := list(islice(rest, _AT_ONCE)):
            await edge.production.central.kv_put(None, namespace, batch, 0.0)
            for key, entry in batch:
                edge.events.emit(
                    Operation(
                        now,
                        "kv",
                        SEED,
                        binding,
                        key,
                        "stored",
                        "",
                        0,
                        len(entry.value),
                        0,
                        "",
                        edge.colo,
                        entry.expires_at,
                        metadata_bytes=0 if entry.metadata is None else len(entry.metadata.encode()),
                    )  # fmt: skip
                )
