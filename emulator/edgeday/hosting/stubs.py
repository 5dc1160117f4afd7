"""Bindings to services that are not emulated: what stands for one, and the words for one that nothing does.

A stub has members by name, as deep as its service is called: `DB.prepare(...).bind(...).first()`. What a call
gives is the scenario's, new each time. It costs nothing, and no limit of the service is looked at.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NoReturn

from edgeday.errors import PlatformError, PlatformTypeError
from edgeday.events import NOT_EMULATED
from edgeday.invocation import Invocation, current_invocation
from edgeday.web import ambient

Way = Literal["resolves", "returns", "value", "throws", "origins"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What stands at the end of a path.

    way: `resolves`: a call gives a promise of the value; `returns`: the value at once; `value`: it is a
    property; `throws`: a call gives a promise that fails with this text; `origins`: it is a `fetch`, which
    the origin of its host answers.
    """

    way: Way
    value: Any = None


@dataclass(frozen=True, slots=True)
class Member:
    """What has one name. called: whether it is a method. outcome: None where more members follow."""

    called: bool
    outcome: Outcome | None = None
    members: Mapping[str, Member] = field(default_factory=dict)


Members = Mapping[str, Member]


def not_emulated(words: str, name: str) -> str:
    """What the use of a binding says that nothing stands for. words: its kind and name."""
    return f"edgeday does not emulate {words}; stub it: worker: {{stubs: {{{name}: ...}}}}"


def refuse(text: str, place: str | None = None) -> NoReturn:
    """Report the use of what is not there, and raise PlatformError for it."""
    invocation = current_invocation()
    if invocation is not None:
        invocation.diagnose(NOT_EMULATED, text, place)
    raise PlatformError(text)


def paths_of(members: Members) -> Iterator[str]:
    """The paths that end, as they are called: "prepare().bind().first()"."""
    for name, member in members.items():
        step = f"{name}()" if member.called else name
        if member.outcome is not None:
            yield step
        yield from (f"{step}.{rest}" for rest in paths_of(member.members))


def without(name: str, members: Members, path: str) -> str:
    """What is said where a stub has no such path."""
    return f"the stub of {name} has no {path}; it has {', '.join(paths_of(members))}"


class Stub:
    """What stands for a binding in `env`; a plain worker uses it as it is.

    name: of the binding. members: of it. filled: gives those of one invocation, where its values stand in
    them; None: they are always the same. Its own attributes are private: any other name is a member.
    """

    __slots__ = ("_filled", "_members", "_name")

    def __init__(
        self, name: str, members: Members, filled: Callable[[Invocation], Members] | None = None
    ) -> None:
        self._name = name
        self._members = members
        self._filled = filled

    def _of(self, invocation: Invocation | None) -> Members:
        """Its members as an invocation has them."""
        return self._members if self._filled is None or invocation is None else self._filled(invocation)

    def __getattr__(self, name: str) -> Any:
        return _Object(Resolver(self, self._of(current_invocation()))).__getattr__(name)


class Resolver:
    """Looks up members of a stub, as a worker of one kind has them; here of a plain one in Python.

    path: of what has the members, with a dot behind it.
    """

    def __init__(self, stub: Stub, members: Members, path: str = "") -> None:
        self.stub = stub
        self.members = members
        self.path = path

    def look_up(self, name: str) -> Any:
        """A member. Raises PlatformError for one that is not stubbed."""
        member = self.members.get(name)
        if member is None:
            refuse(without(self.stub._name, self.stub._members, f"{self.path}{name}"))
        if not member.called:
            return self._result(member, f"{self.path}{name}.")
        return self.function(name, lambda *args, **keywords: self._called(name, member, args, keywords))

    def _called(self, name: str, member: Member, args: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        outcome = member.outcome
        if outcome is not None and outcome.way == "origins":
            return self.fetch(*args, **keywords)
        if outcome is not None and outcome.way in {"resolves", "throws"}:
            return self.promise(outcome)
        return self._result(member, f"{self.path}{name}().")

    def _result(self, member: Member, path: str) -> Any:
        if member.outcome is not None:
            return self.value(copy.deepcopy(member.outcome.value))
        return self.object(type(self)(self.stub, member.members, path))

    # what each kind of worker has in its own way

    def value(self, value: Any) -> Any:
        """A JSON value."""
        return value

    def function(self, name: str, call: Callable[..., Any]) -> Any:
        """A method."""
        return call

    def object(self, members: Resolver) -> Any:
        """What has members."""
        return _Object(members)

    def promise(self, outcome: Outcome) -> Any:
        """What is awaited for an outcome."""
        return promised(outcome)

    def fetch(self, *args: Any, **keywords: Any) -> Any:
        """What is awaited for a response."""
        return ambient.fetch(*args, **keywords)


class _Object:
    """What has members, for a plain worker."""

    __slots__ = ("_resolver",)

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._resolver.look_up(name)


async def promised(outcome: Outcome) -> Any:
    """The value of a promise, new. Raises what it fails with."""
    if outcome.way == "throws":
        name, message = error_of(outcome.value)
        raise (PlatformTypeError if name == "TypeError" else PlatformError)(message)
    return copy.deepcopy(outcome.value)


def error_of(text: str) -> tuple[str, str]:
    """Name and message of what is thrown: "TypeError: no such table" names one."""
    name, colon, message = text.partition(": ")
    return (name, message) if colon and name.isidentifier() and name.endswith("Error") else ("Error", text)


def as_data(name: str, members: Members) -> str:
    """Members as JSON, for JavaScript: of each whether it is called, and its outcome or members."""
    stub = {"members": _plain(members), "known": ", ".join(paths_of(members))}
    return json.dumps({"name": name, **stub}, ensure_ascii=False)


def _plain(members: Members) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, member in members.items():
        outcome = member.outcome
        made[name] = {"called": member.called}
        if outcome is None:
            made[name]["members"] = _plain(member.members)
        elif outcome.way == "throws":
            made[name] |= {"way": outcome.way, "error": error_of(outcome.value)}
        else:
            made[name] |= {"way": outcome.way, "text": json.dumps(outcome.value, ensure_ascii=False)}
    return made
