"""KV bindings that can be seen in the source of a Python worker: those whose KV methods it calls."""

from __future__ import annotations

import ast
from pathlib import Path

from edgeday.source.python.routes import modules_of

_KV_METHODS = frozenset({"get", "put", "delete", "list", "getWithMetadata", "get_with_metadata"})


def kv_bindings_in(main: Path) -> list[str]:
    """The names in `env.NAME.put(...)` and the like, of a worker's file and the modules beside it, in their
    order. A variable of `env` that has a method `get` of its own may be among them."""
    names: list[str] = []
    for _, tree in modules_of(main):
        calls = sorted((node.lineno, _binding(node)) for node in ast.walk(tree) if isinstance(node, ast.Call))
        names += [name for _, name in calls if name]
    return list(dict.fromkeys(names))


def _binding(call: ast.Call) -> str:
    """The binding whose KV method a call is, "" of any other."""
    method = call.func
    if not isinstance(method, ast.Attribute) or method.attr not in _KV_METHODS:
        return ""
    binding = method.value
    is_of_env = isinstance(binding, ast.Attribute) and ast.unparse(binding.value).rpartition(".")[2] == "env"
    return binding.attr if isinstance(binding, ast.Attribute) and is_of_env else ""
