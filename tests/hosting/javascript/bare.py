"""workerd alone, without edgeday's shim: what probes are held against."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from edgeday.hosting.javascript.configuration import Configuration
from edgeday.hosting.javascript.launching import Address, listening_addresses
from edgeday.hosting.javascript.process import Process
from tests.hosting.javascript.workers import DATE

_CONFIGURATION = """using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main), (name = "origin", worker = .origin)],
  sockets = [(name = "i0", address = "%s", http = (), service = "main")],
);
const main :Workerd.Worker = (modules = [%s], compatibilityDate = "%s", compatibilityFlags = [%s],
  bindings = [(name = "TEXT", text = "text")], globalOutbound = "origin");
const origin :Workerd.Worker = (modules = [(name = "origin.js", esModule = embed "origin.js")],
  compatibilityDate = "%s");
"""


class _Connection(http.client.HTTPConnection):
    def __init__(self, address: Address) -> None:
        super().__init__("worker.example", timeout=20)
        self._address = address

    def connect(self) -> None:
        family = socket.AF_UNIX if isinstance(self._address, str) else socket.AF_INET
        self.sock = socket.socket(family)
        self.sock.settimeout(20)
        self.sock.connect(self._address)


class Bare:
    """A worker that runs in workerd alone."""

    def __init__(self, address: Address) -> None:
        self._address = address

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> bytes:
        """The body of what it answers to a request."""
        connection = _Connection(self._address)
        try:
            connection.request("GET", path, headers=dict(headers or {}))
            return connection.getresponse().read()
        finally:
            connection.close()


@contextmanager
def bare(
    workerd: Path,
    modules: Mapping[str, bytes],
    origin: bytes,
    flags: Sequence[str] = (),
    date: str = DATE,
) -> Iterator[Bare]:
    """Run modules, the main one first, with an origin that answers for every host."""
    listed = ", ".join(f'(name = "{name}", esModule = embed "{name}")' for name in modules)
    said = ", ".join(f'"{flag}"' for flag in flags)
    addresses = listening_addresses(1)
    text = _CONFIGURATION % (addresses[0], listed, date, said, DATE)
    process = Process(workerd, Configuration(text, {**modules, "origin.js": origin}, addresses), 30)
    process.wait()
    try:
        yield Bare(process.addresses[0])
    finally:
        process.close()
