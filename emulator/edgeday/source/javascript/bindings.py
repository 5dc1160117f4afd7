"""KV bindings that can be seen in the source of a JavaScript worker.

Those of a module are members of its `env` whose KV methods are called, or that a type calls KVNamespace;
those of a service worker are globals that nothing declares.
"""

from __future__ import annotations

from pathlib import Path

from edgeday.source.javascript.environment import bound_name
from edgeday.source.javascript.modules import read_worker
from edgeday.source.javascript.syntax import Node, is_function, string_of

_KV_METHODS = frozenset({"get", "put", "delete", "list", "getWithMetadata"})
_OF_OTHERS = frozenset({
    "head", "createMultipartUpload", "resumeMultipartUpload", "idFromName", "idFromString", "newUniqueId",
    "getByName", "prepare", "fetch", "send", "sendBatch", "run", "query", "writeDataPoint", "upsert",
    "connect",
})  # fmt: skip
"""Methods that no KV binding has, and a binding of another kind has."""


def kv_bindings_in(main: Path) -> list[str]:
    """The names of the KV bindings that a worker's file and what it imports use, in their order. A binding of
    another kind that has a method `get` may be among them."""
    names: dict[str, None] = {}
    others: set[str] = set()
    for module in read_worker(main):
        for node in module.tree.walk():
            typed = _typed(node)
            if typed:
                names.setdefault(typed)
            if node.kind == "call_expression":
                binding = bound_name(node.get("function").get("object"))
                if any(is_function(one) for one in node.arguments):
                    continue
                if binding and node.get("function").member in _KV_METHODS:
                    names.setdefault(binding)
                elif binding and node.get("function").member in _OF_OTHERS:
                    others.add(binding)
            elif (other := _typed(node, is_kv=False)) and other:
                others.add(other)
    return [name for name in names if name not in others]


def _typed(node: Node, *, is_kv: bool = True) -> str:
    """What a type says is a KV namespace (or a binding of another kind): a property of an interface, a global
    that is declared."""
    kind = node.get("type").text.lstrip(": ").partition("<")[0]
    if (
        node.kind not in {"property_signature", "variable_declarator"}
        or (kind in {"KVNamespace", "KV.Namespace"}) is not is_kv
    ):
        return ""
    if not is_kv and not kind.startswith(("R2Bucket", "DurableObjectNamespace", "D1Database", "Queue")):
        return ""
    if node.kind == "variable_declarator" and node.get("value"):
        return ""
    name = node.get("name")
    return string_of(name) or name.text
