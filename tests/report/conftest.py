"""The small days, replayed once for all tests of the reports."""

from __future__ import annotations

import pytest

from edgeday.replay.timeline import Timelines
from tests.report import days


@pytest.fixture(scope="session")
def watched(tmp_path_factory):
    """Results and timelines of the same runs."""
    timelines = Timelines()
    return days.every(tmp_path_factory.mktemp("days"), [timelines]), timelines


@pytest.fixture(scope="session")
def results(watched):
    """One result of each verdict: passing, failing, partial, idle."""
    return watched[0]


@pytest.fixture(scope="session")
def timelines(watched):
    return watched[1]


@pytest.fixture(scope="session")
def by_name(results):
    return {result.name: result for result in results}
