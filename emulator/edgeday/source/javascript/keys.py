"""Keys that a worker takes from the path of a request: what stands behind the slash of a short link."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from edgeday.source.javascript.conditions import Match
from edgeday.source.javascript.meaning import Meaning, meaning_of
from edgeday.source.javascript.patterns import joined
from edgeday.source.javascript.syntax import Node, string_of
from edgeday.source.model import parameter

_READS = frozenset({"get", "getWithMetadata"})
_WRITES = frozenset({"put", "delete"})
_NO_STORE = ("cache", "headers", "searchParams", "map", "form", "params", "cookie", "query")


class Key(NamedTuple):
    """A request of which a part of the path is a key. method: "" if nothing says it."""

    method: str
    path: str


def keys_taken_from_paths(call: Node, context: list[Match]) -> Iterator[Key]:
    """The requests whose path gives a call of KV its key. context: which requests come there."""
    function = call.get("function")
    owner = function.get("object").head.lower()
    is_read = function.member in _READS
    if not call.arguments or not (is_read or function.member in _WRITES):
        return
    if any(word in owner for word in _NO_STORE):
        return
    for name, meaning in _parts(call.arguments[0]):
        for one in context:
            if (is_read or one.method) and (not one.path or one.begins):
                path = _path(meaning, name, one)
                if path:
                    yield Key(one.method, path)


def _parts(node: Node) -> Iterator[tuple[str, Meaning]]:
    """What of a key is of the path, with what it is called."""
    meaning = meaning_of(node)
    if meaning is not None:
        yield node.text if node.kind == "identifier" else "key", meaning
    elif node.kind == "template_string" or (node.kind == "binary_expression" and string_of(node) is None):
        for inner in node.children:
            yield from _parts(inner.children[0] if inner.kind == "template_substitution" else inner)


def _path(meaning: Meaning, name: str, context: Match) -> str:
    below = context.path.strip("/").split("/") if context.path and context.begins else []
    if meaning.kind in {"tail", "path"}:
        name = "key" if meaning.kind == "path" else name
        return joined(meaning.base, parameter(name))
    if meaning.kind != "segment" or meaning.index > 4:
        return ""
    known = {**dict(enumerate(below)), **context.segments}
    segments = [known.get(number, "1") for number in range(meaning.index)]
    return joined(meaning.base, "/".join([*segments, parameter(name)]))
