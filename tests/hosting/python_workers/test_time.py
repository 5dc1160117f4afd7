"""The standard library's time and randomness in a Python Worker."""

from __future__ import annotations

import random
import time

import pytest

from edgeday.ambient import installed
from edgeday.runtime.entry import BadEntry, resolve_worker

from .conftest import ask

BY_NAME = """
import random
from dataclasses import dataclass, field
from datetime import datetime
from time import time
from uuid import uuid4

from js import Date, crypto
from workers import Response, WorkerEntrypoint

import clocks

@dataclass
class Visit:
    at: datetime = field(default_factory=datetime.now)
    seconds: float = field(default_factory=time)

class Default(WorkerEntrypoint):
    async def fetch(self, request):
        visit = Visit()
        return Response.json([
            visit.at.isoformat(), visit.seconds, time(), clocks.milliseconds(), Date.now(),
            random.random(), str(uuid4()), crypto.randomUUID(),
        ])
"""
CLOCKS = """
from time import time_ns

def milliseconds():
    return time_ns() / 10**6
"""
START_S = 1_772_366_400


async def test_a_python_worker_has_the_invocations_time_and_seed(host, account):
    worker = host(BY_NAME, files={"clocks.py": CLOCKS})
    answers = []
    for _ in range(2):
        with installed():
            edge = account(worker)
            answers.append((await ask(edge))[1])
            edge.clock.advance(hours=1)
            assert f"{START_S + 3600}.0" in (await ask(edge))[1]
    assert answers[0] == answers[1]
    text = answers[0].replace(" ", "")
    assert text.startswith(f'["2026-03-01T12:00:00",{START_S}.0,{START_S}.0,{START_S}000.0,{START_S}000,')
    assert type(time.time).__name__ == "builtin_function_or_method"


AT_IMPORT = """
import random
import time
from uuid import uuid4

from workers import Response, WorkerEntrypoint

STARTED = time.time()
FIXED = random.Random(5).random()
{line}

class Default(WorkerEntrypoint):
    async def fetch(self, request):
        return Response(f"{{STARTED}} {{FIXED}} {{uuid4()}}")
"""


async def test_the_clock_of_an_imported_python_worker_stands_at_zero(tmp_path, account):
    (tmp_path / "entry.py").write_text(AT_IMPORT.format(line=""))
    worker = resolve_worker("entry.py", base=tmp_path).worker
    with installed():
        text = (await ask(account(worker)))[1]
    assert text.startswith(f"0.0 {random.Random(5).random()} ")


@pytest.mark.parametrize(
    ("line", "refusal"),
    [
        ("ID = uuid4()", "OSError: [Errno 29] Randomness is not allowed while a Worker is starting"),
        (
            "NUMBER = random.randint(1, 6)",
            "RuntimeError: Cannot use random.randint() outside of request context",
        ),
    ],
)
def test_a_python_worker_that_draws_at_import_is_refused_with_its_line(tmp_path, line, refusal):
    (tmp_path / "entry.py").write_text(AT_IMPORT.format(line=line))
    with pytest.raises(BadEntry, match=r"entry\.py:10: importing it raised") as raised:
        resolve_worker("entry.py", base=tmp_path)
    assert refusal in str(raised.value)
