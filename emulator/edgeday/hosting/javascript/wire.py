"""Bodies and responses as they travel to JavaScript: {"b": bytes} (see `frames`)."""

from __future__ import annotations

from hashlib import sha512

from edgeday.hosting.javascript.frames import Message
from edgeday.web.messages import Response


def to_wire(body: bytes) -> Message:
    """A body."""
    return {"b": body}


def bytes_from_wire(sent: Message | None) -> bytes | None:
    """The bytes of a body that was sent, None for none."""
    body: bytes | None = None if sent is None else sent["b"]
    return body


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
