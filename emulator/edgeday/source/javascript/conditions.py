"""Which requests a condition lets through: by method, by path, by parts of the path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product

from edgeday.source.javascript.meaning import Meaning, meaning_of
from edgeday.source.javascript.modules import definition_of, member_of
from edgeday.source.javascript.patterns import Path, is_path, joined, of_regex, of_router, of_url_pattern
from edgeday.source.javascript.syntax import NOTHING, Node, regex_of, string_of
from edgeday.source.javascript.texts import text_of
from edgeday.source.model import METHODS

_EQUAL, _UNEQUAL = frozenset({"==", "==="}), frozenset({"!=", "!=="})
_MOST = 40
_DEEPEST = 40


@dataclass(frozen=True, slots=True)
class Match:
    """Requests that a condition lets through; what is empty is not looked at.

    path: as a scenario would send it. begins: whether it is only the beginning, or one of many. is_prefix:
    whether other paths that are looked at are likely below it. segments: what
    stands between its slashes, by number. count: of its segments. node: where the path is looked at.
    """

    method: str = ""
    path: str = ""
    begins: bool = False
    is_prefix: bool = False
    segments: Mapping[int, str] = field(default_factory=dict)
    count: int = 0
    node: Node = NOTHING

    @property
    def sent(self) -> Path | None:
        """A path that is let through, None if none is looked at."""
        if self.path:
            return Path(self.path, self.begins)
        if not self.segments:
            return None
        length = (
            max(*self.segments, self.count - 1) + 1
            if len(self.segments) > 1
            else max([*self.segments, self.count - 1]) + 1
        )
        parts = [self.segments.get(number, "1") for number in range(length)]
        is_whole = self.count == length and len(self.segments) == length
        return Path("/" + "/".join(parts), not is_whole)

    def and_also(self, other: Match) -> Match | None:
        """The requests that both let through, None if there can be none."""
        if self.method and other.method and self.method != other.method:
            return None
        mine = self
        if other.path and (self.begins or not self.path):
            mine = replace(
                self, path=other.path, begins=other.begins, is_prefix=other.is_prefix, node=other.node
            )
        return replace(
            mine,
            method=self.method or other.method,
            segments={**self.segments, **other.segments},
            count=other.count or self.count,
            node=other.node or mine.node,
        )


ANY = Match()


def matches(test: Node, *, is_true: bool = True, depth: int = 0) -> list[Match]:
    """What a condition lets through, an alternative each; [ANY] if nothing of it is about method or path."""
    if depth > _DEEPEST:
        return [ANY]
    kind, operator = test.kind, test.get("operator").text
    if kind == "unary_expression" and operator == "!":
        inner = test.get("argument")
        return _of_missing(inner, is_true) or matches(inner, is_true=not is_true, depth=depth + 1)
    if kind == "binary_expression" and operator in {"&&", "||"}:
        sides = [matches(test.get(side), is_true=is_true, depth=depth + 1) for side in ("left", "right")]
        if (operator == "&&") == is_true:
            return both(*sides)
        either = sides[0] + sides[1]
        return [one for at, one in enumerate(either) if one not in either[:at]][:_MOST]
    if kind == "binary_expression" and operator in _EQUAL | _UNEQUAL:
        left = test.get("left")
        joins = left.kind == "binary_expression" and left.get("operator").text == "&&"
        if (
            joins and (operator in _EQUAL) is is_true
        ):  # the grammar takes `a && b! === c` for `(a && b) === c`
            first = matches(left.get("left"), depth=depth + 1)
            return both(first, list(_equal(left.get("right"), test.get("right"))) or [ANY])
        if (operator in _EQUAL) is not is_true:
            return [ANY]
        return list(_equal(left, test.get("right"))) or [ANY]
    if kind == "binary_expression" and operator in {">=", ">", "!=="}:
        return _compared(test, is_true, depth)
    if kind == "call_expression":
        return (list(_called(test)) or list(_matched_by_own(test)) if is_true else []) or [ANY]
    if kind == "assignment_expression":
        return matches(test.get("right"), is_true=is_true, depth=depth + 1)
    if kind == "identifier":
        found = definition_of(test)
        if found is not None and not found.path and found.value is not test:
            return matches(found.value, is_true=is_true, depth=depth + 1)
    return [ANY]


def both(first: Iterable[Match], second: Iterable[Match]) -> list[Match]:
    """What two conditions let through together."""
    pairs = product(first, list(second))
    return [one for this, other in pairs if (one := this.and_also(other)) is not None][:_MOST]


def equal_to(meaning: Meaning, text: str, node: Node) -> Match | None:
    """The requests of which a part is a text; None where nobody sends it, such as a pattern."""
    if "*" in text:
        return None
    match meaning.kind:
        case "method":
            method = text.upper()
            return Match(method, node=node) if method in METHODS else None
        case "path" if is_path(text) or (text == "" and meaning.base):
            return Match(path=joined(meaning.base, text), node=node)
        case "tail" if is_path(f"/{text}"):
            return Match(path=joined(meaning.base, text), node=node)
        case "segment" if text and is_path(f"/{text}"):
            if meaning.base:
                return Match(path=joined(meaning.base, text), begins=True, node=node)
            return Match(segments={meaning.index: text}, node=node)
        case "segment" if not text and not meaning.index:
            return Match(path=meaning.base or "/", node=node)
        case "method and path":
            method, _, path = text.partition(meaning.between or " ")
            if method.upper() in METHODS and is_path(path):
                return Match(method.upper(), joined(meaning.base, path), node=node)
        case "url":
            path = "/" + "/".join(text.split("/")[3:])
            if text.startswith("http") and is_path(path):
                return Match(path=path.partition("?")[0], node=node)
        case _:
            pass
    return None


def texts_in(node: Node) -> Iterator[str]:
    """The texts of a literal, of a list or a set of them, also by the name of a constant."""
    text = string_of(node)
    if text is not None:
        yield text
    elif node.kind in {"template_string", "binary_expression"}:
        known = text_of(node)
        if known.is_whole and known.begins:
            yield known.begins
    elif node.kind == "array":
        for child in node.children:
            yield from texts_in(child)
    elif node.kind == "new_expression" and node.get("constructor").text == "Set" and node.arguments:
        yield from texts_in(node.arguments[0])
    elif node.kind == "identifier":
        found = definition_of(node)
        if found is not None and found.value.kind != "identifier":
            value = member_of(found.value, found.path)
            yield from texts_in(value) if value is not None else ()
    elif node.kind == "member_expression" and node.get("object").kind == "identifier":
        found = definition_of(node.get("object"))
        value = None if found is None else member_of(found.value, (*found.path, node.member))
        yield from texts_in(value) if value is not None and value.kind != "member_expression" else ()


def _equal(left: Node, right: Node) -> Iterator[Match]:
    for this, other in ((left, right), (right, left)):
        meaning = meaning_of(this)
        if meaning is not None:
            for text in texts_in(other):
                match = equal_to(meaning, text, this)
                if match is not None:
                    yield match
        elif this.member == "length" and other.text.isdecimal():
            whole = meaning_of(this.get("object"))
            if whole is not None and whole.kind == "segments" and not whole.base:
                yield Match(count=int(other.text) + whole.index, node=this)


def _of_missing(node: Node, is_true: bool) -> list[Match]:
    """A request whose path has nothing behind its slash."""
    meaning = meaning_of(node) if is_true else None
    if meaning is None or meaning.kind not in {"tail", "segment"} or meaning.index > 0:
        return []
    return [Match(path=meaning.base or "/", node=node)]


def _compared(test: Node, is_true: bool, depth: int) -> list[Match]:
    """`list.indexOf(path) >= 0`, `> -1`."""
    call = test.get("left")
    is_found = (test.get("operator").text, test.get("right").text) in {
        (">=", "0"),
        (">", "-1"),
        ("!==", "-1"),
    }
    return matches(call, is_true=is_true, depth=depth + 1) if is_found else [ANY]


def _called(call: Node) -> Iterator[Match]:
    """What a call lets through: `startsWith`, `includes`, `test`, `match` and the like."""
    function, arguments = call.get("function"), call.arguments
    owner, method = function.get("object"), function.member
    if not arguments or not method:
        return
    meaning = meaning_of(owner)
    if meaning is not None:
        for text in texts_in(arguments[0]):
            yield from _with_text(meaning, method, text, call)
        if method in {"match", "search", "matchAll"}:
            value = _value(arguments[0])
            yield from _with_pattern(meaning, string_of(value) or regex_of(value), call)
    if method in {"includes", "has", "indexOf"} and (asked := meaning_of(arguments[0])) is not None:
        for text in texts_in(owner):
            match = equal_to(asked, text, call)
            if match is not None:
                yield match
    elif method in {"test", "exec"}:
        value = _value(owner)
        asked = meaning_of(arguments[0])
        pattern = regex_of(value)
        if pattern is not None and asked is not None:
            yield from _with_pattern(asked, pattern, call)
        elif (path := url_pattern_of(value)) is not None:
            yield Match(path=path.text, begins=path.begins, node=value)


def _matched_by_own(call: Node) -> Iterator[Match]:
    """`matches("/users/:id", path)`, of a function of the worker or of a package."""
    meanings = [meaning_of(one) for one in call.arguments]
    if not any(one is not None and one.kind in {"path", "url"} for one in meanings):
        return
    for argument in call.arguments:
        text = string_of(argument) or ""
        path = of_router(text) if text.startswith("/") and len(text) > 1 else None
        if path is not None:
            yield Match(path=path.text, begins=path.begins, node=call)


def _with_text(meaning: Meaning, method: str, text: str, call: Node) -> Iterator[Match]:
    if meaning.kind == "tail":
        text = f"/{text}"
    elif meaning.kind not in {"path", "url"}:
        return
    if not is_path(text) or text == "/":
        return
    if method == "startsWith" and meaning.kind != "url":
        path = joined(meaning.base, text)
        path = f"{path}1" if path.endswith("/") else path
        yield Match(path=path, begins=True, is_prefix=True, node=call)
    elif method in {"endsWith", "includes"}:
        yield Match(path=f"{text}1" if text.endswith("/") else text, begins=True, node=call)


def _with_pattern(meaning: Meaning, pattern: str | None, call: Node) -> Iterator[Match]:
    path = None if pattern is None else of_regex(pattern)
    if path is not None and meaning.kind in {"path", "url"}:
        yield Match(path=joined(meaning.base, path.text), begins=path.begins, node=call)


def _value(node: Node) -> Node:
    """What a name stands for, or the expression itself."""
    found = definition_of(node) if node.kind == "identifier" else None
    value = None if found is None else member_of(found.value, found.path)
    return node if value is None else value


def url_pattern_of(node: Node) -> Path | None:
    """The path of `new URLPattern(...)`."""
    if node.kind != "new_expression" or node.get("constructor").text != "URLPattern" or not node.arguments:
        return None
    first = node.arguments[0]
    if first.kind == "object":
        named = member_of(first, ("pathname",))
        first = NOTHING if named is None else named
    return next((path for text in texts_in(first) if (path := of_url_pattern(text)) is not None), None)
