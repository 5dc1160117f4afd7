"""The clock that runs with another one and can be moved forward."""

from __future__ import annotations

import time

import pytest

from edgeday.clock import MovableClock, VirtualClock


@pytest.fixture
def base() -> VirtualClock:
    return VirtualClock("2026-03-01T12:00:00Z")


def test_it_runs_with_the_clock_below_it(base):
    clock = MovableClock(base)
    base.advance(seconds=7)
    assert clock.now() == base.now()


def test_what_it_has_gained_it_keeps(base):
    clock = MovableClock(base)
    clock.advance(3600)
    base.advance(seconds=7)
    assert clock.now() == base.now() + 3600
    assert clock.now_ms() == base.now_ms() + 3_600_000
    assert clock.gained_s == 3600


def test_it_may_begin_ahead(base):
    assert MovableClock(base, gained_s=1.5).now() == base.now() + 1.5


def test_it_travels_to_an_instant(base):
    clock = MovableClock(base)
    clock.travel_to("2026-03-02T00:00:00Z")
    assert clock.gained_s == 12 * 3600


def test_it_does_not_go_back(base):
    clock = MovableClock(base)
    with pytest.raises(ValueError, match="does not go back"):
        clock.advance(-0.001)
    with pytest.raises(ValueError, match="does not go back"):
        clock.travel_to("2026-03-01T11:59:59Z")
    assert clock.gained_s == 0


def test_it_runs_with_the_system_unless_told_otherwise():
    clock = MovableClock(gained_s=100)
    before = time.time()
    assert before + 100 <= clock.now() <= time.time() + 100
