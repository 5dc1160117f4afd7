"""What of an API is there: a member for each method and option, beside the code that it speaks of.

A function that offers members carries them (`offers`), and a method that is not there is made of its member
(`missing`), so that a worker reads the text that docs/coverage.md shows. Nothing is registered anywhere:
whoever wants the members of a module collects them (`members_of`).
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, NamedTuple, NoReturn, TypeVar

from edgeday.errors import PlatformError

_Function = TypeVar("_Function", bound=Callable[..., Any])

_CARRIED = "coverage"
"""The attribute in which a function carries its members."""


class Member(NamedTuple):
    """A method, an argument or an option of an API.

    note: how far it goes, or why it is not there.
    raises: what using it says, where it is not there; "" where it is.
    """

    name: str
    note: str = ""
    raises: str = ""

    @property
    def supported(self) -> bool:
        return not self.raises

    def refusal(self) -> PlatformError:
        """What using a member raises that is not there."""
        return PlatformError(self.raises)


def offers(*members: Member) -> Callable[[_Function], _Function]:
    """Let a function carry the members that it offers or refuses; a call of it costs what it did."""

    def carry(function: _Function) -> _Function:
        function.__dict__[_CARRIED] = members
        return function

    return carry


def missing(member: Member) -> Callable[..., NoReturn]:
    """A method that is not there: it raises what its member says, whatever it is given."""

    @offers(member)
    def refuse(*_arguments: Any, **_keywords: Any) -> NoReturn:
        raise member.refusal()

    return refuse


def missing_method(interface: str, instance: str, method: str) -> Callable[..., NoReturn]:
    """A method that the Workers runtime names and does not implement. instance: what a worker calls it on."""
    note = "not implemented, because the Workers runtime has the method without an implementation"
    text = f"Failed to execute '{method}' on '{interface}': the method is not implemented."
    return missing(Member(f"{instance}.{method}", note, text))


def members_of(module: ModuleType) -> tuple[Member, ...]:
    """The members that a module's own functions and methods carry, in the order of its text."""
    members: list[Member] = []
    for value in vars(module).values():
        if getattr(value, "__module__", None) != module.__name__:
            continue
        for part in (value, *vars(value).values()) if isinstance(value, type) else (value,):
            function = part.fget if isinstance(part, property) else part
            members += getattr(function, _CARRIED, ())
    return tuple(members)
