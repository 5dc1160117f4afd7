"""Which events a JavaScript worker handles, as far as its source shows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from edgeday.source.javascript.modules import read_worker
from edgeday.source.javascript.syntax import Node, string_of


def answers_requests(main: Path) -> bool:
    """Whether a worker seems to answer requests: it does unless it shows a `scheduled` handler and none for
    requests."""
    handled = {name for module in read_worker(main)[:1] for name in _handled(module.tree)}
    return "scheduled" not in handled or "fetch" in handled


def _handled(tree: Node) -> Iterator[str]:
    """The names of the handlers: methods of what is exported, events that are listened to."""
    for node in tree.walk():
        if node.kind == "method_definition":
            yield node.get("name").text
        elif node.kind == "pair":
            yield node.get("key").text
        elif node.kind in {"shorthand_property_identifier", "public_field_definition"}:
            yield node.get("name").text or node.text
        elif node.kind == "call_expression" and node.get("function").text.endswith("addEventListener"):
            yield string_of(node.arguments[0]) or "" if node.arguments else ""
