from __future__ import annotations

import asyncio
import os
import signal
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeday.clock import VirtualClock
from edgeday.virtual_loop import NothingLeftToWaitFor, external_work, run_virtual, sleep

START = "2026-02-16T00:00:00Z"
MONTH_S = 30 * 86_400


@pytest.fixture
def clock():
    return VirtualClock(START)


@pytest.mark.parametrize("seconds", [0.000_001, 0.001, 1, 59.999_999, 86_400, MONTH_S + 0.25, 400 * 86_400])
def test_sleeping_moves_the_clock_by_exactly_what_was_slept(clock, seconds):
    run_virtual(clock, asyncio.sleep(seconds))
    assert clock.elapsed_us == round(seconds * 1_000_000)


def test_sleeping_stays_exact_a_year_later(clock):
    async def main():
        await asyncio.sleep(365 * 86_400)
        for _ in range(1000):
            await asyncio.sleep(0.001_001)

    run_virtual(clock, main())
    assert clock.elapsed_us == 365 * 86_400 * 1_000_000 + 1000 * 1001


def test_what_is_shorter_than_a_microsecond_ends_all_the_same(clock):
    run_virtual(clock, asyncio.sleep(1e-9))
    assert clock.elapsed_us == 0


def test_overlapping_tasks_go_on_in_the_order_of_time(clock):
    moments = []

    async def task(name, *waits):
        for wait_s in waits:
            await asyncio.sleep(wait_s)
            moments.append((clock.elapsed_us // 1_000_000, name))

    async def main():
        await asyncio.gather(task("a", 5, 10, 1), task("b", 1, 1, 30), task("c", 12))

    run_virtual(clock, main())
    assert moments == [(1, "b"), (2, "b"), (5, "a"), (12, "c"), (15, "a"), (16, "a"), (32, "b")]


@pytest.mark.parametrize("seconds", [0, 1e-9, 0.000_001, 59.999_999, 400 * 86_400])
def test_the_loops_own_sleep_moves_the_clock_as_asyncios_does(clock, seconds):
    run_virtual(clock, sleep(seconds))
    assert clock.elapsed_us == round(seconds * 1_000_000)


def test_tasks_that_sleep_until_one_instant_wake_in_the_order_in_which_they_fell_asleep(clock):
    woken = []

    async def task(name, *waits):
        for wait_s in waits:
            await sleep(wait_s)
        woken.append(name)

    async def main():
        await asyncio.gather(*(task(name, 1 + name % 3, 9 - name % 3) for name in range(12)))

    run_virtual(clock, main())
    assert woken == [*range(0, 12, 3), *range(1, 12, 3), *range(2, 12, 3)]
    assert clock.elapsed_us == 10_000_000


def test_both_kinds_of_sleep_share_one_order_of_time(clock):
    moments = []

    async def task(name, sleeping, *waits):
        for wait_s in waits:
            await sleeping(wait_s)
            moments.append((clock.elapsed_us // 1_000_000, name))

    async def main():
        await asyncio.gather(task("a", sleep, 5, 10), task("b", asyncio.sleep, 1, 6), task("c", sleep, 2, 9))

    run_virtual(clock, main())
    assert moments == [(1, "b"), (2, "c"), (5, "a"), (7, "b"), (11, "c"), (15, "a")]


def test_a_cancelled_sleep_does_not_move_the_clock(clock):
    async def main():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await sleep(100)
        await sleep(2)

    run_virtual(clock, main())
    assert clock.elapsed_us == 3_000_000


def test_a_task_that_was_cancelled_does_not_sleep_though_no_other_waits(clock):
    async def main():
        asyncio.current_task().cancel()
        with pytest.raises(asyncio.CancelledError):
            await sleep(100)

    run_virtual(clock, main())
    assert clock.elapsed_us == 0


def test_what_a_task_has_started_runs_before_the_time_that_it_sleeps(clock):
    moments = []

    async def started():
        moments.append(clock.elapsed_us)
        await sleep(3)
        moments.append(clock.elapsed_us)

    async def main():
        task = asyncio.create_task(started())
        await sleep(10)
        moments.append(clock.elapsed_us)
        await task

    run_virtual(clock, main())
    assert moments == [0, 3_000_000, 10_000_000]


def test_a_task_that_sleeps_alone_does_not_keep_the_loop_from_hearing_the_outside(clock):
    async def main():
        loop = asyncio.get_running_loop()
        reading, writing = os.pipe()
        heard = asyncio.Event()
        loop.add_reader(reading, heard.set)
        os.write(writing, b"x")
        for _ in range(10_000):
            if heard.is_set():
                break
            await sleep(1)
        loop.remove_reader(reading)
        os.close(reading)
        os.close(writing)
        return heard.is_set()

    assert run_virtual(clock, main())


def test_timers_of_one_instant_all_fire_in_it_and_in_the_same_order_every_time():
    def order():
        clock = VirtualClock(START)
        moments = []

        async def task(number):
            await asyncio.sleep(7)
            moments.append((number, clock.elapsed_us))

        async def main():
            await asyncio.gather(*(task(number) for number in range(20)))

        run_virtual(clock, main())
        return moments

    first = order()
    assert sorted(first) == [(number, 7_000_000) for number in range(20)]
    assert order() == first


@given(st.lists(st.integers(0, 10**8), min_size=1, max_size=30))
def test_any_set_of_sleeps_ends_at_the_right_virtual_times(waits_ms):
    clock = VirtualClock(START)
    ends = {}

    async def task(number, wait_ms):
        await asyncio.sleep(wait_ms / 1000)
        ends[number] = clock.elapsed_us

    async def main():
        await asyncio.gather(*(task(number, wait_ms) for number, wait_ms in enumerate(waits_ms)))

    run_virtual(clock, main())
    assert ends == {number: wait_ms * 1000 for number, wait_ms in enumerate(waits_ms)}
    assert clock.elapsed_us == max(waits_ms) * 1000


def test_a_timeout_counts_virtual_seconds(clock):
    async def main():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3600):
                await asyncio.sleep(MONTH_S)

    run_virtual(clock, main())
    assert clock.elapsed_us == 3_600_000_000


def test_waiting_for_what_never_comes_is_an_error_that_says_so(clock):
    async def main():
        await asyncio.sleep(60)
        await asyncio.Event().wait()

    with pytest.raises(NothingLeftToWaitFor, match="nothing is scheduled that could wake one"):
        run_virtual(clock, main())
    assert clock.elapsed_us == 60_000_000


def test_time_stands_still_while_a_thread_works(clock):
    release = threading.Event()
    moments = []

    async def ask_the_thread():
        with external_work():
            await asyncio.to_thread(release.wait, 30)
        moments.append(("thread", clock.elapsed_us))

    async def sleeper():
        await asyncio.sleep(5)
        moments.append(("sleeper", clock.elapsed_us))

    async def main():
        first = asyncio.create_task(ask_the_thread())
        second = asyncio.create_task(sleeper())
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_soon(release.set)
        await asyncio.gather(first, second)

    run_virtual(clock, main())
    assert moments == [("thread", 0), ("sleeper", 5_000_000)]


def test_closing_the_loop_after_a_thread_has_worked_takes_no_virtual_time(clock):
    async def main():
        with external_work():
            return await asyncio.to_thread(threading.get_ident)

    assert run_virtual(clock, main()) != threading.get_ident()
    assert clock.elapsed_us == 0


async def test_outside_work_on_a_real_loop_is_simply_awaited():
    with external_work():
        assert await asyncio.to_thread(lambda: 5) == 5


@pytest.mark.parametrize("sleeping", [sleep, asyncio.sleep])
def test_ctrl_c_ends_the_run_and_cancels_what_was_under_way(clock, sleeping):
    cancelled = []

    async def main():
        try:
            await sleeping(10)
            signal.raise_signal(signal.SIGINT)
            await sleeping(MONTH_S)
        except asyncio.CancelledError:
            cancelled.append(clock.elapsed_us)
            raise

    with pytest.raises(KeyboardInterrupt):
        run_virtual(clock, main())
    assert cancelled == [10_000_000]


def test_the_result_and_the_exception_of_the_coroutine_come_through(clock):
    async def fails():
        raise LookupError("mine")

    assert run_virtual(clock, asyncio.sleep(1, "result")) == "result"
    with pytest.raises(LookupError, match="mine"):
        run_virtual(clock, fails())
