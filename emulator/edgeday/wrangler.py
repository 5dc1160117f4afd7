"""The user's own wrangler configuration: which KV namespaces a worker has, and its plain variables.

Reads wrangler.toml, wrangler.json and wrangler.jsonc. An environment inherits the account id, and its name
is the worker's with its own behind it; `kv_namespaces` and `vars` are not inherited.
Source: Cloudflare docs, Wrangler configuration ("Environments", "Inheritable keys").
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edgeday.errors import BadInput, Problem, did_you_mean
from edgeday.files import read_capped

_MAX_BYTES = 1024 * 1024
_NOT_INHERITED = ("kv_namespaces", "vars")
_STRING = r'"(?:\\.|[^"\\])*"'
_COMMENT = re.compile(rf"{_STRING}|(//[^\r\n]*|/\*.*?\*/)", re.DOTALL)
_TRAILING_COMMA = re.compile(rf"{_STRING}|(,(?=\s*[\]}}]))", re.DOTALL)
_INK = re.compile(r"[^\r\n\t]")
_TOML_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


@dataclass(frozen=True, slots=True)
class Binding:
    """A KV binding. title: what the namespace is called unless it has a name already. preview_id: of the
    namespace that takes its place in previews, None if there is none."""

    name: str
    namespace_id: str
    title: str
    preview_id: str | None = None


@dataclass(frozen=True, slots=True)
class WranglerConfig:
    """What edgeday takes from a configuration.

    warnings: what wrangler would warn of, as sentences. path: of the file. main: the worker's file, as an
    absolute path, None if nothing says it. compatibility_date: YYYY-MM-DD, "" if nothing says it.
    crons: expressions of `triggers.crons`, as they are written. unsupported: what the worker is bound to and
    edgeday does not emulate, in words ("D1 database DB").
    """

    name: str
    account_id: str | None = None
    bindings: tuple[Binding, ...] = ()
    vars: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    path: Path | None = None
    main: Path | None = None
    compatibility_date: str = ""
    compatibility_flags: tuple[str, ...] = ()
    crons: tuple[str, ...] = ()
    unsupported: tuple[str, ...] = ()


def load_wrangler_config(path: Path, environment: str | None = None) -> WranglerConfig:
    """Read a configuration file, or one environment of it.

    A binding without an id (wrangler makes its namespace at the first deployment) gets one that stays the
    same for its name. Raises BadInput with all problems, each at file:line.
    """
    text = _read(path)
    return _Reader(path, text, _parse(path, text)).config(environment)


def _read(path: Path) -> str:
    hint = "name your wrangler.toml or wrangler.jsonc"
    data = read_capped(path, _MAX_BYTES, kind="a configuration", hint=hint)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadInput(
            Problem(str(path), f"byte 0x{data[error.start]:02x} is not UTF-8", line=line)
        ) from None


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        if path.suffix == ".toml":
            return tomllib.loads(text)
        if path.suffix not in {".json", ".jsonc"}:
            raise BadInput(Problem(str(path), "is neither .toml nor .json nor .jsonc"))
        value = json.loads(plain_json(text))
    except tomllib.TOMLDecodeError as error:
        place = _TOML_PLACE.search(str(error))
        line, column = (int(place[1]), int(place[2])) if place and place[1] else (text.count("\n") + 1, 1)
        what = f"not TOML: {_TOML_PLACE.sub('', str(error))}"
        raise BadInput(Problem(str(path), what, line=line, column=column)) from None
    except json.JSONDecodeError as error:
        what = f"not JSON: {error.msg}"
        raise BadInput(Problem(str(path), what, line=error.lineno, column=error.colno)) from None
    except RecursionError:
        raise BadInput(Problem(str(path), "is nested too deeply")) from None
    if not isinstance(value, dict):
        raise BadInput(Problem(str(path), "a configuration is an object", line=1))
    return value


class _Reader:
    """Takes the parts out of one parsed file, and collects what is wrong with them."""

    def __init__(self, path: Path, text: str, raw: dict[str, Any]) -> None:
        self._path = path
        self._lines = text.splitlines()
        self._raw = raw
        self._problems: list[Problem] = []

    def config(self, environment: str | None) -> WranglerConfig:
        raw = self._raw
        chosen = raw if environment is None else self._environment(environment)
        base = self._text(raw, "name") or self._path.parent.resolve().name
        name = base
        if environment is not None:
            name = self._text(chosen, "name") or f"{base}-{environment}"
        bindings = self._bindings(chosen, name)
        config = WranglerConfig(
            name,
            self._text(chosen, "account_id") or self._text(raw, "account_id"),
            bindings,
            self._vars(chosen, {binding.name for binding in bindings}),
            self._warnings(chosen, environment),
        )
        if self._problems:
            raise BadInput(self._problems)
        return config

    def _environment(self, name: str) -> dict[str, Any]:
        environments = self._raw.get("env", {})
        if not isinstance(environments, dict):
            raise BadInput(self._problem("env", "env is not a table of environments"))
        environment = environments.get(name)
        if environment is None:
            known = f"there are: {', '.join(environments)}" if environments else "there are none"
            hint = did_you_mean(name, environments) or known
            raise BadInput(Problem(str(self._path), f'there is no environment "{name}"', hint))
        if not isinstance(environment, dict):
            raise BadInput(self._problem(re.escape(name), f"env.{name} is not a table"))
        return environment

    def _bindings(self, chosen: dict[str, Any], worker: str) -> tuple[Binding, ...]:
        entries = chosen.get("kv_namespaces", [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            self._problems.append(
                self._problem("kv_namespaces", "kv_namespaces is not a list of tables with binding and id")
            )
            return ()
        bindings: dict[str, Binding] = {}
        for number, entry in enumerate(entries):
            name, id = entry.get("binding"), entry.get("id")
            if not isinstance(name, str) or not name.isidentifier():
                what = f"kv_namespaces[{number}] needs a binding, a name that code can use"
                word = _quoted(name) if isinstance(name, str) else "kv_namespaces"
                self._problems.append(self._problem(word, what))
            elif name in bindings:
                what = f'two namespaces are bound as "{name}"'
                self._problems.append(self._problem(_quoted(name), what, last=True))
            elif id is not None and (not isinstance(id, str) or not id or "/" in id):
                self._problems.append(self._problem(_quoted(name), f'the id of "{name}" is not an id'))
            else:
                made = hashlib.sha256(f"{worker}/{name}".encode()).hexdigest()[:32]
                bindings[name] = Binding(name, id or made, f"{worker}-{name}")
        return tuple(bindings.values())

    def _vars(self, chosen: dict[str, Any], taken: set[str]) -> dict[str, Any]:
        variables = chosen.get("vars", {})
        if not isinstance(variables, dict):
            self._problems.append(self._problem("vars", "vars is not a table"))
            return {}
        for name in sorted(taken & set(variables)):
            self._problems.append(
                self._problem(re.escape(name), f'"{name}" is a variable and a binding', last=True)
            )
        return variables

    def _warnings(self, chosen: dict[str, Any], environment: str | None) -> tuple[str, ...]:
        return tuple(
            f'{self._path}: "{name}" stands at the top level, which env.{environment} does not inherit'
            for name in _NOT_INHERITED
            if chosen is not self._raw and name in self._raw and name not in chosen
        )

    def _text(self, table: dict[str, Any], key: str) -> str | None:
        value = table.get(key)
        if value is None or isinstance(value, str):
            return value
        self._problems.append(self._problem(key, f"{key} is not text"))
        return None

    def _problem(self, pattern: str, what: str, *, last: bool = False) -> Problem:
        """A problem at the first, or last, line that has a pattern; at the file if none has."""
        lines = [number for number, line in enumerate(self._lines, 1) if re.search(pattern, line)]
        line = lines[-1 if last else 0] if lines else 0
        return Problem(str(self._path), what, line=line)


def _quoted(word: str) -> str:
    """A pattern of a word as a value."""
    return rf"[\"']{re.escape(word)}[\"']"


def plain_json(text: str) -> str:
    """JSON with comments and trailing commas as plain JSON: both are blanked out, strings stay as they are.

    Blanks take as much room, so that places in the text stay what they were.
    """
    for unwanted in (_COMMENT, _TRAILING_COMMA):
        text = unwanted.sub(lambda match: _INK.sub(" ", match[1]) if match[1] else match[0], text)
    return text
