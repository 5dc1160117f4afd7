"""The fixtures under short names, for projects whose pytest configuration asks for them."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def clock(edgeday_clock: Any) -> Any:
    """See `edgeday_clock`."""
    return edgeday_clock


@pytest.fixture
def edge(edgeday_edge: Any) -> Any:
    """See `edgeday_edge`."""
    return edgeday_edge


@pytest.fixture
def frozen_edge(edgeday_frozen_edge: Any) -> Any:
    """See `edgeday_frozen_edge`."""
    return edgeday_frozen_edge


@pytest.fixture
def kv(edgeday_kv: Any) -> Any:
    """See `edgeday_kv`."""
    return edgeday_kv


@pytest.fixture
def caches(edgeday_caches: Any) -> Any:
    """See `edgeday_caches`."""
    return edgeday_caches


@pytest.fixture
def ledger(edgeday_ledger: Any) -> Any:
    """See `edgeday_ledger`."""
    return edgeday_ledger


@pytest.fixture
def run(edgeday_run: Any) -> Any:
    """See `edgeday_run`."""
    return edgeday_run
