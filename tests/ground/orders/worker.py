"""The worker: it keeps each order in KV and has a mail sent for it."""

from __future__ import annotations

from edgeday.web import Response, fetch


class Till:
    async def fetch(self, request):
        if request.method != "POST":
            keys = (await self.env.ORDERS.list(prefix="order:"))["keys"]
            return Response.from_json({"orders": [row["name"] for row in keys], "shop": self.env.SHOP})
        number, _, rest = (await request.text()).partition(" ")
        await self.env.ORDERS.put(f"order:{number}", rest)
        answer = await fetch("https://mail.example/send", method="POST", body=rest)
        return Response("thank you", status=201 if answer.ok else 502)
