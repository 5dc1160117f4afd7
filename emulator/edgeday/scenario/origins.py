"""What the hosts that a worker fetches from answer, as a scenario describes them.

A host has one rule, or a list of which the first that fits a request answers it. Texts may hold placeholders:
those of the scenario's values, and {request.path}, {request.query.NAME} and the like of what was fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from edgeday.clock import DAY_S
from edgeday.distributions import Duration
from edgeday.errors import PlatformTypeError
from edgeday.fields import Model, impossible, offset_s, tuple_of
from edgeday.production.settings import Share
from edgeday.scenario.templates import fill
from edgeday.web.headers import Headers
from edgeday.web.url import URLError, normalize

NO_BODY = frozenset({204, 205, 304})
"""Statuses of answers that have no body. Source: Fetch Standard, null body status."""
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")
_HOST = re.compile(r"(?:\*|(?:\*\.)?[^\s/:@*?#\[\]]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_COUNT = re.compile(r"(\d+)\.\.(\d+)")


def _host(text: str) -> str:
    """A host as a serialised URL has it."""
    if not _HOST.fullmatch(text):
        named = re.match(r"(?:[a-z]+://)?([^/\s?#]+)", text, re.IGNORECASE)
        instead = named[1] if named is not None and _HOST.fullmatch(named[1]) else "api.example.com"
        raise impossible(f'"{text}" is no host; write {instead}, *.example.com, or * for every other host')
    star, _, rest = text.rpartition("*")
    start = f"{star}*" if "*" in text else ""
    if not rest.strip("."):
        return text
    if rest.startswith(":"):
        return text
    try:
        return start + ("." if rest.startswith(".") else "") + _serialised(rest.removeprefix("."))
    except URLError:
        raise impossible(f'"{text}" is no host') from None


def _serialised(host: str) -> str:
    return normalize(f"https://{host}/").split("/")[2]


def as_host(text: str) -> str:
    """The same host as a serialised URL has it; "" for a text that is none."""
    try:
        return _host(text)
    except PydanticCustomError:
        return ""


OriginHost = Annotated[str, AfterValidator(_host)]


def _count(value: Any) -> Any:
    """`3` is the first three, `"4..6"` and `[4, 6]` the fourth to the sixth."""
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return (1, value)
    if isinstance(value, str) and (match := _COUNT.fullmatch(value)):
        return int(match[1]), int(match[2])
    if isinstance(value, (list, tuple)) and len(value) == 2:
        return tuple(value)
    raise impossible("write how many fail from the first on, such as 3, or which, such as 4..6")


def _in_order(ends: tuple[int, int] | None) -> tuple[int, int] | None:
    if ends is None:
        return None
    first, last = ends
    if not 1 <= first <= last:
        raise impossible(f"{first}..{last} is no part of 1, 2, 3 and so on")
    return ends


class Window(Model):
    """A time in which something fails: offsets from the start, or times of every day (UTC)."""

    from_: str = Field(alias="from")
    """When it begins: an offset such as +2h, or a time of day such as "12:30"."""
    to: str | None = None
    """When it is over, which is after its last instant; default, after an offset: it goes on to the end."""

    @model_validator(mode="after")
    def _has_ends_of_one_kind(self) -> Self:
        begins, ends = (None if text is None else _instant(text) for text in (self.from_, self.to))
        for text, instant, field in ((self.from_, begins, "from"), (self.to, ends, "to")):
            if text is not None and instant is None:
                raise impossible(
                    f'"{text}" is no instant; write an offset (+2h) or a time of day (12:30)', field
                )
        is_daily = not self.from_.startswith("+")
        if ends is None:
            if is_daily and self.to is None:
                raise impossible(f"every day from {self.from_}, but until when? say to", "to")
        elif is_daily is (self.to or "").startswith("+"):
            raise impossible("one end is an offset, the other a time of day: write both alike", "to")
        elif begins == ends or (not is_daily and begins is not None and begins > ends):
            raise impossible(f"from {self.from_} to {self.to} is no time at all", "to")
        return self

    def has(self, now: float, start_s: float) -> bool:
        """Whether an instant is in it. start_s: what offsets count from; both epoch seconds."""
        begins = _instant(self.from_) or 0
        ends = None if self.to is None else _instant(self.to)
        if self.from_.startswith("+"):
            return start_s + begins <= now and (ends is None or now < start_s + ends)
        time, ends = now % DAY_S, ends or 0
        return begins <= time < ends if begins < ends else time >= begins or time < ends


def _instant(text: str) -> int | None:
    """Seconds of an offset or from 00:00; None if the text is neither."""
    if text.startswith("+"):
        return offset_s(text)
    match = _TIME.fullmatch(text)
    return None if match is None else int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3] or 0)


class _Answer(Model):
    """An answer: its status, headers and body; or that there is none."""

    status: Annotated[int, Field(ge=200, le=599)] | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    body: str | None = None
    """The body as text."""
    json_: Any = Field(default=None, alias="json")
    """The body as JSON; a text that is one placeholder alone keeps the value's type."""
    file: str | None = None
    """The file that holds the body, looked for beside the scenario."""
    unreachable: bool = False
    """true: the connection is lost, as to a host that is not there."""
    hangs: bool = False
    """true: no answer ever comes."""

    @property
    def _bodies(self) -> list[str]:
        given = (("body", self.body), ("json", self.json_), ("file", self.file))
        return [name for name, value in given if value is not None]

    @property
    def is_silent(self) -> bool:
        """Whether no answer comes at all."""
        return self.unreachable or self.hangs

    @model_validator(mode="after")
    def _is_one_answer(self) -> Self:
        bodies = self._bodies
        if len(bodies) > 1:
            raise impossible(f'"{bodies[0]}" and "{bodies[1]}" are two bodies: leave one', bodies[1])
        if self.unreachable and self.hangs:
            raise impossible("what is unreachable cannot hang as well: leave one", "hangs")
        said = [
            *(["status"] if self.status is not None else []),
            *bodies,
            *(["headers"] if self.headers else []),
        ]
        if self.is_silent and said:
            word = "unreachable" if self.unreachable else "hangs"
            raise impossible(f'"{word}" means that no answer comes: leave "{said[0]}" out', said[0])
        if self.status in NO_BODY and bodies:
            raise impossible(f"an answer of status {self.status} has no body", bodies[0])
        for name, text in self.headers.items():
            try:
                Headers({name: fill(text, lambda _: "1")})
            except PlatformTypeError as error:
                raise impossible(f'no header can be "{name}: {text}": {error}', "headers", name) from None
        return self


