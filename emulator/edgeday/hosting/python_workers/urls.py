"""URL and URLSearchParams."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode

from edgeday.errors import PlatformTypeError
from edgeday.hosting.python_workers.containers import JsArray
from edgeday.hosting.python_workers.conversions import plain, text_of
from edgeday.hosting.python_workers.functions import method
from edgeday.hosting.python_workers.proxies import JsProxy, jsnull
from edgeday.web.javascript import to_string

_PARTS = frozenset(
    {
        "href", "origin", "protocol", "host", "hostname", "port", "pathname", "search", "hash", "username",
        "password",
    }
)  # fmt: skip


class JsURLSearchParams(JsProxy):
    """A URLSearchParams: names and values, in order."""

    js_class = "URLSearchParams"
    __slots__ = ("_pairs",)

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs

    @method(1)
    def get(self, name: Any) -> Any:
        """The first value of a name, or null."""
        return next((value for key, value in self._pairs if key == name), jsnull)

    @method(1)
    def getAll(self, name: Any) -> JsArray:
        """All values of a name."""
        return JsArray([value for key, value in self._pairs if key == name])

    @method(1)
    def has(self, name: Any) -> bool:
        """Whether there is such a name."""
        return any(key == name for key, _ in self._pairs)

    @method(2)
    def append(self, name: Any, value: Any) -> None:
        """Add a pair."""
        self._pairs.append((text_of(name), text_of(value)))

    @method(2)
    def set(self, name: Any, value: Any) -> None:
        """Put a pair in the place of those of its name."""
        others = [pair for pair in self._pairs if pair[0] != name]
        self._pairs[:] = [*others, (text_of(name), text_of(value))]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._pairs)

    entries = __iter__

    def keys(self) -> Iterator[str]:
        """The names."""
        return (key for key, _ in self._pairs)

    def values(self) -> Iterator[str]:
        """The values."""
        return (value for _, value in self._pairs)

    def __contains__(self, name: object) -> bool:
        return bool(self.has(name))

    def __getitem__(self, name: Any) -> Any:
        if not self.has(name):
            raise KeyError(name)
        return self.get(name)

    def toString(self) -> str:
        """The pairs as a query."""
        return urlencode(self._pairs)


def new_params(init: Any = None) -> JsURLSearchParams:
    """`new URLSearchParams(init)`."""
    if isinstance(init, str):
        return JsURLSearchParams(parse_qsl(init.removeprefix("?"), keep_blank_values=True))
    data = plain(init) if init is not None else {}
    pairs = data.items() if isinstance(data, dict) else data
    return JsURLSearchParams([(str(key), to_string(value)) for key, value in pairs])


class JsURL(JsProxy):
    """A URL, in the parts that the URL Standard names."""

    js_class = "URL"
    __slots__ = ("_url",)
    _url: Any

    def __init__(self, url: Any) -> None:
        object.__setattr__(self, "_url", url)

    @property
    def searchParams(self) -> JsURLSearchParams:
        """The query's pairs."""
        return new_params(self._url.search)

    def __getattr__(self, name: str) -> Any:
        if name in _PARTS:
            return getattr(self._url, name)
        raise AttributeError(name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._url, name, value)

    def toString(self) -> str:
        """The URL as text."""
        return str(self._url.href)


def new_url(url: Any, base: Any = None) -> JsURL:
    """`new URL(url, base)`. Raises TypeError for what is no URL."""
    import ada_url  # a compiled library: loaded only when a URL needs it

    try:
        return JsURL(ada_url.URL(text_of(url), None if base is None else text_of(base)))
    except ValueError:
        raise PlatformTypeError("Invalid URL string.") from None
