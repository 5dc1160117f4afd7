"""The small days, replayed once for all tests of the reports."""

from __future__ import annotations

import pytest

from edgeday.replay.timeline import Timelines
from tests.report import days


@pytest.fixture(scope="session")
def timelines():
    return Timelines()


@pytest.fixture(scope="session")
def results(tmp_path_factory, timelines):
    """One result of each verdict: passing, failing, partial, idle."""
    return days.every(tmp_path_factory.mktemp("days"), [timelines])


@pytest.fixture(scope="session")
def by_name(results):
    return {result.name: result for result in results}
