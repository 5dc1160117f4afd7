"""Routes that can be seen in the source of a JavaScript or TypeScript worker, for a first scenario.

Seen are paths that are compared with the URL's in any of the usual ways, with the method beside them; what
routers are told (Hono, itty-router, worktop and the like); tables; and keys that are taken from the path.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path as File

from edgeday.source.javascript.collected import Collected
from edgeday.source.javascript.conditions import ANY, Match, both, equal_to, matches, texts_in
from edgeday.source.javascript.functions import called_by, functions_of
from edgeday.source.javascript.keys import keys_taken_from_paths
from edgeday.source.javascript.meaning import meaning_of
from edgeday.source.javascript.modules import Module, module_of, other_workers, read_worker
from edgeday.source.javascript.patterns import Path, joined
from edgeday.source.javascript.reads import Reads, reads_of
from edgeday.source.javascript.routers import Routers, told_by
from edgeday.source.javascript.statements import (
    Block,
    answers_at_its_end,
    leaves,
    runs_in_a_function,
    statements_of,
)
from edgeday.source.javascript.syntax import Node, calls_in, is_function
from edgeday.source.javascript.tables import entries_of, names_looked_up
from edgeday.source.model import Route

_ENTRIES = frozenset({"fetch", "scheduled", "queue", "email", "tail", "alarm"})
_STRAIGHT = frozenset({"lexical_declaration", "variable_declaration", "expression_statement"})
_MOST_VISITS = 4
_NO_ROUTES = frozenset({"OPTIONS"})


def routes_in(main: File) -> list[Route]:
    """The routes that a worker's file and what it imports show, in their order, each method and path once."""
    modules = read_worker(main)
    reader = _Reader(modules)
    for module in modules:
        try:
            reader.read(module)
        except RecursionError:  # a file of a program: what was seen until here counts
            continue
    return reader.routes()


