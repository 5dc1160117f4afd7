"""Random scenarios for the capacity search: workers whose costs repeat, and such whose costs do not."""

from __future__ import annotations

import itertools
import random
from random import Random
from typing import Any

from edgeday.web import Response, caches, isolate_state, now_ms
from tests.scenario_days import loaded

COUNTS: dict[str, int] = {}
NUMBERS = itertools.count(1)


class Odd:
    """Does what its path says: /KIND/NUMBER."""

    async def fetch(self, request):
        kind, _, number = request.url.partition("//")[2].partition("/")[2].partition("?")[0].partition("/")
        return await getattr(self, kind)(int(number or 1), request) or Response("ok")

    async def scheduled(self, controller, env=None, ctx=None):
        page = await self.env.K.list(prefix="log:", limit=20)
        for row in page["keys"][:5]:
            await self.env.K.delete(row["name"])

    async def numbered(self, most, request):
        await self.env.K.get("a")
        if next(NUMBERS) > most:
            await self.env.K.get("b")

    async def reads(self, count, request):
        for place in range(count):
            await self.env.K.get(f"config:{place}")

    async def writes(self, count, request):
        for place in range(count):
            await self.env.K.put(f"log:{now_ms()}:{self.ids()}:{place}", "x")

    def ids(self):
        from edgeday.web import random_uuid

        return random_uuid()

    async def same_key(self, count, request):
        await self.env.K.put("total", str(int(await self.env.K.get("total") or 0) + 1))

    async def page(self, minutes, request):
        if hit := await caches.default.match(request):
            return hit
        await self.env.K.get("template")
        answer = Response("page", headers={"Cache-Control": f"max-age={60 * minutes}"})
        await caches.default.put(request, answer.clone())
        return answer

    async def hourly(self, most, request):
        hour = f"hour:{now_ms() // 3_600_000}"
        seen = int(await self.env.K.get(hour) or 0)
        if seen >= most:
            return Response("slow down", status=429)
        await self.env.K.put(hour, str(seen + 1))
        return None

    async def _cached(self, key):
        hit = await caches.default.match(f"https://c.example/{key}")
        return "0" if hit is None else await hit.text()

    async def _keep(self, key, text):
        answer = Response(text, headers={"Cache-Control": "max-age=86400"})
        await caches.default.put(f"https://c.example/{key}", answer)

    async def cached_count(self, most, request):
        key = f"count:{now_ms() // 3_600_000}"
        seen = int(await self._cached(key)) + 1
        await self._keep(key, str(seen))
        await self.env.K.get("a")
        if seen > most:
            await self.env.K.get("b")

    async def collects(self, most, request):
        names = (await self._cached("names")).split(",")
        await self._keep("names", ",".join([*names, self.ids()[:8]]))
        await self.env.K.get("a")
        if len(names) > most:
            await self.env.K.get("b")

    async def bounded(self, most, request):
        names = (await self._cached("bounded")).split(",")
        await self._keep("bounded", ",".join([*names, self.ids()[:8]][-10:]))
        await self.env.K.get("a")

    async def in_memory(self, most, request):
        COUNTS["seen"] = COUNTS.get("seen", 0) + 1
        await self.env.K.get("a")
        if COUNTS["seen"] > most:
            await self.env.K.get("b")

    async def in_isolate(self, most, request):
        state = isolate_state()
        state["seen"] = state.get("seen", 0) + 1
        await self.env.K.get("a")
        if state["seen"] > most:
            await self.env.K.get("b")

    async def at_noon(self, minutes, request):
        await self.env.K.get("a")
        if 720 <= now_ms() // 60_000 % 1440 < 720 + minutes:
            await self.env.K.get("b")

    async def after_noon(self, count, request):
        for place in range(count if now_ms() % 86_400_000 > 43_200_000 else 1):
            await self.env.K.get(f"config:{place}")

    async def at_random(self, percent, request):
        await self.env.K.get("a")
        if random.random() < percent / 100:
            await self.env.K.get("b")

    async def later(self, seconds, request):
        await self.sleep(seconds)
        await self.env.K.get("a")

    async def sleep(self, seconds):
        from edgeday.web import sleep

        await sleep(seconds)

    async def retries(self, count, request):
        for _ in range(3):
            await self.env.K.get("a")
            if int(self.ids()[0], 16) >= count:
                break

    async def deletes(self, count, request):
        await self.env.K.delete(f"gone:{self.ids()}")

    async def lists(self, count, request):
        await self.env.K.list(prefix="config:")

    async def matches(self, count, request):
        for place in range(count):
            await caches.default.match(f"https://c.example/m{place}")
        await self.env.K.get("a")

    async def fails(self, count, request):
        await self.env.K.get("a")
        raise ValueError("a defect")


