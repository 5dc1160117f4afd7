"""Answers fetches as a scenario's origins say: what they send, how long they take, when they fail.

All that is drawn is drawn from the request that asks and from which of its fetches it is, so other traffic
changes nothing. Only what fails by `count` counts the requests of the whole run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from pathlib import PurePath
from random import Random
from typing import Any
from urllib.parse import parse_qs

from edgeday.distributions import Fixed
from edgeday.errors import PlatformError
from edgeday.invocation import Invocation, Outbound
from edgeday.production.faults import CONNECTION_LOST
from edgeday.replay.answers import ABSENT, at_path
from edgeday.replay.traffic import Script
from edgeday.scenario.model import Scenario
from edgeday.scenario.origin_values import PREFIX, text_to_fill
from edgeday.scenario.origins import NO_BODY, Answer, Failing, OriginRule
from edgeday.scenario.templates import Lookup, Template, as_text
from edgeday.scenario.values import Draws, Pool
from edgeday.virtual_loop import sleep
from edgeday.web.json_text import stringify_utf8
from edgeday.web.messages import Request, Response, reason_phrase
from edgeday.web.url import path_of

HANGS_S = 100
"""After how long Cloudflare gives an origin up that does not answer, with error 524. Source: Cloudflare docs,
"Error 524" (the default of the Proxy Read Timeout), read 2025-04-29. That a worker's fetch to any host meets
it is an assumption."""
_TIMED_OUT = 524
_TYPES = {
    ".json": "application/json", ".html": "text/html;charset=UTF-8", ".txt": "text/plain;charset=UTF-8",
    ".xml": "application/xml", ".csv": "text/csv;charset=UTF-8", ".js": "text/javascript", ".css": "text/css",
    ".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp",
    ".pdf": "application/pdf",
}  # fmt: skip
_NO_RULE = "origin-without-rule"


def outbound_of(scenario: Scenario, outbound: Mapping[str, Outbound], start_s: float) -> dict[str, Outbound]:
    """What answers for each host that a scenario's worker fetches from.

    outbound: what does besides, such as the profile's; the scenario's origins stand over it, host by host.
    start_s: what the offsets of windows count from, epoch seconds.
    """
    pools = scenario.pools if scenario.origins else {}
    files = scenario.origin_files
    own = {
        host: Origin(host, rules, pools=pools, files=files, start_s=start_s, seed=scenario.seed)
        for host, rules in scenario.origins.items()
    }
    return {**outbound, **own}


class Origin:
    """One host of a scenario, or all that a pattern stands for.

    files: what the files of its answers hold, by their names. seed: of requests that no traffic made.
    """

    def __init__(
        self,
        host: str,
        rules: Sequence[OriginRule],
        *,
        pools: Mapping[str, Pool],
        files: Mapping[str, bytes],
        start_s: float,
        seed: int,
    ) -> None:
        self._host = host
        self._pools = pools
        self._seed = seed
        known = frozenset(pools)
        self._rules = [_Rule(rule, files, known, start_s) for rule in rules]

    async def __call__(self, request: Request, invocation: Invocation) -> Response:
        """Answer one fetch by the first rule that fits it."""
        for number, rule in enumerate(self._rules):
            if rule.fits(request):
                return await rule.answer(
                    request, _Asker(self._place(number), self._pools, self._seed, invocation)
                )
        what = f"{request.method} {path_of(request.url)}"
        invocation.diagnose(_NO_RULE, f"no rule of the origin {self._host} answers {what}, so it was a 404")
        text = f"edgeday: no rule under origins: {self._host} answers {what}\n"
        headers = (("content-type", _TYPES[".txt"]),)
        return Response.received(404, reason_phrase(404), headers, text.encode())

    def _place(self, number: int) -> str:
        return f"{self._host}/{number}"


class _Asker:
    """The request that a worker answers while it fetches: what is drawn for the fetch comes from it."""

    def __init__(self, place: str, pools: Mapping[str, Pool], seed: int, invocation: Invocation) -> None:
        self._place = place
        self._pools = pools
        self._seed = seed
        self.invocation = invocation

    @cached_property
    def seed(self) -> str:
        """Of the request: of the traffic's own, or else of its route and instant."""
        invocation = self.invocation
        if isinstance(invocation.context, Script):
            return invocation.context.seed
        return f"{self._seed}/{invocation.route}/{invocation.started_at}"

    @cached_property
    def random(self) -> Random:
        return Random(f"{self.seed}/origin/{self._place}/{self.invocation.external}")

    @cached_property
    def values(self) -> Lookup:
        """The values of the request, which are those that it was sent with."""
        context = self.invocation.context
        return (
            context.values() if isinstance(context, Script) else Draws(self._pools, self.seed, 1).__getitem__
        )


class _Rule:
    """One rule of an origin, looked through once. seen: how many requests it has answered."""

    def __init__(
        self, rule: OriginRule, files: Mapping[str, bytes], known: frozenset[str], start_s: float
    ) -> None:
        self._method = rule.method
        self._path = None if rule.path is None else _glob(rule.path)
        self._has_query = "?" in (rule.path or "")
        self._seconds = rule.seconds
        self._start_s = start_s
        self._content = _Content(rule, files, known)
        self._failing = [(failing, _Content(failing, files, known)) for failing in rule.failing]
        self._seen = 0

    def fits(self, request: Request) -> bool:
        """Whether it answers a request."""
        if self._method is not None and self._method != request.method:
            return False
        if self._path is None:
            return True
        path = path_of(request.url)
        if self._has_query:
            path = request.url[request.url.index(path, request.url.index("://") + 3) :].partition("#")[0]
        return self._path.fullmatch(path) is not None

    async def answer(self, request: Request, asker: _Asker) -> Response:
        """Answer a request, or fail as the scenario says."""
        self._seen += 1
        number = self._seen
        now = asker.invocation.now_ms() / 1000
        if self._seconds is not None:
            fixed = self._seconds.value if isinstance(self._seconds, Fixed) else None
            await sleep(self._seconds.draw(asker.random) if fixed is None else fixed)
        for failing, content in self._failing:
            if _fails(failing, number, now, self._start_s, asker):
                return await content.answer(request, asker)
        return await self._content.answer(request, asker)


