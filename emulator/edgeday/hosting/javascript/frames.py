"""Messages on the wire: JSON, and behind it the bodies, which are bytes. {"b": n} in the JSON stands for the
nth body.

A message without bodies is a text. A binary one is the number of its parts, their sizes (32 bits each, the
lowest byte first), and the parts: JSON, then the bodies. So bytes are never looked at, nor taken for UTF-8.
workerd takes no message of more than 32 MiB (old versions: 1 MiB): a longer one is sent in pieces, each after
a zero and the number of pieces to come.
"""

from __future__ import annotations

import json
import struct
from typing import Any

import orjson

Message = dict[str, Any]
_NUMBER = 4
PIECE_BYTES = 1 << 20
"""The longest message that every version takes."""


def encode(message: Message) -> tuple[bool, bytes]:
    """A message with {"b": bytes} for bodies; whether it is binary, and what to send."""
    bodies: list[bytes] = []

    def attach(value: Any) -> int:
        if not isinstance(value, (bytes, bytearray, memoryview)):
            raise TypeError(f"{type(value).__name__} does not travel to JavaScript")
        bodies.append(bytes(value))
        return len(bodies) - 1

    try:
        text = orjson.dumps(message, default=attach)
    except TypeError:  # a lone surrogate, which JSON escapes, or a number of more than 64 bits
        bodies.clear()
        text = json.dumps(message, default=attach).encode()
    if not bodies and len(text) <= PIECE_BYTES:
        return False, text
    parts = [text, *bodies]
    sizes = struct.pack(f"<{len(parts) + 1}I", len(parts), *map(len, parts))
    return True, b"".join((sizes, *parts))


def pieces(data: bytes) -> list[bytes]:
    """A binary message as those that are sent of it."""
    if len(data) <= PIECE_BYTES:
        return [data]
    size = PIECE_BYTES - 2 * _NUMBER
    starts = range(0, len(data), size)
    view = memoryview(data)
    return [
        b"".join((struct.pack("<II", 0, left), view[start : start + size]))
        for left, start in zip(reversed(range(len(starts))), starts, strict=True)
    ]


def decode(is_binary: bool, data: bytes) -> list[Message]:
    """What a turn asks for, with {"b": bytes} for bodies: arguments of an operation, or below `body`."""
    if not is_binary:
        return _loads(data)
    (count,) = struct.unpack_from("<I", data)
    sizes = struct.unpack_from(f"<{count}I", data, _NUMBER)
    at = _NUMBER * (count + 1)
    parts = []
    for size in sizes:
        parts.append(data[at : at + size])
        at += size
    asked = _loads(parts[0])
    bodies = parts[1:]
    for one in asked:
        _attach(one.get("body"), bodies)
        for argument in one.get("a", ()):
            if type(argument) is dict:
                _attach(argument, bodies)
                _attach(argument.get("body"), bodies)
    return asked


def _attach(sent: Any, bodies: list[bytes]) -> None:
    if type(sent) is dict and type(sent.get("b")) is int:
        sent["b"] = bodies[sent["b"]]


def _loads(text: bytes) -> list[Message]:
    try:
        asked: list[Message] = orjson.loads(text)
    except orjson.JSONDecodeError:  # a lone surrogate
        asked = json.loads(text)
    return asked
