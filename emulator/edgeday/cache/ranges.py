"""Byte ranges: what a Range header asks for of a body, and the body that answers several of them.

Recorded from workerd 1.20260426.1 under its simulator: a range that is malformed or lies outside the
body makes the whole header unsatisfiable (RFC 9110 would ignore it, or answer with the others).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

_UNIT = re.compile(r" *bytes *=", re.IGNORECASE)
_RANGE = re.compile(r" *(\d+)? *- *(\d+)? *\Z", re.ASCII)


class ByteRange(NamedTuple):
    """Positions of the first and the last byte, both inclusive."""

    first: int
    last: int

    def __str__(self) -> str:
        return f"bytes {self.first}-{self.last}"


def parse_ranges(header: str, size_bytes: int) -> tuple[ByteRange, ...] | None:
    """The ranges that a Range header asks for; () for the whole body, None if it cannot be satisfied."""
    unit = _UNIT.match(header)
    if unit is None:
        return None
    wanted = header[unit.end() :]
    if not wanted.strip():
        return ()
    ranges = []
    for part in wanted.split(","):
        bounds = _RANGE.match(part)
        if bounds is None or not (bounds[1] or bounds[2]):
            return None
        if bounds[1] is None:
            suffix = int(bounds[2])
            if suffix >= size_bytes:
                return ()
            if suffix:
                ranges.append(ByteRange(size_bytes - suffix, size_bytes - 1))
            continue
        first = int(bounds[1])
        last = size_bytes - 1 if bounds[2] is None else min(int(bounds[2]), size_bytes - 1)
        if first >= size_bytes or (bounds[2] is not None and first > int(bounds[2])):
            return None
        ranges.append(ByteRange(first, last))
    return tuple(ranges)


def multipart(body: bytes, ranges: Sequence[ByteRange], content_type: str | None) -> tuple[str, bytes]:
    """The Content-Type and the body (`multipart/byteranges`) that answer several ranges.

    The boundary is made from the body, so that the same answer is the same bytes.
    """
    boundary = f"edgeday-{sha256(body).hexdigest()[:32]}"
    type_line = "" if content_type is None else f"Content-Type: {content_type}\r\n"
    parts: list[bytes] = []
    for part in ranges:
        head = f"--{boundary}\r\n{type_line}Content-Range: {part}/{len(body)}\r\n\r\n"
        parts += (head.encode(), body[part.first : part.last + 1], b"\r\n")
    parts.append(f"--{boundary}--".encode())
    return f"multipart/byteranges; boundary={boundary}", b"".join(parts)
