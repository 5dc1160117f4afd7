"""Routes that can be seen in the source of a Python worker, for a first scenario. Nothing of it is run.

Seen are paths that are compared with the URL's (`url.path == "/health"`, `match` and `case`, keys of a
table), with the method beside them, and the decorators and tables of FastAPI, Starlette and Flask. What a
worker makes of a path otherwise, a person has to add.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from edgeday.source.model import METHODS, Route, parameter
from edgeday.source.python.bodies import Functions, beside, body_read_in, models_of, sent_by_signature
from edgeday.source.python.prefixes import mounted_in, prefixes_of
from edgeday.source_imports import imported_names, module_file, packages_of

_MOST_FILES, _MOST_BYTES = 50, 1024 * 1024
_PLACEHOLDER = re.compile(r"\{(\w+)(?::(\w+))?\}|<(?:(\w+):)?(\w+)>")
_METHOD_AND_PATH = re.compile(rf"({'|'.join(METHODS)}) (/.*)")
_PATH = re.compile(r"/[!-~]*")
_PATH_LIKE = re.compile(r"path|url|route", re.IGNORECASE)


def routes_in(main: Path) -> list[Route]:
    """The routes that a worker's file and the modules beside it show, in their order; GET before others of
    one path. Files that are no Python show none."""
    routes: dict[tuple[str, str], Route] = {}
    modules = list(modules_of(main))
    trees = [tree for _, tree in modules]
    models, functions = models_of(trees), Functions(trees)
    prefixes = prefixes_of((_name_of(path), tree) for path, tree in modules)
    for path, tree in modules:
        for route in _Module(path.name, tree, models, functions, prefixes.get(_name_of(path), {})).routes():
            routes.setdefault((route.method, route.path), route)
    return list(routes.values())


def answers_requests(main: Path) -> bool:
    """Whether a worker seems to answer requests: it does unless it shows a `scheduled` handler and none for
    requests."""
    names = _functions_in(main)
    return names.isdisjoint({"scheduled", "on_scheduled"}) or not names.isdisjoint({"fetch", "on_fetch"})


def shows_a_handler(main: Path) -> bool:
    """Whether a file seems to be a worker: it, or a file beside it that it imports, has a handler."""
    return not _functions_in(main).isdisjoint({"fetch", "on_fetch", "scheduled", "on_scheduled"})


def _functions_in(main: Path) -> set[str]:
    return {
        node.name
        for _, tree in modules_of(main)
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }


def _name_of(path: Path) -> str:
    """The last part of the name of a file's module."""
    return path.parent.name if path.name == "__init__.py" else path.stem


def modules_of(main: Path) -> Iterator[tuple[Path, ast.Module]]:
    """A file and what it imports from its own directory, each once."""
    waiting, done = [main], {main}
    while waiting and len(done) <= _MOST_FILES:
        path = waiting.pop(0)
        try:
            if path.stat().st_size > _MOST_BYTES:
                continue
            tree = ast.parse(path.read_bytes())
        except (OSError, SyntaxError, ValueError, RecursionError):
            continue
        yield path, tree
        for name in imported_names(tree, packages_of(path, main.parent)):
            other = module_file(name, main.parent)
            if other is not None and other not in done:
                done.add(other)
                waiting.append(other)


