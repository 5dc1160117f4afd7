"""An account whose time moves in both ways that tests have, on each store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from edgeday.runtime.edge import Edge
from edgeday.storage.records import Store
from tests.travel import WAYS, Time

START = datetime.fromisoformat("2026-02-16T10:00:00Z")


@pytest.fixture(params=WAYS)
def time(request: pytest.FixtureRequest) -> Iterator[Time]:
    """The virtual clock and the system's clock under freezegun, both at `START`."""
    with request.param(START) as time:
        yield time


@pytest.fixture
def travelling(time: Time, store: Store) -> Edge:
    """An account of that time."""
    return Edge(clock=time.clock, store=store, namespaces={"kv": "namespace-1"})
