from __future__ import annotations

import pytest

from edgeday.clock import VirtualClock
from edgeday.errors import PlatformError, WorkerRaised
from edgeday.events import Diagnostic, InvocationEnded, Operation
from edgeday.runtime.edge import Edge
from edgeday.runtime.endings import ScheduledOutcome
from edgeday.virtual_loop import run_virtual
from edgeday.web import Response, sleep

START = "2026-02-16T00:00:00Z"
CRON = "*/5 * * * *"


def made(handler, **options):
    class Worker:
        scheduled = handler

        async def fetch(self, request):
            return Response("ok")

    return Edge(clock=VirtualClock(START), namespaces={"KV": "kv"}, worker=Worker, **options)


def ended(edge):
    events = []
    edge.events.subscribe(InvocationEnded, events.append)
    return events


async def test_a_cron_is_one_invocation_that_counts_as_a_request():
    async def scheduled(self, controller, env, ctx):
        await self.env.KV.put("last", f"{controller.cron} {controller.scheduledTime} {env} {ctx}")

    edge = made(scheduled)
    events = ended(edge)
    outcome = await edge.dispatch_scheduled(CRON, scheduled_at=1771200300)
    assert outcome == ScheduledOutcome("ok", False, "")
    assert await edge.env.KV.get("last") == f"{CRON} 1771200300000 None None"
    assert [(event.route, event.outcome) for event in events] == [(f"cron {CRON}", "ok")]


async def test_a_handler_may_take_fewer_arguments_and_be_synchronous():
    calls = []

    def scheduled(self, controller):
        calls.append(controller.scheduledTime)
        controller.noRetry()

    assert await made(scheduled).dispatch_scheduled(CRON) == ScheduledOutcome("ok", True, "")
    assert calls == [1771200000000]


async def test_what_a_cron_raises_is_its_outcome():
    async def scheduled(self, controller):
        raise PlatformError("no")

    edge = made(scheduled)
    events = ended(edge)
    outcome = await edge.dispatch_scheduled(CRON)
    assert (outcome.outcome, outcome.error) == ("exception", "Error: no")
    assert (events[0].status, events[0].error) == (0, "Error: no")


async def test_a_worker_without_the_handler_fails_in_the_platform_s_words():
    class Worker:
        async def fetch(self, request):
            return Response("ok")

    outcome = await Edge(clock=VirtualClock(START), worker=Worker).dispatch_scheduled(CRON)
    assert (outcome.outcome, outcome.error) == (
        "exception",
        "Error: Handler does not export a scheduled() function",
    )


async def test_a_strict_edge_raises_what_a_cron_raises():
    async def scheduled(self, controller):
        raise ValueError("no")

    with pytest.raises(WorkerRaised, match="cron"):
        await made(scheduled, strict_worker=True).dispatch_scheduled(CRON)


@pytest.mark.parametrize(("seconds", "outcome"), [(899, "ok"), (901, "exception")])
def test_a_cron_has_fifteen_minutes(seconds, outcome):
    async def scheduled(self, controller):
        await sleep(seconds)

    edge = made(scheduled)
    result = run_virtual(edge.clock, edge.dispatch_scheduled(CRON))
    assert result.outcome == outcome
    assert ("15 minutes" in result.error) is (outcome == "exception")
    assert edge.clock.elapsed_us == min(seconds, 900) * 1_000_000


@pytest.mark.parametrize(("seconds", "kept"), [(899, "1"), (901, None)])
def test_background_work_of_a_cron_shares_its_fifteen_minutes(seconds, kept):
    async def work(self):
        await sleep(seconds)
        await self.env.KV.put("late", "1")

    async def scheduled(self, controller):
        self.ctx.waitUntil(work(self))

    edge = made(scheduled)
    cancelled = []
    edge.events.subscribe(Operation, cancelled.append, outcomes=("cancelled",))

    async def main():
        await edge.dispatch_scheduled(CRON)
        return await edge.env.KV.get("late")

    assert run_virtual(edge.clock, main()) == kept
    assert len(cancelled) == (kept is None)


@pytest.mark.parametrize("raises", [True, False])
def test_background_work_of_a_cron_that_raises_fails_it_as_the_handler_would(raises):
    async def work():
        await sleep(1)
        if raises:
            raise ValueError("no soup")

    async def scheduled(self, controller):
        self.ctx.waitUntil(work())

    edge = made(scheduled)
    ends, said = [], []
    edge.events.subscribe(InvocationEnded, ends.append)
    edge.events.subscribe(Diagnostic, said.append)
    result = run_virtual(edge.clock, edge.dispatch_scheduled(CRON))
    error = "ValueError: no soup" if raises else ""
    assert (result.outcome, result.error) == ("exception" if raises else "ok", error)
    assert [(one.outcome, one.error, bool(one.place)) for one in ends] == [(result.outcome, error, raises)]
    assert said == []


async def test_a_cron_beyond_the_day_s_requests_is_turned_away():
    calls = []

    def scheduled(self, controller):
        calls.append(1)

    edge = made(scheduled)
    edge._requests._limit = 2
    outcomes = [(await edge.dispatch_scheduled(CRON)).outcome for _ in range(3)]
    assert (outcomes, len(calls)) == (["ok", "ok", "refused"], 2)
