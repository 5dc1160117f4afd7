"""Workers that a growing run misjudged: limits that the pace of a day brings about."""

from __future__ import annotations

from edgeday.web import Response, caches, now_ms


class HourlyV:
    """A visit counter per hour: one key per hour, 50 visits an hour."""

    async def fetch(self, request):
        key = f"hour:{now_ms() // 3_600_000}"
        n = int(await self.env.COUNTERS.get(key) or 0)
        if n >= 50:
            return Response("slow down", status=429)
        await self.env.COUNTERS.put(key, str(n + 1))
        return Response("ok")


class Pages:
    """Pages that are cached for an hour; each that is built is noted in KV."""

    async def fetch(self, request):
        hit = await caches.default.match(request)
        if hit:
            return hit
        response = Response("x", headers={"Cache-Control": "max-age=3600"})
        await self.env.K.put("built", "1")
        await caches.default.put(request, response.clone())
        return response
