"""A session of the replay: the steps of one visitor, in their order, on the run's edge.

The next step begins when the answer before it has been read and the time to think is over. A session belongs
to one data centre, has its own cookies, and ends where a step fails; what it draws hangs on its own seed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from edgeday.errors import BadInput
from edgeday.events import SessionEnded, SessionStarted
from edgeday.production.requests_per_day import OVER_LIMIT
from edgeday.replay.answers import ABSENT, Answer, compared
from edgeday.replay.cookies import CookieJar, cookie_set
from edgeday.replay.traffic import Script
from edgeday.runtime.edge import Edge
from edgeday.scenario.request_template import RequestTemplate
from edgeday.scenario.sessions import RequestStep, SessionTraffic, Wait
from edgeday.scenario.values import fraction
from edgeday.virtual_loop import sleep
from edgeday.web.messages import Request


class Session:
    """One visitor.

    script: when the session was planned, its number and its seed. colo: the data centre that its requests
    arrive at, or None. origin: scheme and host that the worker is asked at. told: called after each request.
    """

    def __init__(
        self, edge: Edge, script: Script, *, colo: str | None, origin: str, told: Callable[[], None]
    ) -> None:
        assert isinstance(script.traffic, SessionTraffic)
        self._edge = edge
        self._part: SessionTraffic = script.traffic
        self._script = script
        self._colo = colo
        self._origin = origin
        self._told = told
        self._draws = script.draws()
        self._kept: dict[str, Any] = {}
        self._cookies = CookieJar()
        self._requests = 0

    async def run(self) -> int:
        """Make its steps, and report it. Returns how many requests it made."""
        began = self._edge.clock.now()
        part, number, events = self._part, self._script.number, self._edge.events
        events.emit(SessionStarted(began, part.name, number))
        outcome, step, route, reason = await self._steps()
        now = self._edge.clock.now()
        events.emit(SessionEnded(now, part.name, number, began, outcome, self._requests, step, route, reason))
        return self._requests

    async def _steps(self) -> tuple[str, int, str, str]:
        """Make them: outcome, number and route of the step that ended the session, and why."""
        part = self._part
        for number, (step, template) in enumerate(zip(part.steps, part.templates, strict=True), start=1):
            seed = f"{self._script.seed}/{number}"
            route = "" if template is None else template.counted_as
            if step.leave and fraction(f"{seed}/leave") < step.leave:
                return "left", number, route, ""
            if isinstance(step, Wait):
                await sleep(step.seconds(seed))
                continue
            assert template is not None  # the step is a request
            for name in step.again:
                self._draws.again(name)
            reason = await self._make(step, template, seed)
            if reason:
                return "failed", number, route, reason
        return "completed", 0, "", ""

    async def _make(self, step: RequestStep, template: RequestTemplate, seed: str) -> str:
        """Make a step's request and keep what is to be kept; why the step failed, or ""."""
        clock = self._edge.clock
        try:
            request = template.request(self._origin, self._value)
        except BadInput as bad:  # what an answer gave cannot stand where it is to
            return f"its request could not be sent: {bad.problems[0].what}"
        _add_cookies(request, self._cookies.header(request.url, clock.now()))
        context = Script(self._part, self._script.number, clock.now(), seed, lookup=self._value)
        response = await self._edge.dispatch(request, colo=self._colo, context=context, route=template.route)
        answer = await Answer.of(response)
        self._requests += 1
        self._told()
        set_cookies = answer.headers.get_all("set-cookie")
        if set_cookies:
            self._cookies.take(set_cookies, request.url, clock.now())
        expect = template.expect
        if expect:
            event = compared(expect, answer, self._part.name, template.counted_as, clock.now(), self._value)
            self._edge.events.emit(event)
        if answer.broke_off:
            return "the answer broke off"
        if answer.body == OVER_LIMIT.encode() and answer.status == 429:
            return f"the day's requests were spent ({OVER_LIMIT})"
        if answer.status >= 500 and not self._is_expected(answer, expect):
            return f"answered {answer.status}"
        return self._keep(step, answer)

    def _keep(self, step: RequestStep, answer: Answer) -> str:
        """Keep the values that later steps use; which one is not there, or ""."""
        for name, source in step.keep.items():
            if source.startswith("cookie:"):
                value: Any = cookie_set(answer.headers.get_all("set-cookie"), source.removeprefix("cookie:"))
                value = ABSENT if value is None else value
            else:
                value = answer.found(source)
            if value is ABSENT:
                return f"{source} was not in the answer, which had status {answer.status}"
            self._kept[name] = value
        return ""

    def _is_expected(self, answer: Answer, expect: Mapping[str, Any]) -> bool:
        """Whether an answer that is a failure is what the scenario wants: it names that status."""
        wanted = {name: value for name, value in expect.items() if name == "status"}
        return bool(wanted) and all(check.ok for check in answer.checks(wanted, self._value))

    def _value(self, name: str) -> Any:
        """What a placeholder stands for now."""
        return self._kept[name] if name in self._kept else self._draws[name]


def _add_cookies(request: Request, cookies: str) -> None:
    """Send a visitor's cookies, after those that the step itself says."""
    if cookies:
        own = request.headers.get("cookie")
        request.headers["cookie"] = f"{own}; {cookies}" if own else cookies
