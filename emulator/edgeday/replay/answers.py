"""What an answer has under the names of expectations, and whether that is what is expected.

Probes and expectations on traffic are checked here, and values that a session keeps are found here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from edgeday.measure.results import ProbeCheck
from edgeday.scenario.expectations import comparison, named_expectations, status_class
from edgeday.web.body import ReadableStream
from edgeday.web.headers import Headers
from edgeday.web.messages import Response

ABSENT: Any = object()
"""What an answer has under a name that it has nothing of."""
_SHOWN_CHARS = 80


class Answer:
    """A response that was read to its end.

    broke_off: whether its body ended because the code that made it failed; `body` is what came until then.
    """

    def __init__(self, status: int, headers: Headers, body: bytes, *, broke_off: bool = False) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.broke_off = broke_off

    @classmethod
    async def of(cls, response: Response) -> Answer:
        """Read a response as a client does; what its body raises is the invocation's affair."""
        body = response._body
        if not isinstance(body, ReadableStream):
            return cls(response.status, response.headers, body or b"")
        chunks = bytearray()
        try:
            async for chunk in body:
                chunks += chunk
        except Exception:
            return cls(response.status, response.headers, bytes(chunks), broke_off=True)
        return cls(response.status, response.headers, bytes(chunks))

    @cached_property
    def text(self) -> str:
        """The body as UTF-8, without a mark of the byte order."""
        return self.body.decode("utf-8-sig", "replace")

    @cached_property
    def data(self) -> Any:
        """The body as JSON; ABSENT if it is none."""
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            return ABSENT

    def found(self, name: str) -> Any:
        """What it has under the name of an expectation, or ABSENT."""
        if name == "status":
            return self.status
        if name == "text":
            return self.text
        if name.startswith("header:"):
            value = self.headers.get(name.removeprefix("header:"))
            return ABSENT if value is None else value
        if self.data is ABSENT:
            return ABSENT
        named = named_expectations().get(name)
        if named is not None:
            try:
                return named.value(self.data)
            except LookupError:
                return ABSENT
        return _at_path(self.data, name.removeprefix("json:").split("."))

    def check(self, name: str, wanted: Any, *, literally: bool = False) -> ProbeCheck:
        """One expectation beside what the answer has.

        literally: whether `wanted` is a value that is no comparison whatever it looks like; then a number
        and the text that says it are the same.
        """
        value = self.found(name)
        if name == "text":
            ok = str(wanted) in value
            value = wanted if ok else value[:_SHOWN_CHARS]
        elif value is ABSENT:
            ok = False
        elif literally:
            ok = wanted == value or _as_text(wanted) == _as_text(value)
        else:
            ok = _fits(name, wanted, value)
        return ProbeCheck(name, wanted, None if value is ABSENT else _shown(value), ok, value is ABSENT)

    def checks(
        self, expectations: Mapping[str, Any], filled: Callable[[Any], tuple[Any, bool]] | None = None
    ) -> Iterator[ProbeCheck]:
        """All of some expectations. filled: the value that one stands for, and whether literally."""
        for name, template in expectations.items():
            wanted, literally = (template, False) if filled is None else filled(template)
            yield self.check(name, wanted, literally=literally)


def as_json(value: Any) -> str:
    """A value for an event or a reader, cut to a readable length."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN_CHARS else f"{text[: _SHOWN_CHARS - 1]}…"


def _at_path(data: Any, path: Sequence[str]) -> Any:
    for part in path:
        if isinstance(data, dict) and part in data:
            data = data[part]
        elif isinstance(data, list) and part.isdecimal() and int(part) < len(data):
            data = data[int(part)]
        elif part == "length" and isinstance(data, (list, str)):
            data = len(data)
        else:
            return ABSENT
    return data


def _fits(name: str, wanted: Any, value: Any) -> bool:
    if isinstance(wanted, str):
        if name == "status" and (hundreds := status_class(wanted)) is not None:
            return bool(value // 100 == hundreds)
        expression = comparison(wanted)
        if expression is None:
            return bool(value == wanted)
        number = _number(value)
        return number is not None and expression.allows(number, None)
    if isinstance(wanted, (int, float)) and not isinstance(wanted, bool) and isinstance(value, str):
        return _number(value) == wanted
    return isinstance(wanted, bool) is isinstance(value, bool) and bool(wanted == value)


def _number(value: Any) -> int | float | None:
    """A number, also one that stands in a header's text."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _shown(value: Any) -> Any:
    """A value for a report: lists and mappings as their beginnings."""
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return json.dumps(value, ensure_ascii=False)[:_SHOWN_CHARS]
