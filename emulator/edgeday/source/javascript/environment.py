"""The environment of a JavaScript worker: members of `env`, and the globals of a service worker."""

from __future__ import annotations

from edgeday.source.javascript.modules import binding_of
from edgeday.source.javascript.syntax import Node

_GLOBALS = frozenset({
    "Array", "Bun", "Deno", "HTMLRewriter", "Headers", "JSON", "Map", "Math", "Object", "Promise", "Reflect",
    "Set", "URL", "WebAssembly", "axios", "caches", "console", "crypto", "document", "exports", "globalThis",
    "localStorage", "module", "navigator", "performance", "process", "scheduler", "self", "sessionStorage",
    "undefined", "window",
})  # fmt: skip


def bound_name(owner: Node) -> str:
    """What an expression has of the environment, by its name there; "" of any other."""
    if owner.kind in {"member_expression", "subscript_expression"}:
        whole = owner.get("object")
        is_of_env = is_env(whole) or whole.text in {"globalThis", "self"}
        return owner.member if is_of_env else ""
    if owner.kind != "identifier":
        return ""
    found = binding_of(owner)
    if found is None:
        return "" if owner.text in _GLOBALS else owner.text
    value = found.only_value
    if value is not None and found.path and is_env(value):
        return str(found.path[0])
    if found.kind == "parameter" and len(found.path) > 1 and found.path[0] == "env":
        return str(found.path[1])
    if value is not None and not found.path and found.kind == "variable":
        return bound_name(value) if value.kind in {"member_expression", "subscript_expression"} else ""
    return ""


def is_env(node: Node) -> bool:
    """Whether an expression is the environment of a worker: `env`, `c.env`, `this.env`, `context.env`, or a
    variable that stands for it: `const settings = env as Settings`."""
    if _is_called_env(node):
        return True
    found = binding_of(node) if node.kind == "identifier" else None
    if found is None or found.kind != "variable" or found.path or found.only_value is None:
        return False
    return _is_called_env(found.only_value)


def _is_called_env(node: Node) -> bool:
    if node.kind not in {"identifier", "member_expression"} or node.head.startswith(("process.", "import.")):
        return False
    return node.head.rpartition(".")[2] in {"env", "bindings", "Bindings"}
