"""URL and URLSearchParams, by the URL Standard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote_plus, unquote_to_bytes

from edgeday.errors import PlatformTypeError
from edgeday.hosting.python_workers.arrays import JsArray, JsIterator, text_of
from edgeday.hosting.python_workers.callbacks import callback
from edgeday.hosting.python_workers.conversions import elements
from edgeday.hosting.python_workers.functions import method
from edgeday.hosting.python_workers.proxies import JsProxy, PyProxy, jsnull, out_of_js, thrown
from edgeday.web.text import well_formed

_PARTS = frozenset(
    {
        "href", "origin", "protocol", "host", "hostname", "port", "pathname", "search", "hash", "username",
        "password",
    }
)  # fmt: skip


def parse_query(text: str) -> list[tuple[str, str]]:
    """The pairs of application/x-www-form-urlencoded text."""
    pairs = []
    for part in text.split("&"):
        if part:
            name, _, value = part.partition("=")
            pairs.append((_decoded(name), _decoded(value)))
    return pairs


def _decoded(text: str) -> str:
    return unquote_to_bytes(well_formed(text).replace("+", " ")).decode("utf-8", "replace")


def query_of(pairs: list[tuple[str, str]]) -> str:
    """Pairs as application/x-www-form-urlencoded text."""
    return "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in pairs)


def _encoded(text: str) -> str:
    return quote_plus(well_formed(text), safe="*-._").replace("~", "%7E")


class JsURLSearchParams(JsProxy):
    """A URLSearchParams: names and values, in order. changed: called with the query after each change."""

    js_class = "URLSearchParams"
    __slots__ = ("_changed", "_pairs")

    def __init__(self, pairs: list[tuple[str, str]], changed: Callable[[str], None] | None = None) -> None:
        self._pairs = pairs
        self._changed = changed

    def _put(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs
        if self._changed is not None:
            self._changed(query_of(pairs))

    @method(1)
    def get(self, name: Any) -> Any:
        """The first value of a name, or null."""
        wanted = text_of(name)
        return next((value for key, value in self._pairs if key == wanted), jsnull)

    @method(1)
    def getAll(self, name: Any) -> JsArray:
        """All values of a name."""
        wanted = text_of(name)
        return JsArray([value for key, value in self._pairs if key == wanted])

    @method(2)
    def has(self, name: Any, value: Any) -> bool:
        """Whether there is such a name, with that value if one is given."""
        wanted = text_of(name)
        return any(key == wanted and (value is None or text_of(value) == own) for key, own in self._pairs)

    @method(2)
    def append(self, name: Any, value: Any) -> None:
        """Add a pair."""
        self._put([*self._pairs, (text_of(name), text_of(value))])

    @method(2)
    def set(self, name: Any, value: Any) -> None:
        """Put a value in the place of the first of its name, and take the others out."""
        pair = (text_of(name), text_of(value))
        others = [own for own in self._pairs if own[0] != pair[0]]
        place = next((index for index, own in enumerate(self._pairs) if own[0] == pair[0]), len(others))
        self._put([*others[:place], pair, *others[place:]])

    @method(2)
    def delete(self, name: Any, value: Any) -> None:
        """Take the pairs of a name out, those with a value if one is given."""
        unwanted = text_of(name)
        self._put(
            [
                (key, own)
                for key, own in self._pairs
                if key != unwanted or (value is not None and own != text_of(value))
            ]
        )

    def sort(self) -> None:
        """Sort by name, as UTF-16 compares; equal names keep their order."""
        self._put(sorted(self._pairs, key=lambda pair: pair[0].encode("utf-16-be", "surrogatepass")))

    @property
    def size(self) -> int:
        """How many pairs there are."""
        return len(self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)

    def __iter__(self) -> Iterator[str]:
        """The names: to Pyodide it is a mapping."""
        return (key for key, _ in self._pairs)

    def entries(self) -> JsIterator:
        """Names and values."""
        return JsIterator("URLSearchParams", [JsArray([*pair]) for pair in self._pairs])

    def keys(self) -> JsIterator:
        """The names."""
        return JsIterator("URLSearchParams", [key for key, _ in self._pairs])

    def values(self) -> JsIterator:
        """The values."""
        return JsIterator("URLSearchParams", [value for _, value in self._pairs])

    def forEach(self, function: Any, _this: Any = None) -> None:
        """Call a function with value, name and these parameters for each pair."""
        call = callback(function)
        for name, value in list(self._pairs):
            call(value, name, self)

    def __contains__(self, name: object) -> bool:
        return bool(self.has(name))

    def __getitem__(self, name: Any) -> Any:
        return out_of_js(self.get(name))

    def toString(self) -> str:
        """The pairs as a query."""
        return query_of(self._pairs)


def _pair(entry: Any) -> tuple[str, str]:
    if isinstance(entry, str) or not isinstance(entry, JsProxy):
        raise PlatformTypeError("Incorrect type: the provided value is not of type 'Sequence'.")
    values = [text_of(value) for value in elements(entry)]
    if len(values) != 2:
        raise PlatformTypeError("Invalid URL search params sequence.")
    return values[0], values[1]


def new_params(init: Any = None) -> JsURLSearchParams:
    """`new URLSearchParams(init)`: of a query, of pairs or of an object."""
    if init is None:
        return JsURLSearchParams([])
    if isinstance(init, JsURLSearchParams):
        return JsURLSearchParams(list(init._pairs))
    sequence = isinstance(init, JsProxy) and (
        hasattr(init._object, "__iter__") if type(init) is PyProxy else hasattr(type(init), "__iter__")
    )
    if sequence:
        return JsURLSearchParams([_pair(entry) for entry in elements(init)])
    if isinstance(init, JsProxy):
        return JsURLSearchParams([(key, text_of(value)) for key, value in init._own().items()])
    return JsURLSearchParams(parse_query(text_of(init).removeprefix("?")))


class JsURL(JsProxy):
    """A URL, in the parts that the URL Standard names."""

    js_class = "URL"
    __slots__ = ("_params", "_url")
    _url: Any
    _params: JsURLSearchParams | None

    def __init__(self, url: Any) -> None:
        object.__setattr__(self, "_url", url)
        object.__setattr__(self, "_params", None)

    @property
    def searchParams(self) -> JsURLSearchParams:
        """The query's pairs; what changes there changes the URL."""
        if self._params is None:
            made = JsURLSearchParams(parse_query(self._url.search.removeprefix("?")), self._set_query)
            object.__setattr__(self, "_params", made)
        return self._params  # type: ignore[return-value]

    def _set_query(self, query: str) -> None:
        self._url.search = query

    def __getattr__(self, name: str) -> Any:
        if name in _PARTS:
            return getattr(self._url, name)
        return super().__getattr__(name)

    def __setattr__(self, name: str, value: Any) -> None:
        try:
            setattr(self._url, name, text_of(value))
        except ValueError:
            if name == "href":
                raise _refused_href() from None
        if self._params is not None and name in {"search", "href"}:
            self._params._pairs = parse_query(self._url.search.removeprefix("?"))

    def toString(self) -> str:
        """The URL as text."""
        return str(self._url.href)

    toJSON = toString

    def _json(self) -> str:
        return self.toString()


def _refused_href() -> Exception:
    return thrown(
        PlatformTypeError(
            "Failed to set the 'href' property on 'URL': the provided value is not of type "
            "'valid URL string'."
        )
    )


def _parsed(url: Any, base: Any) -> Any:
    import ada_url  # a compiled library: loaded only when a URL needs it

    return ada_url.URL(text_of(url), None if base is None else text_of(base))


def new_url(url: Any, base: Any = None) -> JsURL:
    """`new URL(url, base)`. Raises TypeError for what is no URL."""
    try:
        return JsURL(_parsed(url, base))
    except ValueError:
        raise PlatformTypeError("Invalid URL string.") from None


def can_parse(url: Any, base: Any = None) -> bool:
    """`URL.canParse(url, base)`."""
    try:
        _parsed(url, base)
    except ValueError:
        return False
    return True
