"""The stubs of a scenario: what stands for bindings of its worker that are not emulated.

A stub has call paths and what they give: `{"prepare().bind().first()": {id: 1}}`. A path is as the worker
calls it, without the arguments; the last name is called with or without brackets behind it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Final, get_args

from pydantic import AfterValidator, WithJsonSchema

from edgeday.fields import impossible
from edgeday.hosting.stubs import Member, Members, Outcome, Way
from edgeday.scenario.templates import Lookup, Template, names_in

_STEP = r"[A-Za-z_$][A-Za-z0-9_$]*(?:\(\))?"
_PATH = re.compile(rf"{_STEP}(?:\.{_STEP})*")
_FETCH: Final = "fetch"
_ORIGINS: Final = "origins"
_WAYS: Mapping[str, Way] = {way: way for way in get_args(Way) if way != _ORIGINS}
"""A mapping with one of these alone says in which way a call gives what stands below it."""


def members_of(stub: Any) -> Members:
    """The members that a stub has as it is written. Raises PydanticCustomError, which names the path."""
    if stub == _FETCH:
        stub = {_FETCH: _ORIGINS}
    if not isinstance(stub, Mapping):
        raise impossible("a stub is a mapping of what is called of it, or fetch: {run: {response: hello}}")
    if not stub:
        raise impossible("a stub without anything stands for nothing; write what is called: {run: null}")
    made: dict[str, Any] = {}
    for path, written in stub.items():
        _add(made, path, _outcome(path, written))
    return _frozen(made)


def _outcome(path: str, written: Any) -> Outcome:
    if not isinstance(path, str) or not _PATH.fullmatch(path):
        raise impossible(f'"{path}" is no call path; write run, or prepare().bind().first()', path)
    way, value = _written_way(written)
    if way == "throws":
        if not isinstance(value, str) or not value:
            raise impossible('what is thrown is a text: {throws: "no such table"}', path, way)
        return Outcome(way, value)
    if path.removesuffix("()").rpartition(".")[2] != _FETCH:
        return Outcome(way, value)
    if written != _ORIGINS:
        what = "a fetch gives a response: write origins, and under origins: what its host answers"
        raise impossible(what, path)
    return Outcome(_ORIGINS)


def _written_way(written: Any) -> tuple[Way, Any]:
    if isinstance(written, Mapping) and len(written) == 1:
        ((name, value),) = written.items()
        if name in _WAYS:
            return _WAYS[name], value
    return "resolves", written


def _add(made: dict[str, Any], path: str, outcome: Outcome) -> None:
    """Put a path into the members, which are mappings of name -> (called, outcome or members)."""
    *before, last = path.split(".")
    for number, step in enumerate(before):
        name, called = step.removesuffix("()"), step.endswith("()")
        known, inner = made.setdefault(name, (called, {}))
        if isinstance(inner, Outcome) or known != called:
            raise impossible(f"{'.'.join(before[: number + 1])} is stubbed in another way already", path)
        made = inner
    if outcome.way == "value" and last.endswith("()"):
        raise impossible("a value is a property; what a call gives at once is {returns: ...}", path)
    name = last.removesuffix("()")
    if name in made:
        raise impossible(f"{path} is stubbed in another way already", path)
    made[name] = (outcome.way != "value", outcome)


def _frozen(made: Mapping[str, Any]) -> Members:
    return {
        name: Member(called, inner) if isinstance(inner, Outcome) else Member(called, None, _frozen(inner))
        for name, (called, inner) in made.items()
    }


def _checked(stub: Any) -> Any:
    members_of(stub)
    return stub


WrittenStub = Annotated[
    Any,
    AfterValidator(_checked),
    WithJsonSchema(
        {
            "anyOf": [
                {
                    "const": _FETCH,
                    "description": "A service: its fetch goes to the host's entry under origins.",
                },
                {
                    "type": "object",
                    "minProperties": 1,
                    "additionalProperties": False,
                    "patternProperties": {rf"^{_PATH.pattern}$": {}},
                    "description": "Call path -> what the call gives: the value of its promise, or one of "
                    "{returns: ...} at once, {value: ...} a property, {throws: text}. A fetch gives origins.",
                },
            ]
        }
    ),
]
"""A stub, as it is written."""


def has_placeholders(members: Members) -> bool:
    """Whether values of the scenario stand in what a stub gives."""
    return any(
        has_placeholders(member.members)
        if member.outcome is None
        else next(names_in(member.outcome.value), None) is not None
        for member in members.values()
    )


def templates_in(members: Members) -> Members:
    """The same members, with a template as the value of each outcome."""
    return {
        name: replace(member, members=templates_in(member.members))
        if member.outcome is None
        else replace(member, outcome=replace(member.outcome, value=Template(member.outcome.value)))
        for name, member in members.items()
    }


def filled(members: Members, lookup: Lookup) -> Members:
    """Members whose values are templates, with values in the place of placeholders."""
    return {
        name: replace(member, members=filled(member.members, lookup))
        if member.outcome is None
        else replace(member, outcome=replace(member.outcome, value=member.outcome.value.fill(lookup)))
        for name, member in members.items()
    }
