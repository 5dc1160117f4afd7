"""Where a worker raises after `passThroughOnException`, the origin of the request's host answers."""

from __future__ import annotations

import pytest

from edgeday.clock import VirtualClock
from edgeday.events import InvocationEnded, Operation
from edgeday.runtime.edge import Edge
from edgeday.web.messages import Request, Response

HOST = "shop.example"


class Worker:
    async def fetch(self, request):
        if "asks" in request.url:
            self.ctx.passThroughOnException()
        await request.text()
        raise ValueError("a defect")


async def origin(request, _invocation):
    return Response(f"origin got {request.method} {await request.text()}", status=203)


async def broken_origin(_request, _invocation):
    raise ConnectionError("no route")


async def answer(path, outbound):
    """Status and text of an answer, how its invocation ended, and the operations it made."""
    edge = Edge(clock=VirtualClock("2026-02-16T00:00:00Z"), worker=Worker, outbound=outbound)
    ends, operations = [], []
    edge.events.subscribe(InvocationEnded, ends.append)
    edge.events.subscribe(Operation, operations.append)
    response = await edge.dispatch(Request(f"https://{HOST}{path}", method="POST", body="order"))
    return response.status, await response.text(), [(end.outcome, end.status) for end in ends], operations


async def test_the_origin_answers_with_the_request_as_it_was_and_it_costs_no_subrequest():
    answered = await answer("/asks", {HOST: origin})
    assert answered == (203, "origin got POST order", [("exception", 203)], [])


@pytest.mark.parametrize(
    ("path", "outbound"),
    [
        ("/", {HOST: origin}),
        ("/asks", {}),
        ("/asks", {"other.example": origin}),
        ("/asks", {HOST: broken_origin}),
    ],
    ids=["not asked for", "no origin", "another host's", "an origin that fails"],
)
async def test_else_the_answer_is_the_platforms_page(path, outbound):
    assert (await answer(path, outbound))[:3] == (500, "error code: 1101", [("exception", 500)])
