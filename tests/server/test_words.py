"""Durations, sizes and shares in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeday.server.words import duration, percent, size, time_of_day


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"), (0.34, "340 ms"), (1, "1 s"), (59.9, "59 s"), (60, "1 min"), (61, "1 min 1 s"),
        (3599, "59 min 59 s"), (3600, "1 h"), (35_520, "9 h 52 min"), (86_399, "23 h 59 min"),
        (86_400, "1 d"),        (97_200, "1 d 3 h"), (86_461, "1 d"), (-5, "-5 s"),
    ],
)  # fmt: skip
def test_a_duration_is_said_by_its_two_largest_parts(seconds, text):
    assert duration(seconds) == text


@given(st.floats(1, 1e9))
def test_what_a_duration_leaves_out_is_less_than_its_smallest_part(seconds):
    unit_s = {"d": 86_400, "h": 3_600, "min": 60, "s": 1}
    words = duration(seconds).split()
    said_s = sum(int(count) * unit_s[unit] for count, unit in zip(words[::2], words[1::2], strict=True))
    largest = next(part for part in unit_s.values() if part <= int(seconds))
    assert 0 <= seconds - said_s < max(1, largest / {86_400: 24, 3_600: 60, 60: 60, 1: 1}[largest])


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (1023, "1,023 B"), (1024, "1 KiB"), (1234, "1.21 KiB"), (26_214_400, "25 MiB")],
)
def test_a_size_is_said_in_binary_units(count, text):
    assert size(count) == text


@pytest.mark.parametrize(
    ("part", "whole", "share"),
    [(0, 10, 0), (1, 3, 33.33), (10, 10, 100), (11, 10, 100), (-1, 10, 0), (5, 0, 100)],
)
def test_a_share_lies_between_0_and_100(part, whole, share):
    assert percent(part, whole) == share


def test_a_time_of_day_is_utc():
    assert time_of_day(1_772_366_400) == "12:00:00"
