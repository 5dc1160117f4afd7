from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.traces.suffixes import base36, random_suffix


@pytest.mark.parametrize(
    ("number", "digits"),
    [
        (0, ""),
        (0.5, "i"),
        (0.25, "9"),
        (0.75, "r"),
        (0.123456789, "4fzzzxjy"),
        (0.9999999999999999, "zzzzzzzz"),
    ],
)
def test_a_random_suffix_is_eight_base_36_digits_or_fewer(number, digits):
    assert random_suffix(number) == digits


@given(st.integers(0, 2**52 - 1))
def test_base_36_digits_give_the_random_number_back(bits):
    number = bits / 2**52
    whole, _, fraction = base36(number).partition(".")
    value = int(whole, 36) + (int(fraction, 36) / 36 ** len(fraction) if fraction else 0)
    assert math.isclose(value, number, rel_tol=1e-14, abs_tol=2**-54)
