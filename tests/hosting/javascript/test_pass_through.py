"""`passThroughOnException` in both forms of JavaScript workers."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgeday.hosting.javascript.bundles import Form
from edgeday.invocation import Invocation
from edgeday.web.messages import Request, Response
from tests.hosting.javascript.workers import edge_with, texts, worker_of

pytestmark = pytest.mark.workerd

MODULE = """export default {
  fetch(request, env, ctx) {
    if (new URL(request.url).pathname === "/asks") ctx.passThroughOnException();
    boom();
  },
};"""
SCRIPT = """addEventListener("fetch", (event) => {
  if (new URL(event.request.url).pathname === "/asks") event.passThroughOnException();
  event.respondWith((async () => boom())());
});"""


@pytest.mark.parametrize(("form", "source"), [("modules", MODULE), ("service-worker", SCRIPT)])
def test_the_origin_answers_where_the_worker_asks_for_that(workerd: Path, form: Form, source: str) -> None:
    async def origin(_request: Request, _invocation: Invocation) -> Response:
        return Response("origin")

    edge = edge_with(worker_of(workerd, source, form=form), outbound={"worker.example": origin})
    assert texts(edge, "/asks", "/") == ["origin", "error code: 1101"]
