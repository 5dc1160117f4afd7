"""Instants drawn at a rate that changes: stretch after stretch, in each linearly."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from random import Random
from typing import NamedTuple


class Stretch(NamedTuple):
    """A time with a rate that changes linearly. first, last: the rates at its ends, relative to others."""

    length_s: float
    first: float
    last: float

    @property
    def requests(self) -> float:
        """How many arrive in it, in proportion to other stretches."""
        return self.length_s * (self.first + self.last) / 2

    def instant_of(self, share: float) -> float:
        """Seconds from its beginning until a share of its requests, from 0 to 1, has arrived."""
        larger = max(self.first, self.last)
        first, last = self.first / larger, self.last / larger
        # of the two forms of the solution, the one that is exact where the rate hardly changes
        root = math.sqrt(first * first + (last * last - first * first) * share)
        return min(share * (first + last) / (first + root), 1.0) * self.length_s if share else 0.0


def drawn_from(stretches: Sequence[Stretch], count: int, draw: Random) -> list[float]:
    """`count` instants, in seconds from the beginning of the first stretch, each drawn by itself.

    At least one of the stretches has a length and a rate.
    """
    largest = max(max(stretch.first, stretch.last) for stretch in stretches)
    stretches = [Stretch(length_s, first / largest, last / largest) for length_s, first, last in stretches]
    begins = [0.0, *accumulate(stretch.length_s for stretch in stretches)]
    sums = [0.0, *accumulate(stretch.requests for stretch in stretches)]
    last = max(place for place, stretch in enumerate(stretches) if stretch.requests)
    instants = []
    for _ in range(count):
        arrived = draw.random() * sums[-1]
        place = min(bisect_right(sums, arrived) - 1, last)
        stretch = stretches[place]
        share = (arrived - sums[place]) / stretch.requests
        instants.append(begins[place] + stretch.instant_of(share))
    return instants
