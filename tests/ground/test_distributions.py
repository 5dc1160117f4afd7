"""What is drawn from a distribution: within its ends, around its middle."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from edgeday.distributions import Fixed, Lognormal, Normal, Uniform


@given(st.integers(0, 10_000))
def test_clipped_draws_stay_within_their_ends(seed):
    for one in (
        Normal(kind="normal", mean=5, sd=4, least=2, most=7),
        Lognormal(kind="lognormal", median=5, sigma=2, least=2, most=7),
        Uniform(low=2, high=7),
    ):
        assert 2 <= one.draw(Random(seed)) <= 7


def test_draws_have_the_middle_they_say():
    draw = Random(4)
    bell, skewed = Normal(kind="normal", mean=50, sd=5), Lognormal(kind="lognormal", median=50, sigma=0.5)
    for one in (bell, skewed):
        values = sorted(one.draw(draw) for _ in range(2001))
        low, high = one.middle
        assert abs(values[1000] - 50) < 2.5
        assert 0.93 < sum(low <= value <= high for value in values) / 2001 < 0.98
    assert Fixed(value=3).draw(draw) == 3
