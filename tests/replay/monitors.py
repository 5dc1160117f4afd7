"""Workers that others have put in trouble on a Free account, as they told it in public."""

from __future__ import annotations

from edgeday.web import Response, fetch


class Monitor:
    """One check: reads its state, writes it back (lyc8503/UptimeFlare, issue 112)."""

    async def fetch(self, request):
        state = await self.env.STATE.get("state") or "0"
        await self.env.STATE.put("state", str(int(state) + 1))
        return Response("checked")


class Board:
    """Lists its players at every poll (AntTheLimey/gm-apprentice, pull request 109)."""

    async def fetch(self, request):
        page = await self.env.STATE.list(prefix="player:")
        return Response(str(len(page["keys"])))


class Jobs:
    """Four jobs in the background of one invocation, 15 fetches each (rahilp/second-brain-cloudflare, issue
    278)."""

    async def fetch(self, request):
        for number in range(4):
            self.ctx.waitUntil(self.job(number))
        return Response("started")

    async def job(self, number):
        for step in range(15):
            await fetch(f"https://api.example/{number}/{step}")


class Counter:
    """Writes one key of its own for each request, with a value of as many bytes as its path says."""

    async def fetch(self, request):
        size, _, key = request.url.rpartition("//")[2].partition("/")[2].partition("/")
        await self.env.STATE.put(key, "x" * int(size))
        return Response("ok")
