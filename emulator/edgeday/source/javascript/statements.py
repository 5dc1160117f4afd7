"""Statements: which belong together, and where they lead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from edgeday.source.javascript.syntax import NOTHING, Node, is_function

_LEAVING = frozenset({"return_statement", "throw_statement", "continue_statement", "break_statement"})


class Block(Node):
    """Statements without brackets around them: those of a case."""

    __slots__ = ()

    def __init__(self, statements: Iterable[Node]) -> None:
        statements = list(statements)
        super().__init__("statement_block", b"", 0, 0, statements[0].line)
        self.children = statements
        self.scope = statements[0].scope


def runs_in_a_function(node: Node) -> bool:
    """Whether a statement runs when a function does, and holds none itself."""
    scope = node.scope
    inside = scope is not None and is_function(scope.function.node)
    return inside and not any(is_function(one) for one in node.walk())


def statements_of(node: Node) -> Sequence[Node]:
    if is_function(node):
        return statements_of(node.get("body"))
    return node.children if node.kind in {"statement_block", "else_clause"} else [node]


def leaves(node: Node) -> bool:
    """Whether nothing runs after a branch."""
    statements = statements_of(node)
    return bool(statements) and statements[-1].kind in _LEAVING


def answers_at_its_end(body: Sequence[Node]) -> bool:
    """Whether code answers at its end what it did not answer before, and not with a refusal of the method."""
    last = _last(body)
    return last is not NOTHING and "405" not in last.text and "ethod not" not in last.text


def _last(body: Sequence[Node]) -> Node:
    statements = [one for node in body for one in statements_of(node)]
    last = statements[-1] if statements else NOTHING
    return last if last.kind == "return_statement" else NOTHING
