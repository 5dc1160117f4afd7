"""Two ways in which a test moves time: by the virtual clock, or by freezegun under the system's clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import freezegun
from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory

from edgeday.clock import Clock, SystemClock, VirtualClock

freezegun.configure(extend_ignore_list=["_pytest.timing"])  # what pytest measures is real

MS = timedelta(milliseconds=1)


class VirtualTime:
    """Time of a `VirtualClock`."""

    def __init__(self, start: datetime) -> None:
        self.clock: Clock = VirtualClock(start)

    def travel_to(self, instant: datetime) -> None:
        self.clock.travel_to(instant)


class FrozenTime:
    """The system's time, as freezegun has it."""

    def __init__(self, frozen: FrozenDateTimeFactory) -> None:
        self.clock: Clock = SystemClock()
        self._frozen = frozen

    def travel_to(self, instant: datetime) -> None:
        self._frozen.move_to(instant)


Time = VirtualTime | FrozenTime


@contextmanager
def virtual(start: datetime) -> Iterator[Time]:
    yield VirtualTime(start)


@contextmanager
def frozen(start: datetime) -> Iterator[Time]:
    with freeze_time(start, real_asyncio=True) as factory:
        yield FrozenTime(factory)


WAYS = (virtual, frozen)
"""Each makes a time that begins at an instant, for as long as its context lasts."""