class _Module:
    """Looks through the syntax of one module."""

    def __init__(
        self,
        name: str,
        tree: ast.Module,
        models: Mapping[str, Mapping[str, Any]],
        functions: Functions,
        prefixes: Mapping[str, str],
    ) -> None:
        self._name = name
        self._tree = tree
        self._models = models
        self._functions = functions
        self._prefixes = prefixes
        self._mounted = mounted_in(tree)
        self._path_names = {
            target.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and _PATH_LIKE.search(ast.unparse(node.value))
            for target in node.targets
            if isinstance(target, ast.Name)
        }

    def routes(self) -> Iterator[Route]:
        yield from self._in(self._tree.body, "", self._tree)

    def _in(self, body: Sequence[ast.stmt], method: str, scope: ast.AST) -> Iterator[Route]:
        """The routes of statements. method: that conditions around them require, "" if none does.
        scope: the function that they are in."""
        for node in body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield from self._decorated(node)
                yield from self._in(node.body, "", node)
            elif isinstance(node, ast.If):
                inside = _method_in(node.test) or method
                yield from self._compared(node.test, inside, node.body, scope)
                yield from self._in(node.body, inside, scope)
                yield from self._in(node.orelse, method, scope)
                method = _method_after(node) or method
            elif isinstance(node, ast.Match):
                yield from self._matched(node, method, scope)
            else:
                yield from self._in_tables(node)
                for value in _expressions(node):
                    yield from self._compared(value, _method_in(value) or method, [node], scope)
                for part in ("body", "orelse", "finalbody"):
                    yield from self._in(getattr(node, part, []), method, scope)
                for handler in getattr(node, "handlers", []):
                    yield from self._in(handler.body, method, scope)

    def _compared(
        self, test: ast.expr, method: str, body: Sequence[ast.AST], scope: ast.AST
    ) -> Iterator[Route]:
        """Routes that a condition compares with the path. body: what runs then."""
        for node in ast.walk(test):
            if isinstance(node, ast.Compare) and len(node.ops) == 1:
                sides = (node.left, node.comparators[0])
                is_within = isinstance(node.ops[0], (ast.In, ast.NotIn)) and isinstance(
                    sides[0], ast.Constant
                )
                for this, other in (sides, sides[::-1]):
                    for text in _texts(other):
                        if self._is_path(this, text) and not (is_within and len(text) == 1):
                            sent = self._body(body, scope, method, text)
                            yield self._route(node, method, text, begins=is_within, body=sent)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                texts = [text for text in _texts(node.args[0]) if _PATH.fullmatch(text) and len(text) > 1]
                if node.func.attr == "startswith" and self._is_path(node.func.value, "/x"):
                    for text in texts:
                        sample = text if not text.endswith("/") else f"{text}1"
                        yield self._route(node, method, sample, begins=True)
                elif node.func.attr in {"match", "fullmatch"} and ast.unparse(node.func.value) == "re":
                    for text in _texts(node.args[0]):
                        if matching := _sample(text):
                            yield self._route(node, method, matching, begins=True)

    def _is_path(self, value: ast.expr, text: str) -> bool:
        """Whether a value that is compared with a text is the path of a URL."""
        if _METHOD_AND_PATH.fullmatch(text):
            return True
        if not _PATH.fullmatch(text) or isinstance(value, ast.Constant):
            return False
        is_name = isinstance(value, ast.Name) and value.id in self._path_names
        return is_name or bool(_PATH_LIKE.search(ast.unparse(value)))

    def _matched(self, node: ast.Match, method: str, scope: ast.AST) -> Iterator[Route]:
        for case in node.cases:
            texts = [
                value.value.value
                for value in ast.walk(case.pattern)
                if isinstance(value, ast.MatchValue)
                and isinstance(value.value, ast.Constant)
                and isinstance(value.value.value, str)
            ]
            named = next((text for text in texts if text in METHODS), method)
            for text in texts:
                if _PATH.fullmatch(text) or _METHOD_AND_PATH.fullmatch(text):
                    sent = self._body(case.body, scope, named, text)
                    yield self._route(case.pattern, named, text, body=sent)
            yield from self._in(case.body, named, scope)

    def _in_tables(self, node: ast.stmt) -> Iterator[Route]:
        """Routes of a table from paths to handlers, and of calls that add them to an application."""
        for value in ast.walk(node):
            if isinstance(value, ast.Dict) and isinstance(node, (ast.Assign, ast.AnnAssign, ast.Return)):
                for key, handler in zip(value.keys, value.values, strict=True):
                    if key is None or not isinstance(handler, (ast.Name, ast.Attribute, ast.Lambda)):
                        continue
                    texts = list(_texts(key))
                    named = next((text for text in texts if text in METHODS), "")
                    for text in texts:
                        if _PATH.fullmatch(text) or _METHOD_AND_PATH.fullmatch(text):
                            sent = self._functions.body_read_by(handler)
                            yield self._route(key, named, text, body=sent)
            elif isinstance(value, ast.Call):
                name = ast.unparse(value.func).rpartition(".")[2]
                if name in {"Route", "add_api_route", "add_route", "add_url_rule"}:
                    sent = self._functions.body_read_by(value.args[1]) if len(value.args) > 1 else None
                    yield from self._of_call(value, "", self._mounted.get(value, ""), sent)

    def _decorated(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Route]:
        """The routes that the decorators of a function give it."""
        for node in function.decorator_list:
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            method = node.func.attr.upper()
            if method in METHODS or node.func.attr in {"route", "api_route"}:
                prefix = self._prefixes.get(ast.unparse(node.func.value), "")
                body = sent_by_signature(function, self._models)
                if body is None:
                    body = body_read_in([function])
                yield from self._of_call(node, method if method in METHODS else "", prefix, body)

    def _of_call(self, call: ast.Call, method: str, prefix: str, body: Any = None) -> Iterator[Route]:
        first = call.args[:1] or [word.value for word in call.keywords if word.arg in {"path", "rule"}]
        methods = [word.value for word in call.keywords if word.arg == "methods"]
        named = [text.upper() for value in methods for text in _texts(value)] or [method]
        for text in (text for value in first for text in _texts(value)):
            for one in named:
                if _PATH.fullmatch(prefix + text):
                    yield self._route(call, one, prefix + text, body=body)

    def _body(self, statements: Sequence[ast.AST], scope: ast.AST, method: str, text: str) -> Any:
        """What is read of the request's JSON where a route is answered, in what is called there, or else in
        the function around it."""
        if method in {"GET", "HEAD"}:
            return None
        body = body_read_in(statements)
        if body is None:
            body = self._functions.body_read_from(statements)
        named = method or _METHOD_AND_PATH.fullmatch(text)
        if body is None and named and isinstance(scope, ast.AsyncFunctionDef):
            return body_read_in(list(beside(scope.body, statements)))
        return body

    def _route(
        self, node: ast.AST, method: str, text: str, *, begins: bool = False, body: Any = None
    ) -> Route:
        both = _METHOD_AND_PATH.fullmatch(text)
        path = text
        method = method or ("GET" if body is None else "POST")
        if both is not None:
            method, path = both[1], both[2]
        path = _PLACEHOLDER.sub(lambda match: parameter(match[1] or match[4]), path)
        line = f"{self._name}:{getattr(node, 'lineno', 0)}"
        if method in {"GET", "HEAD"}:
            body = None
        return Route(method, path, line, begins, body)