def _fails(failing: Failing, number: int, now: float, start_s: float, asker: _Asker) -> bool:
    """Whether a request fails. number: of the request at its rule, from 1. now: when it came."""
    if failing.count is not None and not failing.count[0] <= number <= failing.count[1]:
        return False
    if failing.window is not None and not failing.window.has(now, start_s):
        return False
    return failing.rate is None or asker.random.random() < failing.rate


class _Content:
    """What one answer consists of."""

    def __init__(self, answer: Answer, files: Mapping[str, bytes], known: frozenset[str]) -> None:
        self._hangs, self._unreachable = answer.hangs, answer.unreachable
        self._status = answer.status or 200
        self._reason = reason_phrase(self._status)
        kind, self._body = _body_of(answer, files, known)
        given = {name.lower() for name in answer.headers}
        headers = dict(answer.headers)
        if kind and "content-type" not in given and self._status not in NO_BODY:
            headers = {"content-type": kind, **headers}
        template = Template(headers, typed=False)
        self._headers = template if template.names else tuple(headers.items())

    async def answer(self, request: Request, asker: _Asker) -> Response:
        """Send it. Raises PlatformError where the connection is lost."""
        if self._unreachable:
            raise PlatformError(CONNECTION_LOST)
        if self._hangs:
            await sleep(HANGS_S)
            return Response.received(_TIMED_OUT, reason_phrase(_TIMED_OUT), (), b"")
        headers, body = self._headers, self._body
        if isinstance(headers, Template) or not isinstance(body, bytes):
            lookup = await _lookup(request, asker)
            if isinstance(headers, Template):
                headers = tuple(headers.fill(lookup).items())
            if not isinstance(body, bytes):
                body = body(lookup)
        return Response.received(
            self._status, self._reason, headers, b"" if request.method == "HEAD" else body
        )


def _body_of(
    answer: Answer, files: Mapping[str, bytes], known: frozenset[str]
) -> tuple[str, bytes | Callable[[Any], bytes]]:
    """The content type of an answer, "" without a body, and its body, or what makes it."""
    if answer.file is not None:
        data = files.get(answer.file, b"")
        kind = _TYPES.get(PurePath(answer.file).suffix.lower(), "application/octet-stream")
        text, names = text_to_fill(data, known)
        return kind, _filled_text(text, names) if names else data
    if answer.json_ is not None:
        return _TYPES[".json"], _filled(Template(answer.json_), stringify_utf8)
    if answer.body is not None:
        return _TYPES[".txt"], _filled(Template(answer.body, typed=False), _as_utf8)
    return "", b""


def _filled(template: Template, encode: Callable[[Any], bytes]) -> bytes | Callable[[Any], bytes]:
    if not template.names:
        return encode(template.fill(lambda name: name))
    return lambda lookup: encode(template.fill(lookup))


def _filled_text(text: str, names: Collection[str]) -> Callable[[Any], bytes]:
    """Fills these placeholders of a text and leaves everything else as it is."""
    braces = re.compile(rf"(?<!\{{)\{{({'|'.join(map(re.escape, sorted(names)))})\}}(?!\}})")
    return lambda lookup: _as_utf8(braces.sub(lambda match: as_text(lookup(match[1])), text))


def _as_utf8(text: str) -> bytes:
    return text.encode("utf-8", "replace")


async def _lookup(request: Request, asker: _Asker) -> Lookup:
    """What the placeholders of an answer stand for."""
    body = await request.clone().bytes() if request.body is not None else b""
    fetched = _Fetched(request, body)

    def value(name: str) -> Any:
        return fetched.value(name[len(PREFIX) :]) if name.startswith(PREFIX) else asker.values(name)

    return value


class _Fetched:
    """What was fetched, for the placeholders that begin with `request.`."""

    def __init__(self, request: Request, body: bytes) -> None:
        self._request = request
        self._body = body

    @cached_property
    def _query(self) -> Mapping[str, list[str]]:
        query = self._request.url.partition("#")[0].partition("?")[2]
        return parse_qs(query, keep_blank_values=True)

    @cached_property
    def _json(self) -> Any:
        try:
            return json.loads(self._body)
        except (ValueError, RecursionError):
            return ABSENT

    def value(self, name: str) -> Any:
        """The value of a name: text, or of `json` whatever stands there; "" or None for what is not there."""
        kind, _, rest = name.partition(".")
        request = self._request
        if kind == "method":
            return request.method
        if kind == "path":
            return path_of(request.url)
        if kind == "url":
            return request.url
        if kind == "host":
            return request.url.split("/", 3)[2].rpartition("@")[2]
        if kind == "query":
            return self._query.get(rest, [""])[0]
        if kind == "header":
            return request.headers.get(rest) or ""
        if kind == "body":
            return self._body.decode("utf-8", "replace")
        found = self._json
        if rest and found is not ABSENT:
            found = at_path(found, rest.split("."))
        return None if found is ABSENT else found


def _glob(path: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in path.split("*")))