STEADY = {
    "reads": (1, 4), "writes": (1, 3), "later": (1, 90), "deletes": (1, 1), "lists": (1, 1),
    "matches": (1, 60), "fails": (1, 1), "bounded": (1, 1),
}  # fmt: skip
UNSTEADY = {
    "same_key": (1, 1), "page": (1, 1500), "hourly": (5, 60), "cached_count": (3, 90),
    "collects": (30, 900), "in_memory": (30, 900), "in_isolate": (30, 900), "at_noon": (20, 60),
    "after_noon": (2, 3), "at_random": (5, 50), "retries": (1, 12),
}  # fmt: skip
ARRIVALS = (
    "even", "poisson", "diurnal", "{kind: burst, minutes: 90, share: 0.6}", "{kind: burst, minutes: 20}",
)  # fmt: skip


def random_scenario(seed: int) -> Any:
    """A scenario of up to four parts, and the limits of its account that are smaller than usual."""
    draw = Random(seed)
    COUNTS.clear()
    kinds = {**STEADY, **(UNSTEADY if draw.random() < 0.6 else {})}
    parts = []
    for number in range(draw.choice((1, 1, 2, 3, 4))):
        kind = draw.choice([*kinds])
        path = f"/{kind}/{draw.randint(*kinds[kind])}"
        what = f"path: {path}"
        if draw.random() < 0.15:
            what = f"mix: [{{weight: 3, get: {path}}}, {{weight: 1, get: /reads/2}}]"
        elif draw.random() < 0.15:
            what = f'get: "{path}?item={{item}}"'
        parts.append(
            f"  - {{name: p{number}, requests: {draw.choice((0, 1, 7, 30, 100))}, "
            f"{what}, arrivals: {draw.choice(ARRIVALS)}}}\n"
        )
    if draw.random() < 0.1:
        parts.append(
            f"  - {{name: visits, sessions: {draw.randint(1, 30)}, steps: [{{get: /reads/2}}, "
            "{wait: [1, 300]}, {get: /page/30, leave: 0.3}, {get: /reads/1}]}\n"
        )
    if draw.random() < 0.2:
        parts.append('  - {cron: "*/30 * * * *"}\n')
    text = (
        f"start: 2026-02-16T{draw.choice((0, 0, 13)):02}:00:00Z\n"
        f"account: {draw.choice(('free', 'free', 'free', 'paid'))}\nseed: {draw.randint(0, 9)}\n"
        'worker: {entry: "tests.replay.capacity_days:Odd"}\nnamespaces: {K: k}\n'
        f"values: {{item: {{uniform: [1, {draw.choice((2, 20, 5000))}]}}}}\n"
        f"limits: {{subrequests: {draw.choice(('enforce', 'observe', 'off'))}, "
        f"daily_kv: {draw.choice(('enforce', 'enforce', 'observe'))}}}\n"
        "traffic:\n" + "".join(parts)
    )
    if draw.random() < 0.2:
        text += f"background: [{{reads: {draw.randint(0, 3)}, writes: {draw.randint(0, 2)}}}]\n"
    limits = {
        "kv_reads_per_day": draw.choice((90, 900, 4000, 9000)),
        "kv_writes_per_day": draw.choice((60, 500, 1000)),
        "kv_deletes_per_day": draw.choice((60, 900)),
        "kv_lists_per_day": draw.choice((60, 900)),
        "requests_per_day": draw.choice((200, 2000, 6000)),
    }
    return loaded(text, "name: day\n"), limits
