"""A WebSocket to workerd over a Unix socket, one message each way at a time (RFC 6455, no extensions).

Written here, not taken from a library: a turn is a few microseconds, those that wait in a blocking way for a
message cost several times that.
"""

from __future__ import annotations

import socket
import struct

_HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: edgeday\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: ZWRnZWRheSBlZGdlZGF5IA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
_FINAL, _CLOSE, _MASKED, _NO_MASK = 0x80, 0x8, 0x80, b"\0\0\0\0"
_TEXT = 0x81
_SHORT, _LONG = 126, 127
_READ = 1 << 16


class ConnectionLost(Exception):
    """The other side has gone."""


class WebSocket:
    """A connection. Raises ConnectionLost, and TimeoutError after the time limit, where it waits."""

    def __init__(self, address: str | tuple[str, int], limit_s: float) -> None:
        if isinstance(address, str):
            self._socket = socket.socket(socket.AF_UNIX)
        else:
            self._socket = socket.socket()
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.settimeout(limit_s)
        self._buffer = bytearray()
        try:
            self._socket.connect(address)
            self._socket.sendall(_HANDSHAKE)
            head = self._until(b"\r\n\r\n")
        except OSError as error:
            self._socket.close()
            if isinstance(error, TimeoutError):
                raise
            raise ConnectionLost(str(error)) from error
        if b" 101 " not in head.split(b"\r\n", 1)[0]:
            self._socket.close()
            raise ConnectionLost(head.decode("utf-8", "replace"))

    def exchange(self, message: bytes) -> bytes:
        """Send a message and wait for the next one."""
        size = len(message)
        if size < _SHORT:
            head = struct.pack("!BB", _TEXT, _MASKED | size)
        elif size < 1 << 16:
            head = struct.pack("!BBH", _TEXT, _MASKED | _SHORT, size)
        else:
            head = struct.pack("!BBQ", _TEXT, _MASKED | _LONG, size)
        try:
            self._socket.sendall(head + _NO_MASK + message)
            return self._message()
        except TimeoutError:
            raise
        except OSError as error:
            raise ConnectionLost(str(error)) from error

    def close(self) -> None:
        """Go away without a word: workerd takes that for the end."""
        self._socket.close()

    def _message(self) -> bytes:
        parts = []
        while True:
            first, size = self._take(2)
            if size == _SHORT:
                (size,) = struct.unpack("!H", self._take(2))
            elif size == _LONG:
                (size,) = struct.unpack("!Q", self._take(8))
            body = self._take(size)
            if first & 0xF == _CLOSE:
                raise ConnectionLost(f"closed: {body[2:].decode('utf-8', 'replace')}")
            parts.append(body)
            if first & _FINAL:
                return parts[0] if len(parts) == 1 else b"".join(parts)

    def _take(self, count: int) -> bytes:
        buffer = self._buffer
        while len(buffer) < count:
            part = self._socket.recv(max(_READ, count - len(buffer)))
            if not part:
                raise ConnectionLost("the connection was closed")
            buffer += part
        taken = bytes(buffer[:count])
        del buffer[:count]
        return taken

    def _until(self, end: bytes) -> bytes:
        while end not in self._buffer:
            part = self._socket.recv(_READ)
            if not part:
                raise ConnectionLost("the connection was closed")
            self._buffer += part
        return self._take(self._buffer.index(end) + len(end))
