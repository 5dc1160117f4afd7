"""JavaScript draws the random numbers that a Python worker draws in the same invocation."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

from edgeday.web.messages import Request, Response
from tests.hosting.javascript.workers import edge_with, texts, worker_of

pytestmark = pytest.mark.workerd

DRAWS = """export default { fetch() {
  const bytes = (count) => [...crypto.getRandomValues(new Uint8Array(count))];
  const uuids = () => Array.from({ length: 400 }, () => crypto.randomUUID());
  return Response.json([Math.random(), bytes(6), uuids(), bytes(0), bytes(4), Math.random()]);
} };"""


class InPython:
    """Draws the same."""

    def __init__(self, ctx: object, env: object) -> None:
        self._invocation = ctx._invocation  # type: ignore[attr-defined]

    async def fetch(self, request: Request) -> Response:
        random: Random = self._invocation.random
        drawn = [
            random.random(),
            list(random.randbytes(6)),
            [self._invocation.random_uuid() for _ in range(400)],
            [],
            list(random.randbytes(4)),
            random.random(),
        ]
        return Response.from_json(drawn)


@pytest.mark.parametrize("seed", [0, 7, 123456789012345678901234567890])
def test_an_invocation_draws_what_that_of_a_python_worker_draws(workerd: Path, seed: int) -> None:
    drawn = [
        [json.loads(text) for text in texts(edge_with(worker, seed=seed), "/", "/")]
        for worker in (worker_of(workerd, DRAWS), InPython)
    ]
    assert drawn[0] == drawn[1]
    assert drawn[0][0] != drawn[0][1]
