"""What of a request an expression is: its path, what stands behind the first slash, a segment, its method."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from edgeday.source.javascript.modules import binding_of, definition_of
from edgeday.source.javascript.syntax import Node, fragment_of, regex_of, string_of

Kind = Literal["path", "tail", "segments", "segment", "method", "method and path", "url"]
_PATH_NAME = re.compile(r"(?:url|req|request|norm\w*|clean)?_?path(?:_?name)?|route", re.IGNORECASE)
_OF_REQUEST = re.compile(r"req|event|ctx|context|\bc\b", re.IGNORECASE)
_LEAVE_IT = frozenset({"toLowerCase", "toUpperCase", "toString", "trim", "trimEnd", "normalize"})
_DECODERS = frozenset({"decodeURIComponent", "decodeURI", "String", "encodeURI"})
_DEEPEST = 12


@dataclass(frozen=True, slots=True)
class Meaning:
    """kind: what of the request it is; a tail is a path without its first slash. base: what was taken off
    before it. index: of a segment, or how many were taken off before the first of several. between: what
    stands between method and path."""

    kind: Kind
    base: str = ""
    index: int = 0
    between: str = ""


def meaning_of(node: Node, depth: int = 0) -> Meaning | None:
    """What an expression has of the request, None if it is none of that, as far as is known."""
    if depth > _DEEPEST:
        return None
    kind = node.kind
    if kind in {"identifier", "shorthand_property_identifier"}:
        return _of_name(node, depth)
    if kind == "member_expression":
        return _of_key(node.member, node.get("object").text) or _of_member(node, depth)
    if kind == "subscript_expression":
        return _of_index(meaning_of(node.get("object"), depth + 1), _number(node.get("index")))
    if kind == "call_expression":
        return _of_call(node, depth)
    if kind == "binary_expression" and node.get("operator").text in {"||", "??"}:
        return meaning_of(node.get("left"), depth + 1)
    if kind == "ternary_expression":
        either = (meaning_of(node.get(side), depth + 1) for side in ("consequence", "alternative"))
        return next((one for one in either if one is not None), None)
    if kind == "template_string":
        return _together(
            [fragment_of(one) if not one.children else one.children[0] for one in node.children], depth
        )
    if kind == "binary_expression" and node.get("operator").text == "+":
        return _together(list(_terms(node)), depth)
    if kind == "await_expression" and node.children:
        return meaning_of(node.children[0], depth + 1)
    return None


def _of_key(key: str | int, owner: str = "req") -> Meaning | None:
    if key in {"pathname", "path"}:
        return Meaning("path")
    if key == "method" and _OF_REQUEST.search(owner):
        return Meaning("method")
    if (key == "url" and _OF_REQUEST.search(owner)) or (key == "href" and "url" in owner.lower()):
        return Meaning("url")
    return None


def _of_name(node: Node, depth: int) -> Meaning | None:
    binding = binding_of(node)
    if binding is None:
        return None
    by_key = _of_key(binding.path[-1]) if binding.path else None
    if by_key is not None:
        return by_key
    for value in binding.values if binding.kind == "variable" else ():
        if value is node:
            continue
        whole = meaning_of(value, depth + 1)
        for key in binding.path:
            whole = _of_index(whole, key if isinstance(key, int) else None)
        if whole is not None:
            return whole
    if binding.kind == "parameter":
        if _PATH_NAME.fullmatch(node.text):
            return Meaning("path")
        return Meaning("method") if node.text == "method" else None
    return None


def _of_member(node: Node, depth: int) -> Meaning | None:
    """`parts.length` is no part of a request; what a property of an object stands for is."""
    found = definition_of(node.get("object")) if node.get("object").kind == "identifier" else None
    if found is None or found.value.kind != "object":
        return None
    for pair in found.value.children:
        if pair.kind == "pair" and pair.get("key").text == node.member:
            return meaning_of(pair.get("value"), depth + 1)
    return None


def _of_index(whole: Meaning | None, index: int | None) -> Meaning | None:
    if whole is None or whole.kind != "segments" or index is None:
        return None
    at = index + whole.index
    return Meaning("segment", whole.base, at) if at >= 0 else None


def _of_call(node: Node, depth: int) -> Meaning | None:
    function, arguments = node.get("function"), node.arguments
    if function.text in _DECODERS and arguments:
        return meaning_of(arguments[0], depth + 1)
    if not function.member:
        return None
    whole = meaning_of(function.get("object"), depth + 1)
    if whole is None or function.member in _LEAVE_IT:
        return whole
    first = arguments[0] if arguments else None
    text = string_of(first) if first is not None else None
    match function.member:
        case "slice" | "substring" | "substr":
            return _sliced(whole, node)
        case "replace" | "replaceAll" | "split" | "filter" | "at" | "shift" | "concat":
            pass
        case _:
            return None
    if function.member == "split" and whole.kind in {"path", "tail"}:
        if text == "/":
            return Meaning("segments", whole.base, -1 if whole.kind == "path" else 0)
        return whole if text is None or "?" in text else None
    if whole.kind == "segments":
        return _of_segments(whole, function.member, first)
    if function.member.startswith("replace") and first is not None:
        return _replaced(whole, text, regex_of(first))
    return None


def _of_segments(whole: Meaning, method: str, first: Node | None) -> Meaning | None:
    if method == "filter":
        return Meaning("segments", whole.base, max(whole.index, 0))
    if method == "at":
        return _of_index(whole, None if first is None else _number(first))
    return _of_index(whole, 0) if method == "shift" else None


def _sliced(whole: Meaning, node: Node) -> Meaning | None:
    """What is left from a place on: of a path the rest behind its slash, or behind a beginning."""
    first = node.arguments[0] if node.arguments else None
    at = None if first is None else _number(first)
    if whole.kind == "segments" and at is not None:
        return Meaning("segments", whole.base, whole.index + at)
    if whole.kind != "path":
        return None
    if at == 0:
        return whole
    if at == 1:
        return Meaning("tail", whole.base)
    prefix = _measured(first)
    return _behind(whole, prefix) if prefix else None


def _measured(node: Node | None) -> str:
    """The text whose length is taken: "/api" of `"/api".length`."""
    if node is None or node.kind != "member_expression" or node.member != "length":
        return ""
    owner = node.get("object")
    text = string_of(owner)
    if text is None and owner.kind == "identifier" and (found := definition_of(owner)) is not None:
        text = string_of(found.value)
    return text or ""


def _behind(whole: Meaning, prefix: str) -> Meaning:
    """What is left of a path behind its beginning."""
    if prefix == "/":
        return Meaning("tail", whole.base)
    if prefix.endswith("/"):
        return Meaning("tail", whole.base + prefix.removesuffix("/"))
    return Meaning("path", whole.base + prefix)


def _replaced(whole: Meaning, text: str | None, pattern: str | None) -> Meaning | None:
    """What is left of a path without its beginning, or without slashes at its end."""
    if whole.kind != "path":
        return whole
    if text is not None:
        return _behind(whole, text) if text.startswith("/") else whole
    if pattern is None:
        return None
    plain = pattern.replace("\\/", "/")
    if plain.startswith("^"):
        first = plain[1:].split("|")[0]
        if re.fullmatch(r"/[+*]?", first):
            return Meaning("tail", whole.base)
        return _behind(whole, first) if re.fullmatch(r"/[\w/-]*", first) else None
    return whole


def _together(parts: list[str | Node], depth: int) -> Meaning | None:
    """A method and a path in one text, or one of them alone."""
    found: list[Meaning] = []
    between = ""
    for part in parts:
        text = part if isinstance(part, str) else string_of(part)
        if text is not None:
            between += text if len(found) == 1 else ""
            continue
        assert isinstance(part, Node)
        meaning = meaning_of(part, depth + 1)
        if meaning is None:
            return None
        found.append(meaning)
    if [one.kind for one in found] == ["method", "path"]:
        return Meaning("method and path", found[1].base, between=between)
    is_alone = len(found) == 1 and len(parts) == 1
    return found[0] if is_alone else None


def _terms(node: Node) -> list[str | Node]:
    """What is added, from the left."""
    terms: list[str | Node] = []
    while node.kind == "binary_expression" and node.get("operator").text == "+":
        terms.insert(0, node.get("right"))
        node = node.get("left")
    return [node, *terms]


def _number(node: Node) -> int | None:
    return int(node.text) if node.kind == "number" and node.text.isdecimal() else None
