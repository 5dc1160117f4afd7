"""A test may move the machine's time with freezegun, before or while a worker's clock is its invocation's."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from functools import partial
from random import Random
from time import time as seconds

import pytest
from freezegun import freeze_time

from edgeday.ambient import installed
from edgeday.clock import SystemClock
from edgeday.runtime.edge import Edge
from tests.ambient.conftest import START_S, Invocations
from tests.ambient.test_time import sofia

assert sofia
FROZEN = "2031-07-01T12:00:00Z"
FROZEN_S = 1_940_673_600


def readings():
    """Epoch seconds of each way to tell the time."""
    return [
        time.time(), seconds(), time.time_ns() / 10**9, time.monotonic(), datetime.now(UTC).timestamp(),
        time.mktime(time.localtime()) + START_S % 1, datetime.now().timestamp(),
    ]  # fmt: skip


def days():
    return {date.today().isoformat(), time.strftime("%Y-%m-%d"), datetime.today().isoformat()[:10]}


def test_a_worker_has_its_time_where_the_machines_is_frozen_around_it(sofia):
    within = Invocations()
    with freeze_time(FROZEN, real_asyncio=True), installed():
        assert within(readings) == pytest.approx([START_S] * 7, abs=1e-6)
        assert within(days) == {"2026-02-16"}
        assert {time.time(), seconds(), SystemClock().now()} == {FROZEN_S}


def test_a_worker_has_its_time_where_the_machines_is_frozen_later(sofia):
    within = Invocations()
    with installed():
        for _ in range(2):
            with freeze_time(FROZEN, real_asyncio=True):
                assert within(readings) == pytest.approx([START_S] * 7, abs=1e-6)
                assert within(days) == {"2026-02-16"}
                assert {time.time(), seconds(), SystemClock().now()} == {FROZEN_S}
            assert within(readings) == pytest.approx([START_S] * 7, abs=1e-6)
            assert within(days) == {"2026-02-16"}


async def test_on_the_systems_clock_a_worker_has_the_frozen_time():
    edge = Edge(clock=SystemClock())
    with installed(), freeze_time(FROZEN, real_asyncio=True) as frozen:
        async with edge.invocation("GET /") as invocation:
            assert {*readings()[:5], invocation.now_ms() / 1000} == {FROZEN_S}
            frozen.tick(60)
            assert {*readings()[:5], invocation.now_ms() / 1000} == {FROZEN_S + 60}


def snapshot():
    return [
        *(vars(time)[name] for name in ("time", "localtime", "strftime", "sleep", "monotonic_ns")),
        seconds, datetime, datetime.__dict__["now"], Random.seed,
    ]  # fmt: skip


@pytest.mark.parametrize("frozen_first", [True, False])
@pytest.mark.parametrize("ends_first", [True, False])
def test_everything_is_as_it_was_in_whatever_order_both_begin_and_end(frozen_first, ends_first):
    before = snapshot()
    both = freeze_time(FROZEN, real_asyncio=True), installed()
    first, second = both if frozen_first else both[::-1]
    first.__enter__()
    second.__enter__()
    assert Invocations()(readings) == pytest.approx([START_S] * 7, abs=1e-6)
    first, second = (first, second) if ends_first else (second, first)
    first.__exit__(None, None, None)
    second.__exit__(None, None, None)
    assert snapshot() == before


@pytest.mark.parametrize("around", [installed, partial(freeze_time, FROZEN, real_asyncio=True)])
def test_names_of_a_module_are_frozen_as_before_once_it_is_over(around):
    with installed(), freeze_time(FROZEN, real_asyncio=True):
        pass
    with around(), freeze_time(FROZEN, real_asyncio=True):
        assert seconds() == FROZEN_S
    with freeze_time(FROZEN, real_asyncio=True):
        assert seconds() == FROZEN_S
    assert seconds() != FROZEN_S
