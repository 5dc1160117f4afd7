"""How workerd is started on Windows so that it ends with this process.

Written after the documentation, and never run. A job object ends what is in it when its last handle is
closed, which the end of this process does; files stay then. workerd has neither Unix sockets there nor
`--control-fd`, so it listens on ports of 127.0.0.1 that were free a moment before.
Source: Microsoft's documentation, "Job Objects", JOBOBJECT_EXTENDED_LIMIT_INFORMATION.
"""

from __future__ import annotations

import ctypes
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from edgeday.hosting.javascript.launching import Started

_KILL_ON_JOB_CLOSE = 0x2000
_EXTENDED_LIMIT_INFORMATION = 9
_TRY_EVERY_S = 0.02
_HOST = "127.0.0.1"

if sys.platform == "win32":

    class _BasicLimits(ctypes.Structure):
        _fields_ = (
            ("PerProcessUserTimeLimit", ctypes.c_int64),
            ("PerJobUserTimeLimit", ctypes.c_int64),
            ("LimitFlags", ctypes.c_uint32),
            ("MinimumWorkingSetSize", ctypes.c_size_t),
            ("MaximumWorkingSetSize", ctypes.c_size_t),
            ("ActiveProcessLimit", ctypes.c_uint32),
            ("Affinity", ctypes.c_size_t),
            ("PriorityClass", ctypes.c_uint32),
            ("SchedulingClass", ctypes.c_uint32),
        )

    class _ExtendedLimits(ctypes.Structure):
        _fields_ = (
            ("BasicLimitInformation", _BasicLimits),
            ("IoInfo", ctypes.c_uint64 * 6),
            ("ProcessMemoryLimit", ctypes.c_size_t),
            ("JobMemoryLimit", ctypes.c_size_t),
            ("PeakProcessMemoryUsed", ctypes.c_size_t),
            ("PeakJobMemoryUsed", ctypes.c_size_t),
        )

    class _Job:
        """What workerd is in. Its end ends it."""

        def __init__(self, child: subprocess.Popen[bytes]) -> None:
            self._kernel = ctypes.WinDLL("kernel32", use_last_error=True)
            self._kernel.CreateJobObjectW.restype = ctypes.c_void_p
            self._handle = ctypes.c_void_p(self._kernel.CreateJobObjectW(None, None))
            limits = _ExtendedLimits()
            limits.BasicLimitInformation.LimitFlags = _KILL_ON_JOB_CLOSE
            self._kernel.SetInformationJobObject(
                self._handle, _EXTENDED_LIMIT_INFORMATION, ctypes.byref(limits), ctypes.sizeof(limits)
            )
            process = ctypes.c_void_p(int(child._handle))  # type: ignore[attr-defined]
            self._kernel.AssignProcessToJobObject(self._handle, process)

        def close(self) -> None:
            self._kernel.CloseHandle(self._handle)

    def listening_addresses(copies: int) -> tuple[str, ...]:
        """Addresses for so many isolates, as workerd's configuration has them."""
        sockets = [socket.create_server((_HOST, 0)) for _ in range(copies)]
        addresses = tuple(f"{_HOST}:{one.getsockname()[1]}" for one in sockets)
        for one in sockets:
            one.close()
        return addresses

    def start(binary: Path, folder: Path, addresses: Sequence[str]) -> Started:
        """Start workerd in a folder with its configuration. Raises OSError."""
        child = subprocess.Popen(
            [binary, "serve", "config.capnp"],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            creationflags=subprocess.CREATE_NEW_PROCESS_GROUP,
        )
        assert child.stderr is not None
        ports = tuple((_HOST, int(address.rpartition(":")[2])) for address in addresses)
        return Started(child, _Job(child), None, child.stderr, ports)

    def wait_until_it_listens(started: Started, limit_s: float) -> int:
        """Wait until all isolates can be reached; gives the process's number.

        Raises TimeoutError, and EOFError if it ends before that.
        """
        tries = round(limit_s / _TRY_EVERY_S)
        for address in started.addresses:
            while True:
                with suppress(OSError), socket.create_connection(address):  # type: ignore[arg-type]
                    break
                if started.child.poll() is not None:
                    raise EOFError
                tries -= 1
                if tries <= 0:
                    raise TimeoutError
                threading.Event().wait(_TRY_EVERY_S)
        return started.child.pid

    def end(child: subprocess.Popen[bytes], life: Any) -> None:
        """End workerd, at once."""
        child.kill()
        child.wait()
        life.close()
