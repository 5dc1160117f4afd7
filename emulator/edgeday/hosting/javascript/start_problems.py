"""Why workerd does not start a worker, as problems of the user's files.

What a worker's modules raise while they are evaluated, workerd writes to its standard error and ends:
`service i0: Uncaught TypeError: text`, then a line `  at worker.js:3:22 in f` for each frame.
Source: runs of workerd 1.20261117.1; workerd/server/server.c++ (reportConfigError).
"""

from __future__ import annotations

import json
import posixpath
import re
from pathlib import Path
from typing import NamedTuple

from edgeday.errors import Problem
from edgeday.files import from_here
from edgeday.hosting.endings import BUNDLE
from edgeday.hosting.javascript.bundles import Bundle
from edgeday.hosting.javascript.stacks import Position, Stacks

_HEAD = re.compile(r"service \S+?: ", re.MULTILINE)
_UNCAUGHT = re.compile(r"Uncaught (?:\(in promise\) )?(?P<text>.*)", re.DOTALL)
_OWN_FRAME = re.compile(r"\n\s*at \S.*:\d+:\d+(?: in .*)?")
_IMPORTED_FROM = re.compile(r'\n\s*imported from "(?P<module>[^"]*)"')
_NO_MODULE = re.compile(
    r'Error: (?:No such module "(?P<name>.*)"\.?|Module not found: (?:file:///bundle/)?(?P<url>\S+))'
)
"""In the words of the older registry of modules, and of the newer one, which does not say who imports it."""
_OWN_LOG = re.compile(r"(?:workerd|kj|capnp)/\S+:\d+: (?P<level>\w+): ")
_OWN_STACK = re.compile(r"(?:; |^)stack: [0-9a-f@ ]*$")
_GLOBAL_SCOPE = "Disallowed operation called within global scope"
_UNSETTLED = "Top-level await in module is unsettled"
_NODE = re.compile(r"ReferenceError: (process|Buffer|global|setImmediate|__dirname) is not defined")
_OF_JSON = "\n:1:1"
"""The place of a syntax error in a module of JSON, which has no name there."""
_LONGEST = 300
"""Characters of workerd's own words that are shown."""
_WIDTH = 96
"""Characters of a line that are shown around the place."""
_NAME = "name wrangler.jsonc, or what wrangler deploy --dry-run --outfile dist/worker.bundle writes"
_BUNDLE = f"npm packages and TypeScript are bundled first: {_NAME}"
_OF_TYPES = re.compile(r"Unexpected token '[:<{?!]'")
"""What V8 says of types and of JSX, mostly."""
_NO_COLUMN = re.compile(r" at file:///bundle/(?P<module>[^\s:]+):(?P<line>\d+)$")
"""The place of a syntax error that has no token: the end of a file, a text that is not closed."""
_NODE_HINT = "compatibility_flags: [nodejs_compat] brings the modules and globals of Node"


class _Told(NamedTuple):
    """What is wrong, and what to try."""

    what: str
    hint: str = ""


def start_problems(said: str, bundle: Bundle, stacks: Stacks) -> tuple[Problem, ...]:
    """The problems behind what workerd said when it did not start. At least one."""
    main = main_file(bundle, stacks)
    before, *services = _HEAD.split(said)
    texts = [text for part in services or [before] if (text := _without_log(part))]
    problems = [_problem(text, bundle, stacks, main) for text in texts]
    if not problems:
        problems = [Problem(main, "workerd ended before it was ready, and did not say why")]
    return tuple(dict.fromkeys(problems))


def main_file(bundle: Bundle, stacks: Stacks) -> str:
    """What a person knows the worker by: its file, or what its bundle comes from."""
    whole = (one for one in bundle.sources if one.suffix in {BUNDLE, ".json", ".jsonc", ".toml"})
    return _shown(str(next(whole, stacks.position(bundle.main, 1, 1).file)))


def _without_log(text: str) -> str:
    """What is left without what workerd writes for its own developers; of that, its errors stay if there is
    nothing else."""
    lines = [_OWN_STACK.sub("", line).rstrip() for line in text.splitlines()]
    own = [line for line in lines if line and not _OWN_LOG.match(line)]
    logged = ((_OWN_LOG.match(line), line) for line in lines)
    errors = [line[log.end() :] for log, line in logged if log and log["level"] in {"error", "fatal"}]
    return "\n".join(own or errors).strip()


def _problem(text: str, bundle: Bundle, stacks: Stacks, main: str) -> Problem:
    uncaught = _UNCAUGHT.match(text)
    if uncaught is None:
        told = _of_settings(text)
        return Problem(main, told.what, told.hint)
    said = uncaught["text"]
    position = _position(said, bundle, stacks)
    what = _NO_COLUMN.sub("", _IMPORTED_FROM.sub("", _OWN_FRAME.sub("", said)).strip().removesuffix(_OF_JSON))
    told = _of_exception(" ".join(what.split()))
    if position is None:
        return Problem(main, told.what, told.hint)
    return Problem(
        _shown(position.file), told.what, told.hint, position.line, position.column, _excerpt(position)
    )


