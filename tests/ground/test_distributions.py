"""What is drawn from a distribution: within its ends, around its middle."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from edgeday.distributions import Distribution, Duration, Fixed, Lognormal, Normal, Uniform
from edgeday.fields import duration_s


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


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (3, Fixed(value=3)),
        ([1, 2], Uniform(low=1, high=2)),
        ({"fixed": 3}, Fixed(value=3)),
        ({"uniform": [1, 2]}, Uniform(low=1, high=2)),
        ({"uniform": {"low": 1, "high": 2}}, Uniform(low=1, high=2)),
        ({"lognormal": {"median": 40}}, Lognormal(kind="lognormal", median=40, sigma=0.5)),
        ({"kind": "lognormal", "median": 40, "sigma": 1}, Lognormal(kind="lognormal", median=40, sigma=1)),
        ({"normal": {"mean": 4, "sd": 1, "most": 9}}, Normal(kind="normal", mean=4, sd=1, most=9)),
    ],
)
def test_a_distribution_is_written_by_its_kind_or_shorter(written, meant):
    adapter = TypeAdapter(Distribution)
    assert adapter.validate_python(written) == meant
    assert adapter.validate_python(adapter.dump_python(meant)) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (1.5, Fixed(value=1.5)),
        ("40s", Fixed(value=40)),
        (["200ms", "1m30s"], Uniform(low=0.2, high=90)),
        ({"lognormal": {"median": "40s", "most": "1h"}}, Lognormal(kind="lognormal", median=40, most=3600)),
        ({"kind": "normal", "mean": "2m", "sd": 5}, Normal(kind="normal", mean=120, sd=5)),
    ],
)
def test_a_duration_is_written_in_seconds_or_with_its_units(written, meant):
    assert TypeAdapter(Duration).validate_python(written) == meant


@pytest.mark.parametrize("written", ["soon", "40", "s", "-3s", {"lognormal": {"median": "a while"}}])
def test_a_text_that_is_no_duration_is_refused_by_name(written):
    with pytest.raises(ValidationError, match="is no duration; write 40s, 1m30s"):
        TypeAdapter(Duration).validate_python(written)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("40s", 40), ("1.5s", 1.5), ("200ms", 0.2), ("1m", 60), ("1h30m", 5400), ("1d2h3m4s", 93_784), ("0s", 0),
     ("1m200ms", 60.2)],
)  # fmt: skip
def test_units_of_a_duration_add_up(text, seconds):
    assert duration_s(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "40", "m", "1m1h", "1 s", "+1s", "1.5m"])
def test_what_is_no_duration_has_no_seconds(text):
    assert duration_s(text) is None
