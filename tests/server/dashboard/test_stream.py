"""The live stream: what is sent, where a reader that comes back goes on, and who is dropped."""

from __future__ import annotations

import asyncio
import re
import socket
from contextlib import asynccontextmanager

import aiohttp
import pytest

from edgeday.events import Operation
from edgeday.server.dashboard import dashboard, recorder, stream
from edgeday.server.served import Settings
from edgeday.server.serving import running
from tests.server.dashboard.conftest import BASE, Storer, visiting


@asynccontextmanager
async def listening(visitor, query="", **headers):
    """The open answer of a stream."""
    async with visitor.local.session.get(
        f"{visitor.local.origin}{BASE}stream{query}", headers=headers
    ) as answer:
        yield answer


async def block(answer) -> dict[str, str]:
    """The next message: its fields, lines of `data` joined."""
    async with asyncio.timeout(5):
        raw = (await answer.content.readuntil(b"\n\n")).decode()
    fields: dict[str, str] = {}
    for line in raw.splitlines():
        name, _, value = line.partition(": ")
        if line:
            fields[name] = f"{fields[name]}\n{value}" if name in fields else value
    return fields


async def put(visitor, *keys):
    for key in keys:
        assert (await visitor.local.put(key)).status == 200


def keys_in(message) -> list[str]:
    return re.findall(r'class="key" title="([^"]*)"', message["data"])


async def test_a_reader_is_sent_what_happens_in_batches_with_numbers(visitor):
    async with listening(visitor) as answer:
        assert answer.headers["Content-Type"] == "text/event-stream"
        assert await block(answer) == {"retry": "2000"}
        await put(visitor, "one", "two")
        keys: list[str] = []
        while len(keys) < 2:
            message = await block(answer)
            assert message["event"] == "rows"
            keys += reversed(keys_in(message))
        assert keys == ["one", "two"]
        assert message["id"].endswith(".2")


async def test_a_reader_that_comes_back_gets_only_what_is_newer(visitor):
    await put(visitor, "one", "two")
    async with listening(visitor) as answer:
        await block(answer)
        message = await block(answer)
        assert keys_in(message) == ["two", "one"]
    await put(visitor, "three")
    for how in ({"Last-Event-ID": message["id"]}, {}):
        query = "" if how else f"?after={message['id']}"
        async with listening(visitor, query, **how) as answer:
            await block(answer)
            assert keys_in(await block(answer)) == ["three"]


@pytest.mark.parametrize("last", ["other.2", "2", "", ".", "-1", "x.y.z", "<script>"])
async def test_a_reader_of_another_run_gets_all_that_is_remembered(visitor, last):
    await put(visitor, "one", "two")
    async with listening(visitor, **{"Last-Event-ID": last}) as answer:
        await block(answer)
        assert keys_in(await block(answer)) == ["two", "one"]


async def test_what_was_forgotten_meanwhile_is_counted(monkeypatch):
    monkeypatch.setattr(recorder.Recorder.__init__, "__kwdefaults__", {
        "max_events": 3, "max_invocations": 3, "max_unstored": 3
    })  # fmt: skip
    async with visiting() as visitor:
        await put(visitor, *"abcde")
        async with listening(visitor) as answer:
            await block(answer)
            message = await block(answer)
    assert keys_in(message) == ["e", "d", "c"]
    assert "2 earlier events are not shown" in message["data"]


async def test_a_batch_has_the_newest_events_and_counts_the_others(visitor, monkeypatch):
    monkeypatch.setattr(stream, "MAX_BATCH", 2)
    await put(visitor, "one", "two", "three")
    async with listening(visitor) as answer:
        await block(answer)
        message = await block(answer)
    assert keys_in(message) == ["three", "two"]
    assert "1 earlier event is not shown" in message["data"]


async def test_a_quiet_stream_is_kept_open_by_comments(visitor, monkeypatch):
    monkeypatch.setattr(stream, "HEARTBEAT_S", 0.05)
    async with listening(visitor) as answer:
        await block(answer)
        assert await block(answer) == {"": "still here"}


@pytest.mark.parametrize(("listeners", "status"), [(1, 200), (2, 503)])
async def test_so_many_may_listen_at_once(visitor, monkeypatch, listeners, status):
    monkeypatch.setattr(stream, "MAX_STREAMS", 2)
    async with listening(visitor) as first:
        await block(first)
        opened = [
            await visitor.local.session.get(f"{visitor.local.origin}{BASE}stream") for _ in range(listeners)
        ]
        assert opened[-1].status == status
        for answer in opened:
            answer.close()


async def test_a_reader_that_has_gone_makes_room_for_another(visitor, monkeypatch):
    monkeypatch.setattr(stream, "MAX_STREAMS", 1)
    async with listening(visitor) as answer:
        await block(answer)
    await put(visitor, "noticed")
    async with asyncio.timeout(5):
        while True:
            async with listening(visitor) as answer:
                if answer.status == 200:
                    break
            await put(visitor, "again")
            await asyncio.sleep(0.05)
    assert answer.status == 200


@pytest.mark.slow
async def test_a_reader_that_takes_nothing_is_dropped_and_the_server_goes_on(visitor, monkeypatch):
    monkeypatch.setattr(stream, "SEND_TIMEOUT_S", 0.1)
    monkeypatch.setattr(stream, "MAX_STREAMS", 1)
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(slow, ("127.0.0.1", visitor.local.port))
    await loop.sock_sendall(slow, f"GET {BASE}stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    key = "k" * 500
    async with asyncio.timeout(60):
        status = 503
        while status == 503:
            for _ in range(300):
                visitor.local.served.edge.events.emit(_operation(key))
            await asyncio.sleep(0.05)
            async with listening(visitor) as answer:
                status = answer.status
    assert status == 200
    slow.close()


def _operation(key):
    return Operation(0.0, "kv", "put", "b", key, "stored", "", 1, 0, 0, "", "")


async def test_streams_end_when_the_server_is_told_to_stop():
    async with aiohttp.ClientSession() as session:
        async with running(Settings(Storer), port=0, pages=dashboard()) as (_, port):
            answer = await session.get(f"http://127.0.0.1:{port}{BASE}stream")
            await block(answer)
            began = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - began < 5
        assert await answer.content.read() == b""
