"""Requests as bytes, for what no HTTP client would send."""

from __future__ import annotations

import asyncio


async def exchange(port: int, data: bytes, *, timeout_s: float = 10) -> bytes:
    """Send bytes, and read until the server closes (so ask for that, in a request that is sound)."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(data)
        async with asyncio.timeout(timeout_s):
            return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


def status_of(answer: bytes) -> int:
    """The status of the first response in an answer, 0 if there is none."""
    return int(answer[9:12]) if answer.startswith(b"HTTP/1.") else 0
