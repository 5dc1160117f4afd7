from __future__ import annotations

import asyncio
import logging
import time

import pytest

from edgeday.ambient import installed
from edgeday.clock import SystemClock, VirtualClock
from edgeday.runtime.edge import Edge
from tests.ambient.conftest import START, START_S

SECONDS = ("time", "monotonic", "perf_counter")
UTC_PARTS = (2026, 2, 16, 10, 0, 0, 0, 47, 0)


@pytest.fixture
def sofia(monkeypatch):
    """A machine two hours east of UTC."""
    monkeypatch.setenv("TZ", "Europe/Sofia")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("name", SECONDS)
def test_a_clock_shows_the_invocations_time_in_seconds(within, name):
    assert within(lambda: getattr(time, name)()) == START_S


@pytest.mark.parametrize("name", [f"{name}_ns" for name in SECONDS])
def test_a_clock_shows_the_invocations_time_in_nanoseconds(within, name):
    assert within(lambda: getattr(time, name)()) == 1_771_236_000_123_000_000


@pytest.mark.parametrize("name", ["process_time", "process_time_ns", "thread_time", "thread_time_ns"])
def test_processor_time_stands_still(within, name):
    assert within(lambda: getattr(time, name)()) == 0


def test_clocks_are_read_by_their_number_too(within):
    assert within(lambda: time.clock_gettime(time.CLOCK_REALTIME)) == START_S
    assert within(lambda: time.clock_gettime_ns(time.CLOCK_MONOTONIC)) == 1_771_236_000_123_000_000
    assert within(lambda: time.clock_gettime(time.CLOCK_PROCESS_CPUTIME_ID)) == 0


@pytest.mark.parametrize("name", ["gmtime", "localtime"])
def test_the_time_in_parts_is_utc_wherever_the_machine_is(sofia, within, name):
    assert within(lambda: tuple(getattr(time, name)())) == UTC_PARTS
    assert within(lambda: tuple(getattr(time, name)(0)))[:6] == (1970, 1, 1, 0, 0, 0)


def test_the_time_as_text_is_utc_wherever_the_machine_is(sofia, within):
    assert within(lambda: time.ctime()) == "Mon Feb 16 10:00:00 2026"
    assert within(lambda: time.ctime(0)) == "Thu Jan  1 00:00:00 1970"
    assert within(lambda: time.asctime()) == "Mon Feb 16 10:00:00 2026"
    assert within(lambda: time.strftime("%Y-%m-%d %H:%M:%S")) == "2026-02-16 10:00:00"
    assert within(lambda: time.strftime("%H", time.gmtime(3600))) == "01"


@pytest.mark.parametrize(
    "parts", [UTC_PARTS, (2026, 1, 47, 10, 0, 0, 0, 0, -1), (2025, 14, 16, 9, 59, 60, 0, 0, 0)]
)
def test_seconds_are_made_of_parts_in_utc_wherever_the_machine_is(sofia, within, parts):
    assert within(lambda: time.mktime(parts)) == 1_771_236_000.0


def test_outside_an_invocation_time_is_the_machines(sofia, within):
    assert abs(time.time() - SystemClock().now()) < 60
    assert time.localtime(0).tm_hour == 2
    first = time.perf_counter()
    time.sleep(0.001)
    assert time.perf_counter() - first >= 0.001


def test_sleeping_takes_no_time_and_is_reported_with_its_line(within):
    def code():
        first = time.time()
        time.sleep(3600)
        return time.time() - first

    assert within(code) == 0
    (diagnostic,) = within.diagnostics
    assert diagnostic.id == "time-sleep"
    assert diagnostic.place == f"tests/ambient/test_time.py:{code.__code__.co_firstlineno + 2}"
    assert "asyncio.sleep" in diagnostic.text


@pytest.mark.parametrize(("seconds", "error"), [(-1, ValueError), ("1", TypeError)])
def test_sleeping_refuses_what_the_real_one_refuses(within, seconds, error):
    with pytest.raises(error):
        within(lambda: time.sleep(seconds))
    with pytest.raises(error):
        time.sleep(seconds)
    assert within.diagnostics == []


def test_the_clock_of_a_class_stays_a_clock(within):
    class Stopwatch:
        now = time.time

    assert within(lambda: Stopwatch().now()) == START_S


def test_a_log_record_of_the_worker_has_its_time_in_utc_wherever_the_machine_is(sofia, within):
    def line():
        record = logging.LogRecord("shop", logging.INFO, "shop.py", 1, "sold", (), None)
        return logging.Formatter("%(asctime)s %(message)s", "%d %H:%M:%S").format(record)

    assert within(line) == "16 10:00:00 sold"
    assert within(line) != line()


async def test_two_invocations_beside_each_other_have_their_own_clocks(within):
    async def hours(start):
        edge = within.new_edge(start)
        async with edge.invocation("GET /"):
            seen = []
            for _ in range(3):
                seen.append(time.strftime("%d %H"))
                await asyncio.sleep(0)
                edge.clock.advance(hours=1)
            return seen

    first, second = await asyncio.gather(hours("2026-02-16T10:00:00Z"), hours("2026-03-17T20:00:00Z"))
    assert first == ["16 10", "16 11", "16 12"]
    assert second == ["17 20", "17 21", "17 22"]


async def test_on_the_systems_clock_the_event_loop_keeps_its_own_time():
    edge = Edge(clock=SystemClock())
    with installed():
        async with edge.invocation("GET /"):
            async with asyncio.timeout(30):
                await asyncio.sleep(0.001)
            assert abs(time.time() - edge.clock.now()) < 60
            assert time.time() * 1000 % 1 == pytest.approx(0, abs=1e-3)  # to the millisecond


def test_time_passes_in_an_invocation_with_what_it_waits_for():
    from edgeday.virtual_loop import run_virtual

    clock = VirtualClock(START)

    async def main():
        async with Edge(clock=clock).invocation("GET /"):
            await asyncio.sleep(1.5)
            return time.time()

    with installed():
        assert run_virtual(clock, main()) == START_S + 1.5