def _texts(value: ast.expr) -> Iterator[str]:
    """The texts that a literal is, or that a tuple, list or set of them has."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, (ast.Tuple, ast.List, ast.Set)):
        for item in value.elts:
            yield from _texts(item)


def _method_in(test: ast.expr) -> str:
    """The method that a condition requires, "" if it requires none."""
    for node in ast.walk(test):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.Eq, ast.In)):
            for value in (node.left, *node.comparators):
                named = value.attr if isinstance(value, ast.Attribute) else ""
                for text in (*_texts(value), named):
                    if text in METHODS:
                        return text
    return ""


def _method_after(node: ast.If) -> str:
    """The method that all below a condition has, where the condition sends every other one away."""
    leaves = isinstance(node.body[-1], (ast.Return, ast.Raise))
    test = node.test
    if not leaves or not isinstance(test, ast.Compare) or not isinstance(test.ops[0], (ast.NotEq, ast.NotIn)):
        return ""
    return next((text for text in _texts(test.comparators[0]) if text in METHODS), "")


def _expressions(node: ast.stmt) -> Iterable[ast.expr]:
    """The expressions that stand in a statement itself."""
    return [value for value in ast.iter_child_nodes(node) if isinstance(value, ast.expr)]


def _sample(pattern: str) -> str | None:
    """A path that a simple pattern matches, or None."""
    text = pattern.removeprefix("^").removesuffix("$").removesuffix("\\Z")
    text = re.sub(r"\((?:\?P<\w+>|\?:)?[^()]*\)", "1", text)
    text = re.sub(r"(\\[dw]|\[[^\]]*\]|\.)[+*]?(\{[\d,]+\})?", "1", text)
    sample = text.replace("\\", "").removesuffix("/?").replace("/?", "")
    try:
        matches = bool(re.match(pattern, sample))
    except re.error:
        return None
    return sample if matches and _PATH.fullmatch(sample) else None