def _of_exception(what: str) -> _Told:
    """What a module raised while it was evaluated, or why it could not be."""
    if _GLOBAL_SCOPE in what:
        did = "it fetches, waits or draws random values while its modules are evaluated, outside of a handler"
        return _Told(f"{did} ({_GLOBAL_SCOPE})", "do it in a handler, or when the first request comes")
    if _UNSETTLED in what:
        return _Told("it waits at its top level for what never comes", "wait in a handler instead")
    missing = _NO_MODULE.match(what)
    if missing is not None:
        return _of_missing(missing["name"] or missing["url"])
    if what.startswith("SyntaxError: "):
        return _Told(what, f"TypeScript and JSX are bundled first: {_NAME}" if _OF_TYPES.search(what) else "")
    if what.startswith("ReferenceError: require is not defined"):
        return _Told(what, f"a worker imports its modules; {_BUNDLE}")
    if _NODE.match(what):
        return _Told(f"evaluating it raised {what}", _NODE_HINT)
    return _Told(f"evaluating it raised {what}")


def _of_missing(name: str) -> _Told:
    what = f'there is no module "{name}"'
    if name.startswith("node:") or name in _NODE_MODULES:
        return _Told(what, _NODE_HINT)
    if name.startswith("cloudflare:"):
        return _Told(what, "this workerd has none of that name: npm i -D workerd@latest brings the newest")
    return _Told(what, _BUNDLE)


_NODE_MODULES = frozenset({
    "assert", "async_hooks", "buffer", "child_process", "crypto", "dns", "events", "fs", "http", "https",
    "module", "net", "os", "path", "perf_hooks", "process", "querystring", "stream", "string_decoder",
    "timers", "tls", "tty", "url", "util", "v8", "vm", "worker_threads", "zlib",
})  # fmt: skip


def _of_settings(text: str) -> _Told:
    """What workerd refuses of date and flags; else its own words."""
    first = " ".join(text.split())
    if (flag := re.match(r"No such compatibility flag: (\S+)", first)) is not None:
        hint = "is it spelled right? npm i -D workerd@latest brings the newest ones"
        return _Told(f'workerd knows no compatibility flag "{flag[1]}"', hint)
    if (flag := re.match(r"Compatibility flag specified multiple times: (\S+)", first)) is not None:
        return _Told(f'the compatibility flag "{flag[1]}" is given twice', "leave one out")
    if (flag := re.match(r"The compatibility flag (\S+) is experimental", first)) is not None:
        return _Told(f'the compatibility flag "{flag[1]}" is experimental')
    if (flag := re.match(r"Compatibility flags are mutually contradictory: (.+)", first)) is not None:
        return _Told(f"compatibility flags exclude each other: {flag[1]}", "leave one out")
    if (date := re.search(r"compatibility date(?: in the future)?:? \"?([^\s\",]+)", first)) is not None:
        return _Told(
            f"workerd does not take the compatibility date {date[1]}", "write YYYY-MM-DD, not after today"
        )
    shown = first if len(first) <= _LONGEST else f"{first[:_LONGEST]}..."
    return _Told(f"workerd does not start it; workerd said: {shown}")


def _position(said: str, bundle: Bundle, stacks: Stacks) -> Position | None:
    """The innermost place in the user's code."""
    missing = _NO_MODULE.match(said)
    importer = _IMPORTED_FROM.search(said)
    if importer is not None:
        name = missing["name"] or "" if missing else ""
        return _import_of(name, importer["module"], bundle, stacks) or stacks.position(
            importer["module"], 1, 1
        )
    if missing is not None and missing["url"]:
        places = (_import_of(missing["url"], one.name, bundle, stacks) for one in bundle.modules)
        return next((place for place in places if place is not None), None)
    if said.endswith(_OF_JSON):
        return _bad_json(bundle)
    if (place := _NO_COLUMN.search(said)) is not None:
        return stacks.position(place["module"], int(place["line"]), 1)
    position = stacks.innermost(said)
    if position is not None and said.startswith("SyntaxError: "):  # its column is counted from 0
        return position._replace(column=position.column + 1)
    return position


def _import_of(name: str, importer: str, bundle: Bundle, stacks: Stacks) -> Position | None:
    """Where a module imports another one; None if it does not."""
    body = next((one.body.decode("utf-8", "replace") for one in bundle.modules if one.name == importer), "")
    folder = posixpath.dirname(importer)
    for quoted in re.finditer(r"""(["'])([^"'\n]+)\1""", body):
        if name in {quoted[2], posixpath.normpath(posixpath.join(folder, quoted[2]))}:
            before = body[: quoted.start()]
            return stacks.position(importer, before.count("\n") + 1, quoted.start() - before.rfind("\n"))
    return None


def _bad_json(bundle: Bundle) -> Position | None:
    """The place in the first module of JSON that is none."""
    for one in bundle.modules:
        if one.kind == "json":
            try:
                json.loads(one.body)
            except json.JSONDecodeError as error:
                line = error.doc.splitlines()[error.lineno - 1] if error.doc else ""
                return Position(one.name, error.lineno, error.colno, line)
            except UnicodeDecodeError:
                return Position(one.name, 1, 1, "")
    return None


def _excerpt(position: Position) -> str:
    """The line with a marker below it; of a long one, what is around the place."""
    if not position.text:
        return ""
    text = "".join(sign if sign.isprintable() else " " for sign in position.text)
    start = position.column - 1
    if len(text) > _WIDTH:
        shift = max(0, start - 40)
        text, start = text[shift : shift + _WIDTH], start - shift
    word = re.match(r"[\w$]+", text[start:])
    marker = " " * start + "^" * (len(word.group()) if word else 1)
    return f"{position.line:>6} | {text}\n       | {marker}"


def _shown(file: str) -> str:
    return from_here(Path(file)).as_posix()
