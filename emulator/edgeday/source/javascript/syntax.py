"""One file of JavaScript or TypeScript as a tree of nodes, whatever is wrong with it.

tree-sitter parses it: errors are nodes among the others, never exceptions. The kinds of nodes are those of
its grammar for TypeScript; what says nothing of what runs is left out: comments, types, brackets, `as`, `!`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node as Raw
    from tree_sitter import Parser

    from edgeday.source.javascript.scopes import Scope

FUNCTIONS = frozenset({
    "function_declaration", "function_expression", "arrow_function", "method_definition",
    "generator_function_declaration", "generator_function",
})  # fmt: skip
_LEFT_OUT = frozenset({"comment", "html_comment", "type_arguments", "type_parameters", "hash_bang_line"})
_SEEN_THROUGH = frozenset({
    "parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression",
    "type_assertion", "instantiation_expression",
})  # fmt: skip
_LEAVES = frozenset({"type_annotation", "string", "regex", "enum_declaration", "jsx_text"})
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|\r\n|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": ""}
_HOLE = "hole"
_NO_JSX = frozenset({".ts", ".mts", ".cts"})


class Node:
    """A part of the source. children: in their order. fields: those that the grammar names, by their names,
    the first of each; operators are among them. line: that it begins in, from 1. end: the byte behind it."""

    __slots__ = ("_source", "_start", "children", "end", "fields", "kind", "line", "scope")

    def __init__(self, kind: str, source: bytes, start: int, end: int, line: int) -> None:
        self.kind = kind
        self.line = line
        self.children: list[Node] = []
        self.fields: dict[str, Node] = {}
        self.scope: Scope | None = None
        """Where its names are looked up; set by `scopes`."""
        self._source, self._start, self.end = source, start, end

    @property
    def text(self) -> str:
        """The source of it, as it is written."""
        return self._source[self._start : self.end].decode("utf-8", "replace")

    def get(self, field: str) -> Node:
        """A field; a node of no kind without children where there is none."""
        return self.fields.get(field, NOTHING)

    @property
    def head(self) -> str:
        """The beginning of its text: what it is called, of however much."""
        return self._source[self._start : min(self.end, self._start + 80)].decode("utf-8", "replace")

    @property
    def member(self) -> str:
        """What a member expression reads: x of `a.x`, `a?.x` and `a["x"]`; "" of any other node."""
        if self.kind == "member_expression":
            return self.get("property").text
        if self.kind == "subscript_expression":
            return string_of(self.get("index")) or ""
        return ""

    @property
    def arguments(self) -> list[Node]:
        """The arguments of a call or a `new`."""
        return self.get("arguments").children

    def walk(self) -> Iterator[Node]:
        """This node and all within it, in the order of the source."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += reversed(node.children)

    def __bool__(self) -> bool:
        return self is not NOTHING


NOTHING = Node("", b"", 0, 0, 0)
"""What stands where the source has nothing."""


def parse(text: bytes, path: Path) -> Node:
    """The tree of a file's text. path: of the file, for its ending alone."""
    parser = _parser(path.suffix.lower() in _NO_JSX)
    source = text.removeprefix(b"\xef\xbb\xbf")
    return _converted(parser.parse(source).root_node, source)


def is_broken(text: bytes, path: Path) -> bool:
    """Whether a file has a syntax error, after which its tree may be anything."""
    return bool(_parser(path.suffix.lower() in _NO_JSX).parse(text).root_node.has_error)


@cache
def _parser(is_typescript: bool) -> Parser:
    """JSX and `<T>value` cannot both be read; JavaScript is read as TypeScript with JSX."""
    import tree_sitter_typescript
    from tree_sitter import Language, Parser

    language = (
        tree_sitter_typescript.language_typescript if is_typescript else tree_sitter_typescript.language_tsx
    )
    return Parser(Language(language()))


def _converted(top: Raw, source: bytes) -> Node:
    """The nodes below one of the parser; without recursion, as deep as they may be."""
    root = Node("program", source, 0, len(source), 1)
    waiting: list[tuple[Raw, Node, str | None]] = [(one, root, None) for one in reversed(top.children)]
    while waiting:
        raw, parent, field = waiting.pop()
        while raw.type in _SEEN_THROUGH and (inner := _first_of(raw)) is not None:
            raw = inner
        if field == "function" and raw.type == "await_expression" and (inner := _first_of(raw)) is not None:
            raw = inner  # the grammar takes `await a.b<T>()` for a call of `await a.b`
        is_marked = field in {"operator", _HOLE}
        kind = raw.type if field is None or not is_marked else field
        if not is_marked and (not raw.is_named or kind in _LEFT_OUT):
            continue
        node = Node(kind, source, raw.start_byte, raw.end_byte, raw.start_point.row + 1)
        if field is not None:
            parent.fields.setdefault(field, node)
        if field != "operator":
            parent.children.append(node)
        if kind not in _LEAVES and raw.child_count:
            inside = [(one, node, raw.field_name_for_child(at)) for at, one in enumerate(raw.children)]
            if kind == "array_pattern":
                holes = _holes(raw)
                inside = [
                    (one, node, _HOLE if at in holes else name) for at, (one, _, name) in enumerate(inside)
                ]
            waiting += reversed(inside)
    return root


def _holes(pattern: Raw) -> set[int]:
    """Which commas of `[, a, , b]` stand for a value that nothing takes."""
    kinds = [one.type for one in pattern.children]
    return {at for at in range(1, len(kinds)) if kinds[at] == "," and kinds[at - 1] in {"[", ","}}


def _first_of(raw: Raw) -> Raw | None:
    """What stands in brackets, or before `as`."""
    return next((one for one in raw.children if one.is_named and one.type not in _LEFT_OUT), None)


def string_of(node: Node) -> str | None:
    """What a literal text is, also one in backticks without values; None of any other node."""
    if node.kind == "string":
        return _unescaped(node.text[1:-1])
    if node.kind == "template_string" and all(
        part.kind in {"string_fragment", "escape_sequence"} for part in node.children
    ):
        return _unescaped(node.text[1:-1])
    return None


def fragment_of(node: Node) -> str:
    """A piece of text between the values of a template."""
    return _unescaped(node.text)


def regex_of(node: Node) -> str | None:
    """The pattern of a regular expression that is written as one, or as `new RegExp("...")`."""
    if node.kind == "regex":
        return node.text[1:].rpartition("/")[0]
    if node.kind in {"new_expression", "call_expression"}:
        callee = node.get("constructor") or node.get("function")
        if callee.text == "RegExp" and node.arguments:
            return string_of(node.arguments[0]) or regex_of(node.arguments[0])
    return None


def _unescaped(text: str) -> str:
    return text if "\\" not in text else _ESCAPE.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code:
        number = int(code, 16)
        return chr(number) if number < 0x110000 else "\ufffd"
    letter = match[4] or ""
    return _ESCAPED.get(letter, letter)


def is_function(node: Node) -> bool:
    """Whether a node is a function of any kind."""
    return node.kind in FUNCTIONS


def calls_in(nodes: Iterable[Node]) -> Iterator[Node]:
    """The calls within nodes."""
    return (inner for outer in nodes for inner in outer.walk() if inner.kind == "call_expression")
