"""JavaScript objects as Python Workers see them: dicts whose members are attributes too."""

from __future__ import annotations

from typing import Any


class JsDict(dict[str, Any]):
    """A dict with attribute access: `page.list_complete` is `page["list_complete"]`.

    Names that dict has are dict's: `result.items` is its method, whatever the members. It is equal to a
    plain dict of the same members, and JSON has it as one. Source: Python Workers SDK, results of bindings
    since 2026-06-30.
    """

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value


def with_attributes(value: Any) -> Any:
    """Data as a JsDict at every level of it; what holds no dict is given back as it is."""
    if type(value) is dict:
        made = JsDict(value)
        for name, member in value.items():
            if type(member) is dict or type(member) is list:
                made[name] = with_attributes(member)
        return made
    return [with_attributes(item) for item in value] if type(value) is list else value
