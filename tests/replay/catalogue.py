"""A worker for tests: shows items by their slug, takes orders, and keeps who asked for what."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

from edgeday.web import Response


class Catalogue:
    seen: list[tuple[str, ...]] = []  # noqa: RUF012 - emptied by the test that looks at it

    async def fetch(self, request):
        url = urlsplit(request.url)
        client = request.headers["cf-connecting-ip"] or ""
        if request.method == "POST":
            order = await request.json()
            self.seen.append(("order", url.netloc, order["item"], type(order["count"]).__name__, client))
            await self.env.ORDERS.put(f"order:{order['number']}", order["item"])
            return Response("taken", status=201)
        item = unquote(url.path).removeprefix("/item/")
        user = parse_qs(url.query)["u"][0]
        self.seen.append(("item", url.netloc, item, user, client))
        await self.env.ORDERS.get(f"user:{user}")
        return Response(item)
