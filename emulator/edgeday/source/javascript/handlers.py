"""Which events a JavaScript worker handles, as far as its source shows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from edgeday.source.javascript.modules import read_worker
from edgeday.source.javascript.syntax import Node, calls_in, string_of


def answers_requests(main: Path) -> bool:
    """Whether a worker seems to answer requests: it does unless it shows a `scheduled` handler and none for
    requests."""
    handled = {name for module in read_worker(main)[:1] for name in _handled(module.tree)}
    return "scheduled" not in handled or "fetch" in handled


def shows_a_handler(main: Path) -> bool:
    """Whether a file seems to be a worker: it has a default export, or listens to events of one."""
    for module in read_worker(main)[:1]:
        if "default" in module.exports or (listened_to(module.tree) & {"fetch", "scheduled"}):
            return True
    return False


def _handled(tree: Node) -> Iterator[str]:
    """The names of the handlers: methods of what is exported, events that are listened to."""
    yield from listened_to(tree)
    for node in tree.walk():
        if node.kind == "method_definition":
            yield node.get("name").text
        elif node.kind == "pair":
            yield node.get("key").text
        elif node.kind in {"shorthand_property_identifier", "public_field_definition"}:
            yield node.get("name").text or node.text


def listened_to(tree: Node) -> set[str]:
    """The events that a service worker listens to."""
    calls = (call for call in calls_in([tree]) if call.get("function").text.endswith("addEventListener"))
    return {string_of(call.arguments[0]) or "" for call in calls if call.arguments}
