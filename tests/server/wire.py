"""Requests as bytes, for what no HTTP client would send."""

from __future__ import annotations

import asyncio


async def exchange(port: int, data: bytes, *, end: bool = False) -> bytes:
    """Send bytes, and read until the server closes (so ask for that, in a request that is sound).

    end: whether to end the sending half first; the server then hangs up, whatever it was doing.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(data)
        if end:
            writer.write_eof()
        async with asyncio.timeout(10):
            return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


def status_of(answer: bytes) -> int:
    """The status of the first response in an answer, 0 if there is none."""
    return int(answer[9:12]) if answer.startswith(b"HTTP/1.") else 0
