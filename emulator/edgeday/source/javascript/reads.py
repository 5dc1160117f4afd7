"""What code reads of a request: the fields of its JSON, of a form, of the query, and headers of its own."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from edgeday.source.javascript.functions import called_by
from edgeday.source.javascript.modules import binding_of, definition_of, member_of
from edgeday.source.javascript.syntax import NOTHING, Node, is_function, string_of
from edgeday.source.model import WRITE_YOURS, value_of

_OF_REQUEST = re.compile(r"req|event|\bc\b|ctx|context", re.IGNORECASE)
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_USUAL_HEADER = re.compile(
    r"accept.*|access-control-.*|cache-control|cf-.*|connection|content-.*|cookie|date|dnt|forwarded|host|if-.*|"
    r"origin|pragma|range|referer|sec-.*|true-client-ip|upgrade|user-agent|via|x-forwarded-.*|x-real-ip|"
    r"x-request-id|x-requested-with",
    re.IGNORECASE,
)
"""Headers that browsers and Cloudflare say by themselves, or that no answer needs."""
_SECRET = re.compile(r"auth|token|key|secret|signature|passw", re.IGNORECASE)
_NO_FIELDS = frozenset({
    "length", "then", "catch", "finally", "map", "filter", "forEach", "toString", "hasOwnProperty", "success",
    "error", "data",
})  # fmt: skip
_OF_LISTS = frozenset({
    "every", "filter", "find", "flatMap", "forEach", "join", "map", "push", "reduce", "some",
})  # fmt: skip
_FIELD = "field "
_PARSES = frozenset({"parse", "parseAsync"})
_WRAPPED = frozenset({"safeParse", "safeParseAsync"})
_METHODS_OF_FORMS = frozenset({"get", "getAll", "has", "entries", "keys", "values", "append"})
_DEEPEST, _DEEPEST_SOURCE = 3, 9
_SCHEMES = {
    "bearer": f"Bearer {WRITE_YOURS}",
    "basic": f"Basic {b64encode(f'{WRITE_YOURS}:{WRITE_YOURS}'.encode()).decode()}",
}


@dataclass(slots=True)
class Reads:
    """What is read of a request, each with a value. body, form: None where none is read."""

    body: dict[str, Any] | None = None
    form: dict[str, str] | None = None
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


def reads_of(nodes: Iterable[Node]) -> Reads:
    """What some code reads of the request, and the functions of the worker that it hands it to."""
    reading = _Reading()
    seen: set[int] = set()
    waiting = [(node, 0) for node in nodes]
    while waiting:
        outer, depth = waiting.pop(0)
        if id(outer) in seen:
            continue
        seen.add(id(outer))
        for node in outer.walk():
            reading.note(node)
            if node.kind == "call_expression" and depth < _DEEPEST:
                waiting += [(function, depth + 1) for function in reading.handed_to(node)]
    return reading.reads


class _Reading:
    """Looks through code. given: what of the request the parameters of functions are."""

    def __init__(self) -> None:
        self.reads = Reads()
        self._given: dict[int, str] = {}

    def handed_to(self, call: Node) -> list[Node]:
        """The functions that a call hands the request to, or what was read of it."""
        sources = [self._source_of(one) or self._field_of(one) for one in call.arguments]
        if not any(sources) and not any(_is_handed_on(one) for one in call.arguments):
            return []
        functions = called_by(call)
        for function in functions:
            parameters = function.get("parameters").children or [function.get("parameter")]
            for source, parameter in zip(sources, parameters, strict=False):
                if source:
                    self._give(function, parameter.get("pattern") or parameter, source)
        return functions

    def _give(self, function: Node, parameter: Node, source: str) -> None:
        if parameter.kind == "object_pattern":
            for name, default in _fields_of(parameter):
                self._put(source, name, value=default)
        binding = None if parameter.scope is None else parameter.scope.names.get(parameter.text)
        if binding is not None:
            self._given[id(binding)] = source

    def note(self, node: Node) -> None:
        """Note what a node reads itself."""
        kind = node.kind
        if kind == "call_expression":
            self._note_call(node)
        elif kind in {"member_expression", "subscript_expression"}:
            self._note_member(node)
            if node.member in _OF_LISTS:
                self._note_list(node.get("object"))
        elif kind == "binary_expression" and node.get("right").text == "[]":
            self._note_list(node.get("left"))
        elif kind == "variable_declarator" and node.get("name").kind == "object_pattern":
            what = self._source_of(node.get("value"))
            for name, default in _fields_of(node.get("name")) if what else ():
                self._put(what, name, value=default)

    def _note_list(self, node: Node) -> None:
        """Note that an expression is a list, if it is a field of the JSON."""
        field = self._field_of(node)
        if field and self.reads.body is not None:
            self.reads.body[field.removeprefix(_FIELD)] = []

    def _note_call(self, node: Node) -> None:
        function, arguments = node.get("function"), node.arguments
        what = self._source_of(node)
        if what == "json" and self.reads.body is None:
            self.reads.body = {}
        elif what == "form" and self.reads.form is None:
            self.reads.form = {}
        first = string_of(arguments[0]) if arguments else None
        owner, method = function.get("object"), function.member
        if first is not None and method in {"get", "getAll", "has"}:
            if (source := self._source_of(owner)) in {"form", "query", "headers"}:
                self._put(source, first, node)
        elif first is not None and method in {"query", "queries", "header"} and _is_read_of(owner, arguments):
            self._put("headers" if method == "header" else "query", first, node)
        elif function.text in {"bearerAuth", "basicAuth", "jwt"}:
            self.reads.headers["authorization"] = _told_to_want(node)
        if first is not None and function.text.endswith("alidator") and len(arguments) > 1:
            for name, value in fields_of_schema(arguments[1]).items():
                self._put(first, name, value=value)
        elif method in _PARSES | _WRAPPED and arguments and self._source_of(arguments[0]) == "json":
            for name, value in fields_of_schema(owner).items():
                self._put("json", name, value=value)

    def _note_member(self, node: Node) -> None:
        name = node.member
        if not name or name in _NO_FIELDS:
            return
        what = self._source_of(node.get("object"))
        if what in {"json", "params"} or (what == "form" and name not in _METHODS_OF_FORMS):
            self._put(what, name)

    def _put(self, what: str, name: str, node: Node | None = None, value: Any = None) -> None:
        made = value_of(name) if value is None else value
        reads = self.reads
        if what == "json":
            reads.body = reads.body or {}
            reads.body.setdefault(name, made)
        elif what == "form":
            reads.form = reads.form or {}
            reads.form.setdefault(name, str(made))
        elif what in {"query", "params"}:
            reads.query.setdefault(name, str(made))
        elif what == "headers" and _HEADER.fullmatch(name) and not _USUAL_HEADER.fullmatch(name):
            reads.headers.setdefault(name.lower(), _header_value(name, node))

    def _source_of(self, node: Node, depth: int = 0) -> str:
        """What of a request an expression is: "json", "form", "query" (with `get`), "params" (an object with
        the query), "headers", "wrapped" (a result with the JSON in its `data`); "" for anything else."""
        if depth > _DEEPEST_SOURCE:
            return ""
        match node.kind:
            case "await_expression" if node.children:
                return self._source_of(node.children[0], depth + 1)
            case "identifier":
                return self._source_of_name(node, depth)
            case "call_expression":
                return self._source_of_call(node, depth)
            case "member_expression" | "subscript_expression":
                return self._source_of_member(node, depth)
            case "new_expression" if node.get("constructor").text == "URLSearchParams" and node.arguments:
                return self._source_of_parameters(node.arguments[0])
            case "binary_expression" if node.get("operator").text in {"||", "??"}:
                return self._source_of(node.get("left"), depth + 1)
            case "ternary_expression":
                sides = (self._source_of(node.get(one), depth + 1) for one in ("consequence", "alternative"))
                return next(filter(None, sides), "")
        return ""

    def _field_of(self, node: Node) -> str:
        """Which field of the JSON an expression is, with a mark before its name; "" if it is none."""
        if node.kind in {"member_expression", "subscript_expression"}:
            is_field = node.member and self._source_of(node.get("object")) == "json"
            return f"{_FIELD}{node.member}" if is_field else ""
        if node.kind == "binary_expression" and node.get("operator").text in {"||", "??"}:
            return self._field_of(node.get("left"))
        binding = binding_of(node) if node.kind == "identifier" else None
        if binding is None:
            return ""
        if id(binding) in self._given:
            given = self._given[id(binding)]
            return given if given.startswith(_FIELD) else ""
        is_taken = len(binding.path) == 1 and any(self._source_of(one) == "json" for one in binding.values)
        if is_taken:
            return f"{_FIELD}{binding.path[0]}"
        return self._field_of(binding.values[0]) if len(binding.values) == 1 and not binding.path else ""

    def _source_of_member(self, node: Node, depth: int) -> str:
        member, owner = node.member, node.get("object")
        if member == "searchParams":
            return "query"
        if member == "headers" and _is_request(owner):
            return "headers"
        if member == "query" and _is_request(owner):
            return "params"
        return "json" if member == "data" and self._source_of(owner, depth + 1) == "wrapped" else ""

    def _source_of_parameters(self, given: Node) -> str:
        """What `new URLSearchParams(...)` is of: a form that was sent as text, or the query."""
        inner = given.children[0] if given.kind == "await_expression" and given.children else given
        method = inner.get("function")
        if method.member == "text":
            return "form" if _is_request(method.get("object")) else ""
        return "query" if given.member == "search" else ""

    def _source_of_name(self, node: Node, depth: int) -> str:
        binding = binding_of(node)
        if binding is None or binding.kind not in {"variable", "parameter"}:
            return ""
        if id(binding) in self._given:
            given = self._given[id(binding)]
            return "" if given.startswith(_FIELD) else given
        path = binding.path
        if path and path[-1] == "searchParams":
            return "query"
        if path and path[-1] == "headers" and all(_is_request(value) for value in binding.values):
            return "headers"
        for value in binding.values:
            source = self._source_of(value, depth + 1)
            if source and not path:
                return source
            if source == "wrapped" and path == ("data",):
                return "json"
            if path == ("query",) and _is_request(value):
                return "params"
        return ""

    def _source_of_call(self, node: Node, depth: int) -> str:
        function, arguments = node.get("function"), node.arguments
        member, owner = function.member, function.get("object")
        if member == "json" and not arguments:
            return "json" if _is_request(owner) else ""
        if function.text == "req.body":
            return "json"  # of worktop
        if member in {"formData", "parseBody"} and _is_request(owner):
            return "form"
        if member == "valid" and arguments and _is_request(owner):
            target = string_of(arguments[0]) or ""
            return {"query": "params"}.get(target, target if target in {"json", "form"} else "")
        if member in {"query", "queries"} and not arguments and _is_request(owner):
            return "params"
        if function.text == "JSON.parse" and arguments:
            inner = arguments[0].children[0] if arguments[0].kind == "await_expression" else arguments[0]
            method = inner.get("function")
            return "json" if method.member == "text" and _is_request(method.get("object")) else ""
        if arguments and member in _PARSES | _WRAPPED:
            source = self._source_of(arguments[0], depth + 1)
            return "wrapped" if source == "json" and member in _WRAPPED else source
        if member in {"catch", "then", "entries"}:
            return self._source_of(owner, depth + 1)
        if member == "fromEntries" and arguments:
            source = self._source_of(arguments[0], depth + 1)
            return "params" if source == "query" else source
        return ""


def _told_to_want(call: Node) -> str:
    """What a middleware of Hono wants: of `bearerAuth({ token: "x" })` Bearer x."""
    options = call.arguments[0] if call.arguments else NOTHING
    given = [member_of(options, (name,)) for name in ("token", "username", "password")]
    token, user, password = (WRITE_YOURS if one is None else string_of(one) or WRITE_YOURS for one in given)
    if call.get("function").text != "basicAuth":
        return f"Bearer {token}"
    return f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"


def _is_read_of(owner: Node, arguments: Sequence[Node]) -> bool:
    """Whether `c.req.header("x")` reads: `c.header("x", y)` says what is answered."""
    return len(arguments) == 1 and "req" in owner.head.rpartition(".")[2].lower()


def _is_handed_on(argument: Node) -> bool:
    return not is_function(argument) and _OF_REQUEST.search(argument.head) is not None


def _header_value(name: str, node: Node | None) -> str:
    """A value for a header: of the scheme that is named in the function that reads it."""
    if name.lower() != "authorization" or node is None or node.scope is None:
        return WRITE_YOURS if _SECRET.search(name) else str(value_of(name))
    around = node.scope.function.node.text.lower()
    named = (value for scheme, value in _SCHEMES.items() if re.search(rf"\b{scheme}\b", around))
    return next(named, WRITE_YOURS)


def _is_request(node: Node) -> bool:
    """Whether an expression is a request, by what it is called."""
    return _OF_REQUEST.search(node.head) is not None and not node.head.startswith("new ")


def _fields_of(pattern: Node) -> Iterator[tuple[str, Any]]:
    """The names that a pattern takes, each with its default, None if it has none that is plain."""
    for child in pattern.children:
        if child.kind == "shorthand_property_identifier_pattern":
            yield child.text, None
        elif child.kind == "pair_pattern":
            value = child.get("value")
            default = _literal(value.get("right")) if value.kind == "assignment_pattern" else None
            yield string_of(child.get("key")) or child.get("key").text, default
        elif child.kind == "object_assignment_pattern":
            yield child.get("left").text, _literal(child.get("right"))


def _literal(node: Node) -> Any:
    if node.kind in {"array", "object"} and not node.children:
        return [] if node.kind == "array" else {}
    if node.kind in {"true", "false"}:
        return node.kind == "true"
    if node.kind == "number" and node.text.isdecimal():
        return int(node.text)
    return string_of(node) or None


def fields_of_schema(node: Node) -> dict[str, Any]:
    """The fields that a schema of zod requires, each with a value: `z.object({...})`, also by its name."""
    found = definition_of(node) if node.kind == "identifier" else None
    value = None if found is None else member_of(found.value, found.path)
    schema = node if value is None else value
    while schema.kind == "call_expression":
        function = schema.get("function")
        if function.member == "object" and schema.arguments and schema.arguments[0].kind == "object":
            break
        schema = function.get("object")
    fields: dict[str, Any] = {}
    for pair in schema.arguments[0].children if schema.kind == "call_expression" else ():
        kind = pair.get("value").text
        name = string_of(pair.get("key")) or pair.get("key").text
        if pair.kind == "pair" and not re.search(r"\.(optional|default|nullish)\(", kind):
            fields[name] = _of_type(name, kind)
    return fields


def _of_type(name: str, kind: str) -> Any:
    """A value that a type of zod takes."""
    match = re.search(r"\.(?:enum|literal)\(\s*\[?\s*[\"']([^\"']+)", kind)
    if match is not None:
        return match[1]
    for word, value in (("number", 1), ("boolean", True), ("array", []), ("object", {}), ("record", {})):
        if re.match(rf"\w+\.(?:coerce\.)?{word}\(", kind):
            return value
    if ".url(" in kind:
        return "https://example.com/"
    return "somebody@example.com" if ".email(" in kind else value_of(name)
