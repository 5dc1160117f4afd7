"""The port does what the worker's JavaScript was recorded doing: ids, operations, results, clock, keys.

Cases tagged `js-error-text` quote the JavaScript engine's words: those are compared up to the quotation.
"""

from __future__ import annotations

from typing import Any

import pytest

from edgeday.web.ambient import current_runtime
from worker_port import ids

from .fakes import World
from .player import Player
from .recorded import Case


@pytest.fixture
def drawn_ids(monkeypatch):
    """The ids that the port generates, in order."""
    drawn: list[str] = []
    generate = ids.generate_unique_id

    def generate_and_note(prefix: str | None = "id") -> str:
        drawn.append(generate(prefix))
        return drawn[-1]

    for module in ("ids", "ai_log", "plans"):
        monkeypatch.setattr(f"worker_port.{module}.generate_unique_id", generate_and_note)
    return drawn


async def test_the_port_does_what_the_worker_did(trace: Case, drawn_ids, record_property):
    record_property("trace", (trace.variant, trace.group))
    world = World(trace.data)
    player = Player(trace, world)
    token = current_runtime.set(world)
    try:
        for step in trace.data["steps"]:
            drawn_ids.clear()
            result = await player.play(step)
            place = f"step {step['step']}, {step['call']}"
            assert _without_quotation(result, trace) == _without_quotation(step["result"], trace), place
            assert world.ops == step.get("ops", []), place
            assert drawn_ids == step.get("ids", []), place
            assert world.clock_ms == step.get("clock_ms_after", step["clock_ms"]), place
    finally:
        current_runtime.reset(token)
    assert _sorted_keys(world) == trace.data["final_keys"]


def _without_quotation(result: dict[str, Any], trace: Case) -> dict[str, Any]:
    if "js-error-text" not in trace.tags or "error" not in result.get("body_json", ()):
        return result
    in_brief = dict(result)
    in_brief["body_json"] = {"error": result["body_json"]["error"].partition(": ")[0]}
    in_brief.pop("body_sha256")
    return in_brief


def _sorted_keys(world: World) -> dict[str, list[str]]:
    """The keys left in each store, by UTF-16 code units."""
    return {
        name: sorted(store, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        for name, store in world.stores.items()
    }
