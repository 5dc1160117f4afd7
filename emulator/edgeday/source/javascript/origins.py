"""Hosts that a JavaScript worker fetches from, as far as its source shows them. Nothing of it is run.

Shown is a host that stands in the text of a URL which reaches the platform's `fetch(...)`: written there, in
a constant or a variable that is set once, or handed to a function that fetches it. Where anything is in
doubt, nothing is shown; a run sees it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from edgeday.source.javascript.functions import called_by
from edgeday.source.javascript.modules import Module, binding_of, module_of, other_workers, read_worker
from edgeday.source.javascript.syntax import Node, is_function
from edgeday.source.javascript.texts import text_of
from edgeday.source.model import FetchedHost, Text

_FETCH = frozenset({"fetch", "globalThis.fetch", "self.fetch", "window.fetch"})
_FALSE = frozenset({"false", "0"})
_DECLARED = frozenset({"function_declaration", "generator_function_declaration"})
_NAMES = frozenset({"identifier", "shorthand_property_identifier", "property_identifier"})
_DEEPEST = 3


def fetched_hosts(main: Path, variables: Mapping[str, Any]) -> list[FetchedHost]:
    """The hosts that a worker's file and what it imports show, in their order, each once. variables: those
    that it is given."""
    modules = read_worker(main)
    for one in modules:
        one.variables = variables
    hosts: dict[str, FetchedHost] = {}
    for node, url in _fetched(modules):
        module = module_of(node)
        if url.host and module is not None:
            hosts.setdefault(url.host, FetchedHost(url.host, module.place(node)))
    return list(hosts.values())


def _fetched(modules: Sequence[Module]) -> Iterator[tuple[Node, Text]]:
    """What is fetched, with the call that says it."""
    used = _names_used(modules)
    others = other_workers(modules)
    calls = [call for module in modules for call in _calls(module.tree, used, others)]
    by_function: dict[int, list[Node]] = defaultdict(list)
    for call in calls:
        if not _is_fetch(call):
            for function in called_by(call):
                by_function[id(function)].append(call)
    for call in calls:
        if _is_fetch(call) and call.arguments:
            yield call, text_of(call.arguments[0])
            yield from _handed(call.arguments[0], by_function, 0)


def _handed(url: Node, by_function: dict[int, list[Node]], depth: int) -> Iterator[tuple[Node, Text]]:
    """What callers hand to a function that fetches its parameter."""
    binding = binding_of(url) if url.kind == "identifier" else None
    if binding is None or binding.kind != "parameter" or binding.path or binding.values or depth > _DEEPEST:
        return
    if binding.is_set_elsewhere or url.scope is None:
        return
    scope = url.scope
    while scope.names.get(url.text) is not binding and scope.parent is not None:
        scope = scope.parent
    parameters = [one.get("pattern").text or one.text for one in scope.node.get("parameters").children]
    single = scope.node.get("parameter").text
    parameters = [single] if single else parameters
    for call in by_function.get(id(scope.node), ()) if url.text in parameters else ():
        at = parameters.index(url.text)
        if at < len(call.arguments):
            yield call, text_of(call.arguments[at])
            yield from _handed(call.arguments[at], by_function, depth + 1)


def _is_fetch(call: Node) -> bool:
    """Whether a call is of the platform's `fetch`, and of no function or parameter of that name."""
    function = call.get("function")
    return function.head in _FETCH and (function.kind != "identifier" or binding_of(function) is None)


def _names_used(modules: Sequence[Module]) -> set[str]:
    """Every name that something reads or exports, but where a function is declared."""
    names: set[str] = set()
    for module in modules:
        for node in module.tree.walk():
            own = node.get("name") if node.kind in _DECLARED else None
            for child in node.children:
                if child is not own and child.kind in _NAMES:
                    names.add(child.text)
            if node.kind == "export_statement":
                names.add(node.get("declaration").get("name").text)
    return names


def _calls(tree: Node, used: set[str], others: set[int]) -> Iterator[Node]:
    """The calls in code that something may run, in their order."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        children = node.children
        if node.kind == "if_statement" and node.get("condition").head in _FALSE:
            children = [node.get("alternative")]
        elif id(node) in others or (is_function(node) and _is_unused(node, used)):
            continue
        if node.kind == "call_expression":
            yield node
        waiting += reversed(children)


def _is_unused(function: Node, used: set[str]) -> bool:
    """Whether nothing calls a function that is declared: a handler of a worker is no such function."""
    return function.kind in _DECLARED and function.get("name").text not in used
