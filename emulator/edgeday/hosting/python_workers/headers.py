"""`Headers` as JavaScript has them, over edgeday's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from edgeday.hosting.python_workers.containers import JsArray, JsMap, JsObject
from edgeday.hosting.python_workers.conversions import text_of
from edgeday.hosting.python_workers.functions import method
from edgeday.hosting.python_workers.proxies import JsProxy, PyProxy, into_js, invoke, jsnull
from edgeday.web.headers import Headers


class JsHeaders(JsProxy):
    """A Headers object."""

    js_class = "Headers"
    __slots__ = ("_h",)

    def __init__(self, headers: Headers) -> None:
        self._h = headers

    @method(1)
    def get(self, name: Any) -> Any:
        """The combined value, or null."""
        value = self._h.get(text_of(name))
        return jsnull if value is None else value

    @method(1)
    def has(self, name: Any) -> bool:
        """Whether there is such a header."""
        return text_of(name) in self._h

    @method(2)
    def set(self, name: Any, value: Any) -> None:
        """Put a value in the place of those that are there."""
        self._h[text_of(name)] = text_of(value)

    @method(2)
    def append(self, name: Any, value: Any) -> None:
        """Add a value."""
        self._h.append(text_of(name), text_of(value))

    @method(1)
    def delete(self, name: Any) -> None:
        """Remove a header."""
        self._h._writable().pop(text_of(name).lower(), None)

    def getSetCookie(self) -> JsArray:
        """The values of Set-Cookie, one for each field."""
        return JsArray(self._h.get_all("set-cookie"))

    def __iter__(self) -> Iterator[tuple[str, str]]:
        if "set-cookie" not in self._h:
            return iter(sorted(self._h.combined()))
        pairs = [pair for pair in self._h.combined() if pair[0] != "set-cookie"]
        return iter(sorted([*pairs, *(("set-cookie", value) for value in self._h.get_all("set-cookie"))]))

    entries = items = __iter__

    def keys(self) -> Iterator[str]:
        """The names, in alphabetical order."""
        return (name for name, _ in self)

    def values(self) -> Iterator[str]:
        """The values, in the order of their names."""
        return (value for _, value in self)

    def forEach(self, function: Any) -> None:
        """Call a function with value, name and these headers for each."""
        for name, value in self:
            invoke(function, value, name, self)

    def __contains__(self, name: object) -> bool:
        return bool(self.has(name))

    def __getitem__(self, name: Any) -> Any:
        if not self.has(name):
            raise KeyError(name)
        return self.get(name)


def headers_of(init: Any) -> Headers:
    """Headers as `new Headers(init)` makes them."""
    if init is None or init is jsnull:
        return Headers()
    if isinstance(init, JsHeaders):
        return Headers(init._h)
    if type(init) is JsObject:
        return Headers([(name, text_of(value)) for name, value in init._d.items()])
    if type(init) is JsMap:
        return Headers([(text_of(name), text_of(value)) for name, value in init._d.items()])
    items = init._object if type(init) is PyProxy else init
    if isinstance(items, dict):
        return Headers()  # a proxied dict has no members that JavaScript sees
    pairs = []
    for pair in items:
        name, value = pair
        pairs.append((text_of(into_js(name)), text_of(into_js(value))))
    return Headers(pairs)
