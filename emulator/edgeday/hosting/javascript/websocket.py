"""A WebSocket to workerd over a Unix socket, one message each way at a time (RFC 6455, no extensions).

Written here, not taken from a library: a turn is a few microseconds, those that wait in a blocking way for a
message cost several times that.
"""

from __future__ import annotations

import socket
import struct
from contextlib import suppress

_HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: edgeday\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: ZWRnZWRheSBlZGdlZGF5IA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
_END = b"\r\n\r\n"
_FINAL, _KIND, _MASKED, _NO_MASK = 0x80, 0xF, 0x80, b"\0\0\0\0"
_TEXT, _BINARY, _CLOSE = 0x81, 0x82, 0x8
_HEAD_7, _HEAD_16, _HEAD_64 = (struct.Struct(form).pack for form in ("!BB", "!BBH", "!BBQ"))
_CLOSING = bytes((0x80 | _CLOSE, _MASKED | 2)) + _NO_MASK + (1000).to_bytes(2)
"""A close frame with the code for an end in order."""
_SHORT, _LONG = 126, 127
_READ = 1 << 16
"""Bytes that are read at once."""


class ConnectionLost(Exception):
    """The other side has gone."""


class WebSocket:
    """A connection. Raises ConnectionLost, and TimeoutError after the time limit, where it waits."""

    def __init__(self, address: str | tuple[str, int], limit_s: float) -> None:
        self._buffer, self._at = b"", 0
        self._opening = _HANDSHAKE
        self._socket = made = _socket(address, limit_s)
        try:
            made.connect(address)
        except OSError as error:
            made.close()
            raise ConnectionLost(str(error)) from error

    def exchange(self, is_binary: bool, *messages: bytes) -> tuple[bool, bytes]:
        """Send a message, or the pieces of one, and wait for the next one; of each, whether it is binary."""
        opening = self._opening
        try:
            for message in messages:
                self._send(_BINARY if is_binary else _TEXT, message)
            if opening:  # the first message goes with it, which spares a wait
                self._open()
            return self._message()
        except BlockingIOError:  # how a socket with a limit says that it has passed
            raise TimeoutError from None
        except TimeoutError:
            raise
        except OSError as error:
            raise ConnectionLost(str(error)) from error

    def _send(self, first: int, message: bytes) -> None:
        opening, self._opening = self._opening, b""
        size = len(message)
        if size < _SHORT:
            head = _HEAD_7(first, _MASKED | size)
        elif size < 1 << 16:
            head = _HEAD_16(first, _MASKED | _SHORT, size)
        else:
            head = _HEAD_64(first, _MASKED | _LONG, size)
            self._socket.sendall(opening + head + _NO_MASK)
            self._socket.sendall(message)
            return
        self._socket.sendall(opening + head + _NO_MASK + message)

    def close(self) -> None:
        """Say that it is over, and go: workerd has said so before."""
        with suppress(OSError):
            self._socket.send(_CLOSING)
        self._socket.close()

    def _message(self) -> tuple[bool, bytes]:
        parts = []
        kind = 0
        while True:
            first, size = self._take(2)
            size &= ~_MASKED
            if size == _SHORT:
                size = int.from_bytes(self._take(2))
            elif size == _LONG:
                size = int.from_bytes(self._take(8))
            body = self._take(size)
            if first & _KIND == _CLOSE:
                raise ConnectionLost(f"closed: {body[2:].decode('utf-8', 'replace')}")
            kind = kind or first & _KIND
            parts.append(body)
            if first & _FINAL:
                return kind == _BINARY & _KIND, parts[0] if len(parts) == 1 else b"".join(parts)

    def _take(self, count: int) -> bytes:
        """The next bytes. What comes is read ahead; a long rest is read into its place."""
        end = self._at + count
        buffer = self._buffer
        if end <= len(buffer):
            taken = buffer[self._at : end]
            self._at = end
            return taken
        rest = buffer[self._at :]
        self._at = 0
        if count < _READ:
            while len(rest) < count:
                part = self._socket.recv(_READ)
                if not part:
                    raise ConnectionLost("the connection was closed")
                rest = rest + part if rest else part
            self._buffer, self._at = rest, count
            return rest[:count]
        whole = bytearray(count)
        view = memoryview(whole)
        view[: len(rest)] = rest
        have = len(rest)
        self._buffer = b""
        while have < count:
            size = self._socket.recv_into(view[have:])
            if not size:
                raise ConnectionLost("the connection was closed")
            have += size
        return bytes(whole)

    def _open(self) -> None:
        """Read the answer to the handshake."""
        answer = b""
        while _END not in answer:
            part = self._socket.recv(_READ)
            if not part:
                raise ConnectionLost("the connection was closed")
            answer += part
        head, self._buffer = answer.split(_END, 1)
        if b" 101 " not in head.split(b"\r\n", 1)[0]:
            raise ConnectionLost(answer.decode("utf-8", "replace"))


def _socket(address: str | tuple[str, int], limit_s: float) -> socket.socket:
    """A socket whose calls end after the limit. The limit of the kernel's own spares asking it twice."""
    if isinstance(address, tuple):  # Windows
        made = socket.socket()
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.settimeout(limit_s)
        return made
    made = socket.socket(socket.AF_UNIX)
    seconds, rest = divmod(max(round(limit_s * 1_000_000), 1), 1_000_000)
    limit = struct.pack("@ll", seconds, rest)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
    return made