class _Reader:
    """Looks through a worker's files."""

    def __init__(self, modules: Sequence[Module]) -> None:
        self._routers = Routers(list(modules))
        self._others = other_workers(modules)
        self._tables = {id(module): names_looked_up(module) for module in modules}
        self._seen = Collected()
        self._methods: dict[str, tuple[Node, list[Node]]] = {}
        """Methods that something is done for whatever the path, and what that is."""
        self._guards: dict[str, str] = {}
        """Headers that are read before what is looked at."""
        self._visits: dict[int, int] = {}
        self._running: set[int] = set()

    def read(self, module: Module) -> None:
        """Look through a file: what runs when a request comes first, then functions that nothing seemed to
        call."""
        later: list[Node] = []
        self._block(module.tree.children, [ANY], later)
        while later:
            function = later.pop(0)
            if not self._visits.get(id(function)):
                self._function(function, [ANY], later)

    def routes(self) -> list[Route]:
        """What was seen. Where nothing but the method is looked at, that is asked for at /."""
        for method, (node, body) in self._methods.items():
            if not self._seen.has(method):
                self._note(method, Path("/", True), node, reads_of(body))
        return self._seen.routes()

    # statements

    def _block(self, nodes: Sequence[Node], context: list[Match], later: list[Node]) -> list[Match]:
        """Look through statements that run one after the other. context: which requests come here.

        Returns which come to the end.
        """
        before = self._guards
        try:
            return self._in_turn(nodes, context, later)
        finally:
            self._guards = before

    def _in_turn(self, nodes: Sequence[Node], context: list[Match], later: list[Node]) -> list[Match]:
        for at, node in enumerate(nodes):
            if node.kind in _STRAIGHT and runs_in_a_function(node):
                self._guards = {**self._guards, **reads_of([node]).headers}
            if node.kind == "if_statement":
                test = node.get("condition")
                if leaves(node.get("consequence")) and all(one == ANY for one in matches(test)):
                    self._guards = {**self._guards, **reads_of([test]).headers}
                after = self._if(node, context, later)
                if after is not None:
                    told = [one for one in after if one.node and one.path and not one.begins]
                    is_new = told and not any(one.path for one in context)
                    context = after
                    if is_new:
                        self._answered(told, list(nodes[at + 1 :]), nodes[at + 1 :], context, later)
                        return context
            elif node.kind == "switch_statement":
                self._switch(node, context, later)
            else:
                self._visit(node, context, later)
        return context

    def _if(self, node: Node, context: list[Match], later: list[Node]) -> list[Match] | None:
        """Look through an `if` and all that is else; what comes behind it, None if that is as before."""
        after: list[Match] | None = None
        is_first = True
        while True:
            test, body = node.get("condition"), node.get("consequence")
            self._condition(test, context, later)
            self._branch(matches(test), [body], context, later)
            others = matches(test, is_true=False)
            alternative = node.get("alternative").children
            if not alternative and is_first and leaves(body) and any(one != ANY for one in others):
                after = both(context, others) or None
            context = both(context, others) or context
            is_first = False
            if not alternative:
                return after
            if alternative[0].kind != "if_statement":
                self._block(alternative, context, later)
                return after
            node = alternative[0]

    def _branch(self, told: list[Match], body: list[Node], context: list[Match], later: list[Node]) -> None:
        """Look through what runs where a condition holds."""
        if all(one == ANY for one in told):
            for node in body:
                self._block(statements_of(node), context, later)
            return
        inside = both(context, told)
        if any(one.sent for one in told):
            self._answered([one for one in inside if one.sent], body, body, inside, later)
            return
        by_method = both(context, [one for one in told if one.method])
        where = [one for one in by_method if one.sent and not one.is_prefix]
        if where:
            self._answered(where, body, body, inside, later)
            return
        for one in told if not any(one.sent for one in context) else ():
            if one.method and one.node and one.method not in {"GET", "HEAD", "OPTIONS"}:
                self._methods.setdefault(one.method, (one.node, body))
        for node in body:
            self._block(statements_of(node), inside, later)

    def _answered(
        self,
        told: list[Match],
        read: list[Node],
        body: Sequence[Node],
        context: list[Match],
        later: list[Node],
    ) -> None:
        """Note routes that are answered by some code, after what is seen in that. told: the routes. read: the
        code that reads what they send."""
        start = len(self._seen)
        at_end = context or [ANY]
        at_end = self._block([one for node in body for one in statements_of(node)], context, later) or at_end
        inner = self._seen.since(start)
        narrowed = {one.method for one in at_end}
        method_at_end = narrowed.pop() if len(narrowed) == 1 else ""
        reads = reads_of(read)
        for one in told:
            sent = one.sent
            method = one.method or method_at_end
            if sent is None or method in _NO_ROUTES:
                continue
            same = {route.method for route in inner if route.path == sent.text}
            if not same:
                is_prefix = one.is_prefix or (sent.begins and not one.path)
                start = self._note(method, sent, one.node, reads, at=start, is_prefix=is_prefix)
            elif not one.method and "GET" not in same and answers_at_its_end(body):
                start = self._note("GET", sent, one.node, Reads(query=reads.query), at=start)

    def _switch(self, node: Node, context: list[Match], later: list[Node]) -> None:
        value = node.get("value")
        meaning = meaning_of(value)
        told: list[Match] = []
        for case in node.get("body").children:
            test, body = case.get("value"), [one for one in case.children if one is not case.get("value")]
            if case.kind == "switch_default":
                told = []
            elif value.kind == "true":
                told += [one for one in matches(test) if one != ANY]
            elif meaning is not None:
                found = (equal_to(meaning, text, test) for text in texts_in(test))
                told += [one for one in found if one is not None]
            if body:
                block = Block(body)
                self._branch(told or [ANY], [block], context, later)
                told = []

    # expressions

    def _visit(self, node: Node, context: list[Match], later: list[Node]) -> None:
        """Look through anything else."""
        kind = node.kind
        if kind in {"statement_block", "else_clause", "program", "switch_case", "switch_default"}:
            self._block(node.children, context, later)
        elif kind == "if_statement":
            self._block([node], context, later)
        elif kind == "switch_statement":
            self._switch(node, context, later)
        elif kind == "class_declaration" and id(node) in self._others:
            return
        elif is_function(node):
            self._meet(node, context, later)
        elif kind == "ternary_expression":
            test = node.get("condition")
            self._condition(test, context, later)
            self._branch(matches(test), [node.get("consequence")], context, later)
            others = both(context, matches(test, is_true=False)) or context
            self._visit(node.get("alternative"), others, later)
        elif kind == "binary_expression" and node.get("operator").text == "&&":
            self._condition(node.get("left"), context, later)
            self._branch(matches(node.get("left")), [node.get("right")], context, later)
        elif kind == "call_expression":
            self._call(node, context, later)
        elif kind == "variable_declarator":
            self._table(node.get("value"), node.get("name").text, later)
            for child in node.children:
                self._visit(child, context, later)
        elif kind in {"object", "array", "new_expression"}:
            self._table(node, "", later)
            for child in node.children:
                self._visit(child, context, later)
        else:
            for child in node.children:
                self._visit(child, context, later)

    def _meet(self, function: Node, context: list[Match], later: list[Node]) -> None:
        """A function where it is written: one with a name waits until something calls it."""
        name = function.get("name").text
        is_named = function.kind == "function_declaration" or (
            function.kind == "method_definition" and name not in _ENTRIES
        )
        is_value = function.scope is not None and any(
            value is function for one in function.scope.names.values() for value in one.values
        )
        if is_named or is_value:
            later.append(function)
        else:
            self._function(function, context, later)

    def _function(self, function: Node, context: list[Match], later: list[Node]) -> None:
        visits = self._visits.get(id(function), 0)
        if id(function) in self._running or visits >= _MOST_VISITS:
            return
        self._visits[id(function)] = visits + 1
        self._running.add(id(function))
        try:
            body = function.get("body")
            self._block(statements_of(body), context, later)
        finally:
            self._running.discard(id(function))

    def _call(self, node: Node, context: list[Match], later: list[Node]) -> None:
        function = node.get("function")
        self._visit(function, context, later)
        told = told_by(node)
        if told is not None:
            places = [
                Match(
                    method,
                    joined(prefix, path.text),
                    path.begins,
                    is_prefix=path.begins and not method,
                    node=node.arguments[0],
                )
                for prefix in self._routers.prefixes(told.router)
                for method in told.methods or [""]
                for path in told.paths
            ]
            bodies = [one for handler in told.handlers for one in functions_of(handler)]
            self._answered(places, [*told.handlers, *bodies], bodies, places, later)
            return
        if function.member == "use":
            headers = reads_of(node.arguments).headers
            path = next((path for one in node.arguments[:1] for path in texts_in(one)), "").partition("*")[0]
            for prefix in self._routers.prefixes(function.get("object")) if headers else ():
                self._seen.guard(joined(prefix, path.rstrip("/")).removesuffix("/"), headers)
        for argument in node.arguments:
            self._visit(argument, context, later)
        self._run(node, context, later)

    def _condition(self, test: Node, context: list[Match], later: list[Node]) -> None:
        """Look through a condition, for what it calls."""
        for call in calls_in([test]):
            self._run(call, context, later)

    def _run(self, call: Node, context: list[Match], later: list[Node]) -> None:
        """Look through what a call runs."""
        for key in keys_taken_from_paths(call, context):
            self._note(key.method or "GET", Path(key.path, True), call, Reads())
        for called in called_by(call):
            if context != [ANY] or not self._visits.get(id(called)):
                self._function(called, context, later)

    def _table(self, node: Node, name: str, later: list[Node]) -> None:
        module = module_of(node)
        looked_up = self._tables.get(id(module), set())
        for told, handlers in entries_of(node, name, looked_up):
            bodies = [one for handler in handlers for one in functions_of(handler)]
            self._answered(told, bodies, bodies, told, later)

    def _note(
        self,
        method: str,
        path: Path,
        node: Node,
        reads: Reads,
        *,
        at: int | None = None,
        is_prefix: bool = False,
    ) -> int:
        """Note a route that is seen at a node, at a place among the others; the place behind it."""
        method = method or ("GET" if reads.body is None and reads.form is None else "POST")
        has_body = method not in {"GET", "HEAD"}
        module = module_of(node)
        route = Route(
            method,
            path.text,
            "" if module is None else module.place(node),
            path.begins,
            reads.body if has_body else None,
            reads.form if has_body and reads.body is None else None,
            reads.query,
            {**self._guards, **reads.headers},
        )
        return self._seen.add(route, is_prefix=is_prefix, at=at)
