"""Bodies and messages as they travel to JavaScript: {"s": text}, or {"b": bytes} (see `frames`)."""

from __future__ import annotations

from hashlib import sha512
from typing import Any

from edgeday.web.messages import Response

Message = dict[str, Any]


def to_wire(body: bytes | bytearray | memoryview | str | None) -> Message | None:
    """A body, None for none."""
    if body is None:
        return None
    if isinstance(body, str):
        return {"s": body}
    return {"b": body}


def from_wire(sent: Message | None) -> str | bytes | None:
    """The text or the bytes that were sent."""
    if sent is None:
        return None
    text: str | None = sent.get("s")
    body: bytes | None = sent.get("b")
    return body if text is None else text


def bytes_from_wire(sent: Message | None) -> bytes | None:
    """The bytes that were sent."""
    body = from_wire(sent)
    return body.encode() if isinstance(body, str) else body


async def response_to_wire(response: Response) -> Message:
    """A response, read to its end."""
    return {
        "status": response.status,
        "statusText": response.status_text,
        "headers": response.headers.fields(),
        "body": to_wire(await response.bytes()),
    }


def seed_number(seed: str) -> str:
    """The number that `random.Random` makes of a seed, in hexadecimal digits. Source: CPython, random.py."""
    text = seed.encode()
    return text.hex() + sha512(text).hexdigest()
