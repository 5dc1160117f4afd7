"""KV bindings of a configuration: any text may be the name of one."""

from __future__ import annotations

import hashlib
import keyword
from typing import Any

from edgeday.wrangler.model import Binding
from edgeday.wrangler.source import ConfigSource, quoted


def kv_bindings(source: ConfigSource, table: dict[str, Any], worker: str) -> tuple[Binding, ...]:
    """The KV bindings of the top level or of an environment; what is wrong with them is noted in the source.

    A binding without an id (wrangler makes its namespace at the first deployment) gets one that stays the
    same for its name and the worker's.
    """
    entries = table.get("kv_namespaces")
    if entries is None:
        return ()
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        hint = "write [[kv_namespaces]], in two pairs of brackets" if isinstance(entries, dict) else ""
        source.problem("kv_namespaces", "kv_namespaces is not a list of tables with binding and id", hint)
        return ()
    bindings: dict[str, Binding] = {}
    for number, entry in enumerate(entries):
        binding = _binding(source, number, entry, worker)
        if binding is None:
            continue
        if binding.name in bindings:
            source.problem(quoted(binding.name), f'two namespaces are bound as "{binding.name}"', last=True)
        else:
            bindings[binding.name] = binding
    return tuple(bindings.values())


def _binding(source: ConfigSource, number: int, entry: dict[str, Any], worker: str) -> Binding | None:
    name, id, preview_id = entry.get("binding"), entry.get("id"), entry.get("preview_id") or None
    if not isinstance(name, str) or not name:
        what = f"kv_namespaces[{number}] needs a binding, the name that code reads it by"
        source.problem(quoted(name) if isinstance(name, str) else "kv_namespaces", what)
        return None
    for key, value in (("id", id), ("preview_id", preview_id)):
        if value is not None and not _is_id(value):
            source.problem(quoted(name), f'the {key} of "{name}" is not an id')
            return None
    made = hashlib.sha256(f"{worker}/{name}".encode()).hexdigest()[:32]
    return Binding(name, id or made, f"{worker}-{name}", preview_id)


def _is_id(value: object) -> bool:
    return isinstance(value, str) and bool(value) and "/" not in value


def warn_of_names(source: ConfigSource, names: tuple[str, ...]) -> None:
    """Warn of bindings that Python code cannot write behind a dot."""
    for name in names:
        if not name.isidentifier() or keyword.iskeyword(name):
            what = f'the binding "{name}" is no name in Python: read it with getattr(env, "{name}")'
            source.warn(quoted(name), what)
