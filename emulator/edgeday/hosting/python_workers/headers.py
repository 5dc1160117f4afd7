"""`Headers` as JavaScript has them, over edgeday's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from edgeday.errors import PlatformError, PlatformTypeError
from edgeday.hosting.python_workers.arrays import JsArray, JsIterator, text_of
from edgeday.hosting.python_workers.callbacks import callback
from edgeday.hosting.python_workers.containers import JsMap
from edgeday.hosting.python_workers.conversions import elements
from edgeday.hosting.python_workers.functions import method
from edgeday.hosting.python_workers.proxies import JsProxy, PyProxy, jsnull, out_of_js, thrown
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

    def has(self, name: Any) -> bool:
        """Whether there is such a header."""
        return (name if type(name) is str else text_of(name)) in self._h

    def set(self, name: Any, value: Any) -> None:
        """Put a value in the place of those that are there."""
        try:
            self._h[text_of(name)] = text_of(value)
        except PlatformError as error:
            raise thrown(error) from error

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

    def _pairs(self) -> list[tuple[str, str]]:
        """Names in order with their values; Set-Cookie fields apart."""
        if "set-cookie" not in self._h:
            return sorted(self._h.combined())
        pairs = [pair for pair in self._h.combined() if pair[0] != "set-cookie"]
        cookies = [("set-cookie", value) for value in self._h.get_all("set-cookie")]
        return sorted([*pairs, *cookies], key=lambda pair: pair[0])

    def __iter__(self) -> Iterator[Any]:
        return iter(self._pairs())

    def entries(self) -> JsIterator:
        """Names and values, in the order of the names."""
        return JsIterator("Headers", [JsArray([*pair]) for pair in self._pairs()])

    def keys(self) -> JsIterator:
        """The names, in alphabetical order."""
        return JsIterator("Headers", [name for name, _ in self._pairs()])

    def values(self) -> JsIterator:
        """The values, in the order of their names."""
        return JsIterator("Headers", [value for _, value in self._pairs()])

    def forEach(self, function: Any, _this: Any = None) -> None:
        """Call a function with value, name and these headers for each."""
        call = callback(function)
        for name, value in self._pairs():
            call(value, name, self)

    def __contains__(self, name: object) -> bool:
        return self.has(name)

    def __getitem__(self, name: Any) -> Any:
        return out_of_js(self.get(name))


def headers_of(init: Any, *, field: bool = False) -> Headers:
    """Headers as `new Headers(init)` makes them. field: `init` is the member `headers` of another object."""
    if init is None:
        return Headers()
    if type(init) is JsHeaders:
        return Headers(init._h)
    held = init._object if type(init) is PyProxy else None
    if (pairs := _plain_pairs(held)) is not None:
        return Headers(pairs)
    if isinstance(init, (JsArray, JsMap)) or hasattr(held, "__iter__"):
        return Headers([_pair(entry) for entry in elements(init)])
    if isinstance(init, JsProxy):
        return Headers([(name, text_of(value)) for name, value in init._own().items()])
    raise PlatformTypeError(
        "Incorrect type for the 'headers' field on 'InitializerDict': the provided value is not of type "
        "'Headers or Sequence or object'."
        if field
        else "Failed to construct 'Headers': constructor parameter 1 is not of type "
        "'Headers or Sequence or object'."
    )


_PAIRS: tuple[type, ...] = (type({}.items()), list)


def _plain_pairs(held: Any) -> list[tuple[str, str]] | None:
    """Pairs of text as the SDK hands them over, `dict.items()` or a list of tuples; None for others."""
    if type(held) not in _PAIRS:
        return None
    pairs: list[tuple[str, str]] = []
    for entry in held:
        if (
            type(entry) is not tuple
            or len(entry) != 2
            or type(entry[0]) is not str
            or type(entry[1]) is not str
        ):
            return None
        pairs.append(entry)
    return pairs


def _pair(entry: Any) -> tuple[str, str]:
    if not isinstance(entry, JsProxy):
        raise PlatformTypeError("Incorrect type: the provided value is not of type 'Sequence'.")
    values = [text_of(value) for value in elements(entry)]
    if len(values) != 2:
        raise PlatformTypeError(
            "To initialize a Headers object from a sequence, each inner sequence must have exactly two "
            "elements."
        )
    return values[0], values[1]
