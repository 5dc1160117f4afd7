"""Workers that keep something in the memory of their module, each in another kind of place."""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass, field
from random import Random
from types import SimpleNamespace

from edgeday.web import Response, now_ms


class Meter:
    def __init__(self):
        self.seen = 0


class Slotted:
    __slots__ = ("seen",)

    def __init__(self):
        self.seen = 0


@dataclass(frozen=True)
class Frozen:
    rows: list[int] = field(default_factory=list)

    @functools.cached_property
    def made(self):
        return {"seen": 0}


METER, SLOTTED, FROZEN, SPACE = Meter(), Slotted(), Frozen(), SimpleNamespace(seen=0)
COUNTER = itertools.count(1)
DRAWS = Random(3)
BY_NAME = {"meter": Meter()}
IN_LISTS = [[0], ({"seen": 0},)]


def _numbers():
    seen = 0
    while True:
        seen += 1
        yield seen


NUMBERS = _numbers()


def _closed_over():
    seen = 0

    def more():
        nonlocal seen
        seen += 1
        return seen

    return more


more = _closed_over()


def by_default(box=[0]):  # noqa: B006
    box[0] += 1
    return box[0]


@functools.lru_cache
def of_day(day):
    return itertools.count(1)


class Keeping:
    """Reads a second key in one of five requests, by what it keeps: /KIND."""

    total = 0

    async def fetch(self, request):
        await self.env.K.get("a")
        kind = request.url.rpartition("/")[2]
        if getattr(self, kind)() % 5 == 0:
            await self.env.K.get("b")
        return Response("ok")

    def _one_more(self, owner):
        owner.seen += 1
        return owner.seen

    def in_object(self):
        return self._one_more(METER)

    def in_slots(self):
        return self._one_more(SLOTTED)

    def in_namespace(self):
        return self._one_more(SPACE)

    def in_object_of_dictionary(self):
        return self._one_more(BY_NAME["meter"])

    def in_frozen(self):
        FROZEN.made["seen"] += 1
        FROZEN.rows.append(1)
        return FROZEN.made["seen"]

    def in_lists(self):
        IN_LISTS[0][0] += 1
        IN_LISTS[1][0]["seen"] += 1
        return IN_LISTS[1][0]["seen"]

    def in_counter(self):
        return next(COUNTER)

    def in_generator(self):
        return next(NUMBERS)

    def in_closure(self):
        return more()

    def in_default(self):
        return by_default()

    def in_cached_function(self):
        return next(of_day(now_ms() // 86_400_000))

    def in_draws(self):
        return DRAWS.randrange(5)

    def in_class(self):
        Keeping.total += 1
        return Keeping.total

    def in_new_name(self):
        Keeping.made_later = getattr(Keeping, "made_later", 0) + 1
        return Keeping.made_later
