"""Workers that tell time and draw lots with the standard library, or with what edgeday has for it.

What a module imports by name it holds itself, so the imports here are as varied as those of users.
"""

from __future__ import annotations

import time
import uuid
from datetime import UTC, date, datetime
from random import randint
from time import time as seconds
from uuid import uuid4

from edgeday.web import Response, now_ms, random_uuid


class VisitCounter:
    """A counter for each hour, of at most 50 visits."""

    def now(self):
        return time.time()

    async def fetch(self, request):
        key = f"hour:{int(self.now() // 3600)}"
        count = int(await self.env.COUNTERS.get(key) or 0)
        if count >= 50:
            return Response("slow down", status=429)
        await self.env.COUNTERS.put(key, str(count + 1))
        return Response("ok")


class VisitCounterByName(VisitCounter):
    def now(self):
        return seconds()


class VisitCounterByDate(VisitCounter):
    def now(self):
        return datetime.now(UTC).timestamp()


class VisitCounterByLocalDate(VisitCounter):
    def now(self):
        return datetime.now().timestamp()


class VisitCounterOfThePlatform(VisitCounter):
    def now(self):
        return now_ms() / 1000


CLOCKS = (VisitCounter, VisitCounterByName, VisitCounterByDate, VisitCounterByLocalDate)
"""The same worker, once for each way to tell the time by the standard library."""


class Ticket:
    """Stores each visit under an id of its own."""

    def new_id(self):
        return str(uuid4())

    async def fetch(self, request):
        ticket = self.new_id()
        await self.env.COUNTERS.put(ticket, str(self.now()))
        return Response(ticket)

    def now(self):
        return date.fromtimestamp(time.time()).isoformat(), datetime.today().timestamp() * 1000


class TicketByModule(Ticket):
    def new_id(self):
        return str(uuid.uuid4())


class TicketOfThePlatform(Ticket):
    def new_id(self):
        return random_uuid()


class Dice:
    async def fetch(self, request):
        await self.env.COUNTERS.put(f"throw:{randint(1, 10**12)}", "x")
        return Response("thrown")
