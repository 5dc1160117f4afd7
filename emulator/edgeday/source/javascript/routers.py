"""Routes that frameworks are told by calls: Hono, itty-router, worktop and whatever is used as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from edgeday.source.javascript.conditions import texts_in, url_pattern_of
from edgeday.source.javascript.modules import Module, binding_of, definition_of, member_of, value_of_member
from edgeday.source.javascript.patterns import Path, joined, of_regex, of_router
from edgeday.source.javascript.syntax import NOTHING, Node, calls_in, is_function, regex_of, string_of
from edgeday.source.model import METHODS

_EVERY = frozenset({"all", "any"})
_ADDS = frozenset({"on", "add", "register", "route", "handle", "addRoute", "method"})
_MOUNTS = frozenset({"route", "mount", "use", "register", "all"})
_MADE_OF = re.compile(r"router|hono|app$|itty|express|koa|openapi|worktop|server|elysia", re.IGNORECASE)
_CALLED = re.compile(r"r|t|\w*(?:app|router|routes?|api|hono|server|web|controller|group)", re.IGNORECASE)
_NO_ROUTER = re.compile(
    r"cache|kv\b|\benv\b|axios|http|client|fetch|agent|session|storage|map\b|store|headers|param|redis|\bdb\b",
    re.IGNORECASE,
)
_HANDLERS = frozenset({
    "arrow_function", "function_expression", "identifier", "member_expression", "call_expression",
    "spread_element", "array", "subscript_expression", "generator_function",
})  # fmt: skip
_DEEPEST = 8


class Told(NamedTuple):
    """What a call tells a router. methods: empty for any. paths: without what stands before them. handlers:
    what is run then, in order. router: the expression of it."""

    methods: list[str]
    paths: list[Path]
    handlers: list[Node]
    router: Node


class _Router(NamedTuple):
    """A router by where it is made, and what stands before the paths that it is told at one place."""

    made: Node
    prefix: str = ""


@dataclass(slots=True)
class Routers:
    """The routers of a worker: which stands below which, and under which path."""

    modules: list[Module]
    _mounted: dict[int, list[tuple[_Router, str]]] = field(default_factory=dict)
    _calls: dict[str, list[Node]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for module in self.modules:
            for call in module.tree.walk():
                if call.kind == "call_expression":
                    function = call.get("function")
                    self._calls.setdefault(function.member or function.head, []).append(call)
        for name in _MOUNTS:
            for call in sorted(self._calls.get(name, ()), key=lambda call: call.end):
                self._note_mount(call)

    def prefixes(self, router: Node) -> list[str]:
        """What stands before the paths that a router is told; several where it is mounted several times."""
        found = self._router_of(router)
        return [""] if found is None else [joined(one, found.prefix) for one in self._below(found.made)]

    def _below(self, made: Node, depth: int = 0) -> list[str]:
        own = _own_prefix(made)
        if depth > _DEEPEST or id(made) not in self._mounted:
            return [own]
        places = self._mounted[id(made)]
        prefixes = [
            joined(joined(joined(above, parent.prefix), under), own)
            for parent, under in places
            for above in self._below(parent.made, depth + 1)
        ]
        return list(dict.fromkeys(prefixes))[:3]

    def _note_mount(self, call: Node) -> None:
        function, arguments = call.get("function"), call.arguments
        paths = list(texts_in(arguments[0])) if len(arguments) > 1 else []
        if not paths:
            return
        below = arguments[1]
        if below.kind == "member_expression" and below.member in {"fetch", "handle", "routes"}:
            below = below.get("object")
        parent, child = self._router_of(function.get("object")), self._router_of(below)
        if parent is None or child is None or parent.made is child.made:
            return
        if function.member == "all" and (_own_prefix(child.made) or below.kind != arguments[1].kind):
            return  # a router of itty-router says its whole paths itself
        for path in paths:
            under = of_router(re.sub(r"/?\*\w*$", "", path) or "/")
            if under is not None:
                self._mounted.setdefault(id(child.made), []).append((parent, under.text))

    def _router_of(self, node: Node, depth: int = 0) -> _Router | None:
        """Where a router is made, and what a chain of calls puts before its paths."""
        if depth > _DEEPEST:
            return None
        if node.kind == "call_expression":
            return self._of_call(node, depth)
        if node.kind == "new_expression":
            return _Router(node)
        if node.kind == "identifier":
            binding = binding_of(node)
            if binding is not None and binding.kind == "parameter":
                return self._of_parameter(node, depth)
            found = definition_of(node)
            value = None if found is None else member_of(found.value, found.path)
            if value is None or value.kind in {"identifier", "arrow_function"}:
                return None
            return self._router_of(value, depth + 1)
        if node.kind == "member_expression":
            value = value_of_member(node)
            return None if value is None else self._router_of(value, depth + 1)
        return None

    def _of_call(self, node: Node, depth: int) -> _Router | None:
        function = node.get("function")
        if function.member:
            found = self._router_of(function.get("object"), depth + 1)
            if found is not None and function.member == "basePath" and node.arguments:
                path = next((of_router(text) for text in texts_in(node.arguments[0])), None)
                return found if path is None else _Router(found.made, joined(found.prefix, path.text))
            return found
        given = (self._router_of(one, depth + 1) for one in node.arguments[:1] if one.kind == "identifier")
        wrapped = next((one for one in given if one is not None), None)
        if wrapped is not None:
            return _Router(wrapped.made, joined(wrapped.prefix, _own_prefix(node)))
        definition = definition_of(function) if function.kind == "identifier" else None
        if definition is not None and is_function(definition.value):
            return self._returned_by(definition.value, depth) or _Router(node)
        return _Router(node)

    def _returned_by(self, function: Node, depth: int) -> _Router | None:
        """The router that a function returns, if it tells it routes: else each call makes one of its own."""
        body = function.get("body")
        if not any(told_by(call) is not None for call in calls_in([body])):
            return None
        if body.kind != "statement_block":
            return self._router_of(body, depth + 1)
        for statement in body.children:
            if statement.kind == "return_statement" and statement.children:
                return self._router_of(statement.children[0], depth + 1)
        return None

    def _of_parameter(self, name: Node, depth: int) -> _Router | None:
        """The router that a function is given: by the first call of it that says one."""
        function = name.scope.function.node if name.scope is not None else NOTHING
        parameters = [one.get("pattern") or one for one in function.get("parameters").children]
        at = next((at for at, one in enumerate(parameters) if one.text == name.text), None)
        if at is None:
            return None
        for call in self._calls.get(_name_of(function), ()):
            if at < len(call.arguments):
                found = self._router_of(call.arguments[at], depth + 1)
                if found is not None:
                    return found
        return None


def _name_of(function: Node) -> str:
    """What a function is called, by its declaration or by the variable that it is the value of."""
    if function.get("name"):
        return function.get("name").text
    scope = None if function.scope is None else function.scope
    names = {} if scope is None else scope.names
    return next((name for name, one in names.items() if any(value is function for value in one.values)), "")


def _own_prefix(made: Node) -> str:
    """What a router is made with: `Router({ base: "/api" })`."""
    for options in made.arguments:
        for name in ("base", "basePath", "prefix"):
            value = member_of(options, (name,)) if options.kind == "object" else None
            path = None if value is None else next((of_router(text) for text in texts_in(value)), None)
            if path is not None:
                return path.text if path.text != "/" else ""
    return ""


def told_by(call: Node) -> Told | None:
    """What a call tells a router, None if it tells none anything."""
    function, arguments = call.get("function"), call.arguments
    name, router = function.member, function.get("object")
    if not name or not arguments or arguments[-1].kind not in _HANDLERS | {"object"}:
        return None
    if name == "openapi":
        return _of_description(arguments, router)
    if arguments[-1].kind == "object":
        return None
    verb = "DELETE" if name == "del" else name.upper()
    if verb in METHODS or name in _EVERY:
        paths, handlers = list(_paths(arguments[0])), arguments[1:]
        if not paths and (is_function(arguments[0]) or router.kind == "call_expression"):
            paths, handlers = _path_before(router), arguments
        methods = [verb] if verb in METHODS else []
    elif name in _ADDS and len(arguments) > 2:
        methods = [text.upper() for text in texts_in(arguments[0])]
        if not methods or not all(one in METHODS or one in {"ALL", "ANY", "*"} for one in methods):
            return None
        methods = [one for one in methods if one in METHODS]
        paths, handlers = list(_paths(arguments[1])), arguments[2:]
    else:
        return None
    if not paths and methods and string_of(arguments[0]) == "*":
        paths = [Path("/1", True)]
    if handlers and _refuses(handlers[-1]):
        paths = [path for path in paths if not path.begins]
    if not paths or not handlers or not _is_router(router, handlers[-1]):
        return None
    return Told(methods, paths, handlers, router)


def _value(node: Node) -> Node:
    found = definition_of(node) if node.kind == "identifier" else None
    return node if found is None else found.value


def _refuses(handler: Node) -> bool:
    """Whether what answers all that nothing else does only says so."""
    if not is_function(handler) or any(node.kind == "if_statement" for node in handler.walk()):
        return False
    return re.search(r"\b40[45]\b|not ?found", handler.text, re.IGNORECASE) is not None


def _of_description(arguments: list[Node], router: Node) -> Told | None:
    """`app.openapi(createRoute({ method: "get", path: "/a/{id}" }), handler)`."""
    first = arguments[0]
    value = value_of_member(first) if first.kind == "member_expression" else _value(first)
    if value is None:
        return None
    description = value.arguments[0] if value.kind == "call_expression" and value.arguments else value
    method, path = (member_of(description, (key,)) for key in ("method", "path"))
    if method is None or path is None:
        return None
    methods = [text.upper() for text in texts_in(method) if text.upper() in METHODS]
    return Told(methods, list(_paths(path)), arguments, router)


def _paths(node: Node) -> Iterator[Path]:
    """The paths that an argument names: as text, several of them, a pattern."""
    for text in texts_in(node):
        path = of_router(text) if text.startswith(("/", "*/", ".*/", ":", "^/")) else None
        if path is not None:
            yield path
    found = definition_of(node) if node.kind == "identifier" else None
    value = node if found is None else found.value
    pattern = regex_of(value)
    path = url_pattern_of(value) if pattern is None else of_regex(pattern)
    if path is not None:
        yield path


def _path_before(router: Node) -> list[Path]:
    """The path of the call before in a chain: of `app.get("/a", x).post(y)`, `router.route("/a").get(x)`."""
    while router.kind == "call_expression":
        found = list(_paths(router.arguments[0])) if router.arguments else []
        if found:
            return found
        router = router.get("function").get("object")
    return []


def _is_router(node: Node, handler: Node) -> bool:
    """Whether what a call is made on seems to be a router, and no client, cache or store."""
    root = node
    while root.kind == "call_expression" and root.get("function").member:
        root = root.get("function").get("object")
    if root.kind in {"new_expression", "call_expression"}:
        return _is_made_as_router(root)
    name = root.head
    if _NO_ROUTER.search(name):
        return False
    if root.kind == "identifier":
        found = definition_of(root)
        if found is not None and found.value.kind in {"new_expression", "call_expression"} and not found.path:
            value = found.value
            if value.kind == "call_expression" and value.get("function").member:
                return _is_router(value, handler)
            if _is_made_as_router(value) or is_function(handler):
                return True
    last = name.rpartition(".")[2]
    return _CALLED.fullmatch(last) is not None


def _is_made_as_router(made: Node) -> bool:
    """Whether a call or a `new` makes a router, by its name or by those of what the function makes."""
    maker = made.get("constructor") or made.get("function")
    found = definition_of(maker) if maker.kind == "identifier" else None
    names = [maker.head]
    if found is not None and is_function(found.value):
        names += [one.get("constructor").head for one in found.value.walk() if one.kind == "new_expression"]
    return any(_MADE_OF.search(name) for name in names)
