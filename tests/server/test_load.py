"""Many clients at once, sound and malformed requests mixed: every answer asked for, every counter exact.

2,000 requests in the usual run; EDGEDAY_LOAD_REQUESTS sets another number (`make load-test`: 10,000).
"""

from __future__ import annotations

import asyncio
import json
import os
from collections import Counter
from random import Random

import pytest

from edgeday.ledger import Op
from edgeday.web import Response
from tests.server.conftest import NAMESPACE, local_server
from tests.server.wire import exchange, status_of

pytestmark = pytest.mark.slow

REQUESTS = int(os.environ.get("EDGEDAY_LOAD_REQUESTS", "2000"))
CONNECTIONS = 64

MALFORMED = [
    b"NONSENSE\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nBad Header: 1\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(40),
    b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
]


class Worker:
    """Spends one write and one read for each request; fails where it is told to."""

    env: object

    async def fetch(self, request):
        key = request.url.rpartition("/")[2]
        if key == "fail":
            raise LookupError("asked for")
        await self.env.page_content.put(f"worker:{key}", key)
        return Response(await self.env.page_content.get(f"worker:{key}"))


class Client:
    """Sends requests of every sort and books what they must have cost."""

    def __init__(self, server):
        self.server = server
        self.cost = Counter()
        self.answers = Counter()
        self.number = 0

    async def send(self, number: int, draw: Random) -> None:
        kinds = (
            self.get, self.put, self.form, self.delete, self.list, self.bulk_put, self.bulk_get,
            self.bulk_delete, self.worker, self.failing_worker, self.refused, self.broken, self.hung_up,
        )  # fmt: skip
        await draw.choice(kinds)(number, draw)

    async def expect(self, status: int, *request, cost=(), **options):
        answer = await self.server.kv(*request, **options)
        assert answer.status == status, (request, answer)
        self.answers[status] += 1
        for op, units in cost:
            self.cost[op] += units
        return answer

    async def get(self, number, draw):
        await self.expect(404, "GET", f"/values/missing-{number}", cost=[(Op.READ, 1)])

    async def put(self, number, draw):
        size = draw.choice([0, 10, 1000, 100_000])
        await self.expect(200, "PUT", f"/values/put-{number}", data=bytes(size), cost=[(Op.WRITE, 1)])
        response = await self.expect(200, "GET", f"/values/put-{number}", cost=[(Op.READ, 1)])
        assert len(response.body) == size

    async def form(self, number, draw):
        body = (
            b'--b\r\nContent-Disposition: form-data; name="value"\r\n\r\nv\r\n'
            b'--b\r\nContent-Disposition: form-data; name="metadata"\r\n\r\n{"n": 1}\r\n--b--\r\n'
        )
        headers = {"Authorization": "Bearer x", "Content-Type": "multipart/form-data; boundary=b"}
        path = f"/values/form-{number}"
        await self.expect(200, "PUT", path, data=body, headers=headers, cost=[(Op.WRITE, 1)])

    async def delete(self, number, draw):
        await self.expect(200, "DELETE", f"/values/missing-{number}", cost=[(Op.DELETE, 1)])

    async def list(self, number, draw):
        await self.expect(200, "GET", "/keys?limit=10&prefix=put-", cost=[(Op.LIST, 1)])

    async def bulk_put(self, number, draw):
        pairs = [{"key": f"bulk-{number}-{n}", "value": "x"} for n in range(draw.randint(0, 20))]
        await self.expect(200, "PUT", "/bulk", json=pairs, cost=[(Op.WRITE, len(pairs))])

    async def bulk_get(self, number, draw):
        keys = [f"bulk-{n}-0" for n in range(draw.randint(1, 100))]
        await self.expect(200, "POST", "/bulk/get", json={"keys": keys}, cost=[(Op.READ, len(keys))])

    async def bulk_delete(self, number, draw):
        keys = [f"missing-{n}" for n in range(draw.randint(0, 20))]
        method, path = draw.choice([("DELETE", "/bulk"), ("POST", "/bulk/delete")])
        await self.expect(200, method, path, json=keys, cost=[(Op.DELETE, len(keys))])

    async def worker(self, number, draw):
        answer = await self.server.request("GET", f"/{number}")
        assert (answer.status, answer.body) == (200, str(number).encode())
        self.answers[200] += 1
        self.cost.update({Op.WRITE: 1, Op.READ: 1})

    async def failing_worker(self, number, draw):
        answer = await self.server.request("GET", "/fail")
        assert (answer.status, answer.body) == (500, b"error code: 1101")
        self.answers["asked 500"] += 1

    async def refused(self, number, draw):
        await self.expect(*draw.choice([
            (400, "GET", "/keys?limit=1"), (405, "PATCH", "/keys"), (404, "GET", "/nothing"),
            (400, "PUT", "/values/%FF"), (414, "GET", f"/values/{'k' * 513}"),
        ]))  # fmt: skip

    async def broken(self, number, draw):
        answer = await exchange(self.server.port, draw.choice(MALFORMED))
        assert status_of(answer) == 400
        self.answers[400] += 1

    async def hung_up(self, number, draw):
        """A client that goes away in the middle of its body: nothing is written or charged."""
        _, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        path = f"/client/v4/accounts/a/storage/kv/namespaces/{NAMESPACE}/values/half"
        fields = "Host: localhost\r\nAuthorization: Bearer x\r\nContent-Length: 10\r\n\r\n12345"
        writer.write(f"PUT {path} HTTP/1.1\r\n{fields}".encode())
        await writer.drain()
        writer.close()
        self.answers["hung up"] += 1


@pytest.mark.parametrize("storage", ["memory", "sqlite"])
async def test_requests_of_every_sort_at_once_are_answered_and_counted_exactly(tmp_path, caplog, storage):
    state = tmp_path / "day.sqlite" if storage == "sqlite" else None
    async with local_server(Worker, account="paid", state=state) as server:
        before = len(asyncio.all_tasks())
        client = Client(server)
        numbers = iter(range(REQUESTS))

        async def one(seed: int) -> None:
            draw = Random(seed)
            for number in numbers:
                await client.send(number, draw)

        async with asyncio.TaskGroup() as group:
            for seed in range(CONNECTIONS):
                group.create_task(one(seed))
        await server.session.close()
        async with asyncio.timeout(10):
            while len(asyncio.all_tasks()) > before:  # noqa: ASYNC110 - one task for each connection
                await asyncio.sleep(0.02)

        assert sum(client.answers.values()) >= REQUESTS
        used = {op: server.used(op) for op in Op}
        assert {op: usage.accepted for op, usage in used.items()} == {op: client.cost[op] for op in Op}
        assert all(usage.refused == 0 for usage in used.values())
        assert await server.served.edge.store.kv_peek(NAMESPACE, ["half"], 0) == [None]
    unexpected = [record for record in caplog.records if "LookupError" not in str(record.exc_info)]
    assert [record.getMessage() for record in unexpected if "asked for" not in record.getMessage()] == []


async def test_a_free_account_under_load_accepts_exactly_its_quota(server):
    async def one(start: int) -> Counter:
        statuses = Counter()
        for number in range(start, start + 40):
            statuses[(await server.kv("PUT", f"/values/k{number}", data=b"x")).status] += 1
        return statuses

    results = await asyncio.gather(*(one(40 * task) for task in range(30)))
    assert sum(results, Counter()) == {200: 1000, 429: 200}
    listed = await server.kv("GET", "/keys?limit=1000")
    assert len(listed.json["result"]) == 1000
    assert json.loads(listed.body)["result_info"]["cursor"] == ""
