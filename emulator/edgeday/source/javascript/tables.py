"""Routes in tables: from paths to handlers, and lists of descriptions."""

from __future__ import annotations

from collections.abc import Iterator

from edgeday.source.javascript.conditions import Match, texts_in, url_pattern_of
from edgeday.source.javascript.meaning import meaning_of
from edgeday.source.javascript.modules import Module
from edgeday.source.javascript.patterns import Path, of_regex, of_router
from edgeday.source.javascript.syntax import NOTHING, Node, is_function, regex_of, string_of
from edgeday.source.model import METHODS

Entry = tuple[list[Match], list[Node]]
"""What is let through, and what is run then."""
_RUN = frozenset({"identifier", "member_expression", "call_expression"})
_PATHS, _HANDLERS = (
    ("path", "pattern", "pathname", "route", "url", "regex"),
    ("handler", "handle", "fn", "action", "run", "controller", "component"),
)
_MOST_OF_VALUES = 3


def names_looked_up(module: Module) -> set[str]:
    """What the tables are called in which the path of a request is looked up."""
    names: set[str] = set()
    for node in module.tree.walk():
        key, table = NOTHING, NOTHING
        if node.kind == "subscript_expression":
            key, table = node.get("index"), node.get("object")
        elif (
            node.kind == "call_expression"
            and node.get("function").member in {"get", "has"}
            and node.arguments
        ):
            key, table = node.arguments[0], node.get("function").get("object")
        elif node.kind == "binary_expression" and node.get("operator").text == "in":
            key, table = node.get("left"), node.get("right")
        meaning = meaning_of(key) if key and table.kind == "identifier" else None
        if meaning is not None and meaning.kind in {"path", "method and path"}:
            names.add(table.text)
    return names


def entries_of(node: Node, name: str, looked_up: set[str]) -> Iterator[Entry]:
    """The entries of a table. node: an object, a list or a `new Map([...])`. name: of the variable that it is
    the value of, "" if of none. looked_up: what tables are called whose keys are paths."""
    if node.kind == "object":
        described = _described(node)
        if described is not None:
            yield described
            return
        yield from _of_pairs([_pair(child) for child in node.children], name in looked_up)
    elif node.kind == "array":
        listed = _listed(node)
        if listed is not None:
            yield listed
    elif node.kind == "new_expression" and node.get("constructor").text == "Map" and node.arguments:
        pairs = [one.children for one in node.arguments[0].children if one.kind == "array"]
        yield from _of_pairs([(one[0], one[1]) for one in pairs if len(one) == 2], True)


def _pair(child: Node) -> tuple[Node, Node]:
    if child.kind == "method_definition":
        return child.get("name"), child
    return child.get("key"), child.get("value")


def _of_pairs(pairs: list[tuple[Node, Node]], is_looked_up: bool) -> Iterator[Entry]:
    values = 0
    for key, value in pairs:
        key = key.children[0] if key.kind == "computed_property_name" and key.children else key
        text = next(texts_in(key), None)
        match = None if text is None else _match(text, key)
        if match is None:
            continue
        if value.kind == "object" and (by_method := list(_by_method(value))):
            for method, handler in by_method:
                both = match.and_also(Match(method))
                if both is not None:
                    yield [both], [handler]
        elif is_function(value) or value.kind in _RUN:
            yield [match], [value]
        elif is_looked_up and values < _MOST_OF_VALUES:
            values += 1
            yield [match], []


def _by_method(value: Node) -> Iterator[tuple[str, Node]]:
    """`{ GET: list, POST: add }`."""
    for child in value.children:
        key, handler = _pair(child)
        name = (string_of(key) or key.text or child.text).upper()
        if name in METHODS:
            yield name, handler or child


def _match(text: str, node: Node) -> Match | None:
    method, _, rest = text.partition(" ")
    named = method.upper() if rest and method.upper() in METHODS else ""
    path = of_router(rest.strip() if named else text) if (rest if named else text).startswith("/") else None
    return None if path is None else Match(named, path.text, path.begins, node=node)


def _described(node: Node) -> Entry | None:
    """`{ method: "GET", path: "/a", handler }`."""
    values: dict[str, Node] = {}
    for child in node.children:
        key, value = _pair(child)
        values[string_of(key) or key.text or child.text] = value or child
    handler = next((values[key] for key in _HANDLERS if key in values), None)
    methods = [text.upper() for key in ("method", "methods") for text in texts_in(values.get(key, NOTHING))]
    path = next((path for key in _PATHS if key in values and (path := _path(values[key])) is not None), None)
    if path is None or (handler is None and not (methods and len(values) > 2)):
        return None
    named = [one for one in methods if one in METHODS] or [""]
    return [Match(one, path.text, path.begins, node=node) for one in named], [handler] if handler else []


def _listed(node: Node) -> Entry | None:
    """`["GET", "/a", handler]`."""
    parts = node.children
    method = (string_of(parts[0]) or "").upper() if len(parts) > 2 else ""
    path = _path(parts[1]) if method in METHODS else None
    if path is None or not (is_function(parts[-1]) or parts[-1].kind in _RUN):
        return None
    return [Match(method, path.text, path.begins, node=node)], [parts[-1]]


def _path(node: Node) -> Path | None:
    text, pattern = string_of(node), regex_of(node)
    if text is not None:
        return of_router(text) if text.startswith("/") else None
    return url_pattern_of(node) if pattern is None else of_regex(pattern)
