"""What is seen in a worker's source, whatever language it is in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from edgeday.web.url import URLError, normalize

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
WRITE_YOURS = "write-yours"
"""What stands for a secret: the same wherever it is said, so that what is compared is the same."""
_URL = re.compile(r"(https?)://([^/?#\s\\{}]+)(?=[/?#])", re.IGNORECASE)
_NUMBERS = ("count", "number", "amount", "price", "quantity", "limit", "ttl")


@dataclass(frozen=True, slots=True)
class Route:
    """A route that was seen. path: with a placeholder for each parameter. line: `file:line`.
    begins: whether the path is only the beginning of what is meant.
    body: what it reads of a JSON body, None if nothing. form: of a form, likewise. query: the parameters that
    it reads of the query, and headers: those that a client has to say itself, each with a value."""

    method: str
    path: str
    line: str = ""
    begins: bool = False
    body: Any = field(default=None, compare=False)
    form: Mapping[str, str] | None = field(default=None, compare=False)
    query: Mapping[str, str] = field(default_factory=dict, compare=False)
    headers: Mapping[str, str] = field(default_factory=dict, compare=False)


class FetchedHost(NamedTuple):
    """A host that is fetched, as a serialised URL has it. line: `file:line` of the first place."""

    host: str
    line: str


class Text(NamedTuple):
    """What is known of a text: how it begins, and whether that is all of it."""

    begins: str
    is_whole: bool = True

    @property
    def host(self) -> str:
        """The host of a URL whose text says where the host ends; "" if it does not."""
        match = _URL.match(f"{self.begins}/" if self.is_whole else self.begins)
        if match is None:
            return ""
        try:
            return normalize(f"{match[1]}://{match[2]}/").split("/")[2].rpartition("@")[2]
        except URLError:
            return ""


UNKNOWN = Text("", False)


def parameter(name: str) -> str:
    """A parameter of a path as a placeholder; 1 where a value cannot have its name."""
    return f"{{{name}}}" if re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII) else "1"


def value_of(name: str) -> Any:
    """A value for what code calls by a name, such as a field of a body."""
    word = name.lower()
    if "url" in word or "link" in word or "href" in word:
        return "https://example.com/"
    if "mail" in word:
        return "somebody@example.com"
    return 1 if any(part in word for part in _NUMBERS) else name