class Failing(_Answer):
    """When an origin fails, and how: it answers with `status`, loses the connection, or hangs."""

    rate: Share | None = None
    """The chance of each request to fail, 0 to 1."""
    window: Window | None = None
    """Only within this time."""
    count: Annotated[
        tuple[int, int] | None,
        BeforeValidator(_count, json_schema_input_type=int | str | tuple[int, int]),
        AfterValidator(_in_order),
    ] = None
    """Only so many requests to this rule from the first on, such as 3; or those from one to another, such as
    "4..6", counted over the whole run."""

    @model_validator(mode="after")
    def _says_how(self) -> Self:
        if self.status is None and not self.is_silent:
            raise impossible("fails how? say status: 503, unreachable: true or hangs: true")
        if self.status is not None and self.status < 400:
            raise impossible(f"{self.status} is no failure; write a status from 400 on", "status")
        return self


def _failures(value: Any) -> Any:
    """One failure, or a list of any length."""
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)


class OriginRule(_Answer):
    """What an origin answers to requests of a method and a path; default: to every request."""

    method: Annotated[str, Field(pattern=r"^[A-Z]+$")] | None = None
    path: Annotated[str, Field(pattern=r"^/[!-~]*$")] | None = None
    """The path, with * for any text; with a ? in it the query belongs to it."""
    seconds: Duration | None = None
    """Virtual seconds, or durations such as 300ms, until the answer begins."""
    failing: Annotated[
        tuple[Failing, ...], BeforeValidator(_failures, json_schema_input_type=Failing | list[Failing])
    ] = ()
    """When it fails instead; of several, the first that does."""

    @model_validator(mode="after")
    def _takes_possible_time(self) -> Self:
        if self.seconds is not None and self.seconds.middle[1] > DAY_S:
            raise impossible(f'"seconds" may go up to {DAY_S:,}', "seconds")
        return self

    @property
    def answers(self) -> Iterator[tuple[_Answer, tuple[str | int, ...]]]:
        """Its answers, each with its place below the rule."""
        yield self, ()
        for number, failing in enumerate(self.failing):
            yield failing, ("failing", number)


OriginRules = Annotated[
    tuple[OriginRule, ...], BeforeValidator(tuple_of, json_schema_input_type=OriginRule | list[OriginRule])
]


def _each_once(value: Any) -> Any:
    """Hosts of which no two are the same, however they are written."""
    seen: dict[str, str] = {}
    for text in value if isinstance(value, Mapping) else ():
        host = as_host(text) if isinstance(text, str) else ""
        if host and host in seen:
            raise impossible(
                f'"{text}" is the same host as "{seen[host]}": write its answers as a list', text
            )
        seen[host] = text
    return value


Origins = Annotated[dict[OriginHost, OriginRules], BeforeValidator(_each_once)]
"""Hosts, with or without a port, *.example.com for all below one, * for every other: what each answers."""
Answer = _Answer
