"""The placeholders of a scenario file before it runs: each that nothing defines, and each value that cannot
stand where it would."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from edgeday.errors import Problem, did_you_mean
from edgeday.scenario.model import kind_of_part
from edgeday.scenario.request_template import (
    FIELDS,
    METHODS,
    RequestFields,
    is_header_value,
    is_host,
    is_path,
    leading_name,
)
from edgeday.scenario.templates import as_text, fill, names_in
from edgeday.scenario.yaml_source import Location, Source

_MOST_LINES = 200
"""How far below the beginning of a text a placeholder of it is looked for."""


def placeholder_problems(source: Source, rows: Mapping[str, Sequence[Any]]) -> Iterator[Problem]:
    """What is wrong with the placeholders of a file. rows: what the files of its values hold, by name.

    Reads the values as they stand in the file, so that these problems are said beside those of the model.
    """
    given = source.value.get("values")
    pools = _Pools(given if isinstance(given, dict) else {}, rows)
    for number, part in _items(source.value.get("traffic")):
        at: Location = ("traffic", number)
        if issubclass(kind_of_part(part), RequestFields) or "steps" in part:
            yield from _of_part(source, part, at, pools)
    for number, probe in _items(source.value.get("probes")):
        request = probe.get("request")
        if not isinstance(request, dict):
            continue
        for field in FIELDS:
            for name, place, at_key in named_in(request.get(field), ("probes", number, "request", field)):
                what = f"a probe draws no values, and {{{name}}} is one"
                yield problem_of_name(source, place, at_key, name, what, f"the text itself is {{{{{name}}}}}")


def _items(parts: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, part in enumerate(parts if isinstance(parts, list) else ()):
        if isinstance(part, dict):
            yield number, part


def _of_part(source: Source, part: dict[str, Any], at: Location, pools: _Pools) -> Iterator[Problem]:
    yield from _of_request(source, part, at, pools, pools.names)
    for number, entry in _items(part.get("mix")):
        yield from _of_request(source, entry, (*at, "mix", number), pools, pools.names)
    yield from _of_steps(source, dict(_items(part.get("steps"))), at, pools)


def _of_steps(
    source: Source, steps: Mapping[int, dict[str, Any]], at: Location, pools: _Pools
) -> Iterator[Problem]:
    """The problems of the steps of a session: each may use what the answers to earlier ones gave."""
    kept_by: dict[str, int] = {}
    for number, step in steps.items():
        for name in _mapping(step.get("keep")):
            kept_by.setdefault(name, number)
    defined = set(pools.names)
    for number, step in steps.items():
        place = (*at, "steps", number)
        later = {name: by for name, by in kept_by.items() if name not in defined}
        yield from _of_request(source, step, place, pools, defined, later)
        for name in _mapping(step.get("keep")):
            if name in pools.names:
                what = f'"{name}" is one of the values of the scenario too'
                hint = "give what is kept a name of its own"
                yield source.problem((*place, "keep", name), what, hint=hint, at_key=True)
            defined.add(name)
        again = step.get("again")
        for position, name in enumerate(again if isinstance(again, list) else [again]):
            if isinstance(name, str) and name not in pools.names:
                spot = (*place, "again", position) if isinstance(again, list) else (*place, "again")
                what = f'"{name}" cannot be drawn again: it is none of the values'
                yield source.problem(spot, what, hint=did_you_mean(name, pools.names))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _of_request(
    source: Source,
    request: dict[str, Any],
    at: Location,
    pools: _Pools,
    defined: Collection[str],
    later: Mapping[str, int] = MappingProxyType({}),
) -> Iterator[Problem]:
    """The problems of one request. defined: what its placeholders may name. later: what is kept by a step,
    from 0, that does not come before it."""
    for field in FIELDS:
        value = request.get(field)
        undefined = False
        for name, place, at_key in named_in(value, (*at, field)):
            if name not in defined:
                undefined = True
                yield _undefined(source, place, at_key, name, defined, later.get(name))
        if not undefined and field in {"headers", "host", "client"}:
            yield from _unsendable(source, value, (*at, field), pools)
        if not undefined and field in {"path", *METHODS} and isinstance(value, str):
            yield from _no_path(source, value, (*at, field), pools)


def named_in(value: Any, at: Location) -> Iterator[tuple[str, Location, bool]]:
    """The names in a text or JSON value, each once for each text, with its place; of a key, at the key."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from ((name, (*at, key), True) for name in dict.fromkeys(names_in(key)))
            yield from named_in(item, (*at, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from named_in(item, (*at, number))
    else:
        yield from ((name, at, False) for name in dict.fromkeys(names_in(value)))


def _undefined(
    source: Source, place: Location, at_key: bool, name: str, defined: Collection[str], kept_by: int | None
) -> Problem:
    if kept_by is not None:
        what = f"nothing defines {{{name}}} yet: step {kept_by + 1} keeps it"
        hint = "a step can use what the answers to earlier steps gave"
        return problem_of_name(source, place, at_key, name, what, hint)
    return undefined(source, place, at_key, name, defined)


def undefined(source: Source, place: Location, at_key: bool, name: str, defined: Collection[str]) -> Problem:
    """The problem of a placeholder that nothing defines."""
    near = did_you_mean(name, defined)
    hint = near or f"define it: values: {{{name}: {{uniform: [1, 100]}}}}; the text itself is {{{{{name}}}}}"
    return problem_of_name(source, place, at_key, name, f"nothing defines {{{name}}}", hint)


def problem_of_name(
    source: Source, place: Location, at_key: bool, name: str, what: str, hint: str
) -> Problem:
    """A problem at the placeholder itself, or where its text begins if it cannot be found there."""
    whole = source.problem(place, what, hint=hint, at_key=at_key)
    wanted = f"{{{name}}}"
    for line in range(whole.line, min(whole.line + _MOST_LINES, len(source.lines) + 1)):
        begins = whole.column - 1 if line == whole.line else 0
        column = source.lines[line - 1].find(wanted, begins)
        if column >= 0:
            return source.problem_at(line, column + 1, what, hint)
    return whole


class _Pools:
    """The values of a file that can be told one by one: lists, choices and lines of files."""

    def __init__(self, given: dict[str, Any], rows: Mapping[str, Sequence[Any]]) -> None:
        self._given = given
        self._rows = rows
        self.names = frozenset(given)

    def is_numbers(self, name: str) -> bool:
        """Whether a name stands for whole numbers."""
        given = self._given.get(name)
        return isinstance(given, dict) and not {"file", "choice"} & given.keys() and name not in self._rows

    def of(self, name: str) -> Sequence[Any]:
        """All that a name may stand for; () if that is whole numbers, or not known."""
        given = self._given.get(name)
        if name in self._rows:
            return self._rows[name]
        if isinstance(given, dict):
            given = given.get("choice", ())
        if isinstance(given, str):
            return (given,)
        return tuple(given) if isinstance(given, (list, dict)) else ()


def _unsendable(source: Source, value: Any, at: Location, pools: _Pools) -> Iterator[Problem]:
    """The first value of each placeholder that no header, or no host, can have."""
    texts = (
        [((*at, name), text) for name, text in value.items()] if isinstance(value, dict) else [(at, value)]
    )
    for place, text in texts:
        for name in dict.fromkeys(names_in(text)):
            for one in pools.of(name):
                if not _goes(at[-1] == "host", text, name, one):
                    what = f"{{{name}}} may be {as_text(one)!r}, which cannot stand in a " + (
                        "host" if at[-1] == "host" else "header"
                    )
                    yield problem_of_name(source, place, False, name, what, "")
                    break


def _no_path(source: Source, text: str, at: Location, pools: _Pools) -> Iterator[Problem]:
    """A value at the beginning of a path that is none."""
    name = leading_name(text)
    if not name:
        return
    wrong = next((as_text(one) for one in pools.of(name) if not is_path(as_text(one))), None)
    if wrong is not None or pools.is_numbers(name):
        may_be = "is a number" if wrong is None else f"may be {wrong!r}"
        what = f"{{{name}}} {may_be}: a path begins with /"
        yield problem_of_name(source, at, False, name, what, f"write /{text}")


def _goes(is_of_host: bool, text: str, name: str, value: Any) -> bool:
    """Whether a value can stand in the text of a host or header, with anything in its other places."""
    filled: str = fill(f"{text} ", lambda other: value if other == name else "1")[:-1]
    return is_host(filled) if is_of_host else filled.isprintable() or is_header_value(filled)
