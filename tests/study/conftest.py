"""Fixtures of the study's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.server.dashboard.conftest import Visitor, visiting
from worker_port import AiDietWorker
from worker_port.profile.stand_in import AiStandIn


@pytest.fixture
async def planner() -> AsyncIterator[Visitor]:
    """A visitor of a server with the diet-plan worker, whose AI answers at once."""
    async with visiting(AiDietWorker, ai=AiStandIn()) as visitor:
        yield visitor
