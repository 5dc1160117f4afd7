"""What an answer has under the names of expectations, and whether that is what is expected.

Probes and expectations on traffic are checked here, and values that a session keeps are found here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from edgeday.events import ExpectationChecked
from edgeday.measure.results import ProbeCheck
from edgeday.scenario.expectations import comparison, named_expectations, status_class
from edgeday.scenario.templates import as_text, fill, is_one_value
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
        return at_path(self.data, name.removeprefix("json:").split("."))

    def check(self, name: str, wanted: Any, *, template: str = "") -> ProbeCheck:
        """One expectation beside what the answer has.

        template: the text that `wanted` was filled from, or "". A number and the text that says it are the
        same then; and where it is one value alone, that is no comparison whatever it looks like.
        """
        value = self.found(name)
        if name == "text":
            ok = as_text(wanted) in value
            value = wanted if ok else value[:_SHOWN_CHARS]
        elif value is ABSENT:
            ok = False
        elif template and (wanted == value or as_text(wanted) == as_text(value)):
            ok = True
        else:
            ok = not is_one_value(template) and _fits(name, wanted, value)
        return ProbeCheck(
            name, _shown(wanted), None if value is ABSENT else _shown(value), ok, value is ABSENT
        )

    def checks(
        self, expectations: Mapping[str, Any], lookup: Callable[[str], Any] | None = None
    ) -> Iterator[ProbeCheck]:
        """All of some expectations. lookup: the value that a placeholder in them stands for; without it
        there are none."""
        for name, wanted in expectations.items():
            if lookup is None or not isinstance(wanted, str) or "{" not in wanted:
                yield self.check(name, wanted)
            else:
                yield self.check(name, fill(wanted, lookup), template=wanted)


def compared(
    expectations: Mapping[str, Any],
    answer: Answer,
    part: str,
    route: str,
    at: float,
    lookup: Callable[[str], Any],
) -> ExpectationChecked:
    """The event that an answer of the traffic was compared with what is expected of it."""
    unmet = [check for check in answer.checks(expectations, lookup) if not check.ok]
    if not unmet:
        return ExpectationChecked(at, part, route, 0)
    first = unmet[0]
    found = "" if first.absent else as_json(first.found)
    return ExpectationChecked(at, part, route, len(unmet), first.what, as_json(first.expected), found)


def as_json(value: Any) -> str:
    """A value for an event or a reader, cut to a readable length."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN_CHARS else f"{text[: _SHOWN_CHARS - 1]}…"


def at_path(data: Any, path: Sequence[str]) -> Any:
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
    if isinstance(wanted, bool) and name.startswith("header:"):
        return bool(as_text(wanted) == value)
    return isinstance(wanted, bool) is isinstance(value, bool) and bool(wanted == value)


def _number(value: Any) -> int | float | None:
    """A number, also one that stands in a header's text."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _shown(value: Any) -> Any:
    """A value for a report: lists and mappings as their beginnings."""
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return json.dumps(value, ensure_ascii=False)[:_SHOWN_CHARS]
