"""The port does on whole days what the original worker was recorded doing: every operation of every request.

The recordings are of the original's JavaScript, run by workerd; `python -m tests.oracle --keep` makes them.
"""

from __future__ import annotations

import pytest

from tests.oracle import days
from tests.oracle.kept import differences, path_of, read
from tests.oracle.prompts import given
from tests.oracle.recording import recorded
from worker_port import AiDietWorker

QUICK = {"burst", "answers"}
DAYS = [
    pytest.param(day, variant, marks=() if day in QUICK else pytest.mark.slow, id=f"{variant}-{day}")
    for variant in days.VARIANTS
    for day in days.DAYS
]


@pytest.mark.parametrize(("day", "variant"), DAYS)
def test_the_port_makes_the_operations_that_the_original_made(day: str, variant: str) -> None:
    original = read(path_of(day, variant))
    prompts = {number: [shape.text for shape in shapes] for number, shapes in original.prompts.items()}
    port = recorded(
        days.loaded(day, variant, AiDietWorker), outbound=days.outbound(day), prompts=given(prompts)
    )
    assert len(original.rows) >= 60
    assert list(differences(original, port)) == []
