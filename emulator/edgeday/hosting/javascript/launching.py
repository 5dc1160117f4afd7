"""How workerd is started so that it ends with this process, and how it says that it listens.

A shell of its own starts it and waits for the end of a pipe that this process holds: that end comes whatever
ends this process, and the shell then ends workerd and removes its files. (Linux's signal at the death of a
parent comes when the *thread* that started the child ends, and removes no files.) workerd listens on Unix
sockets, and says so on a pipe.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, NamedTuple

Address = str | tuple[str, int]
"""What a socket is connected to: the path of a Unix socket, or a host and a port."""

_SCRIPT = """
"$@" 3>&1 >/dev/null </dev/null &
child=$!
echo "$child"
exec >&- 2>&-
read -r _
kill -9 "$child"
wait "$child"
rm -rf "$folder"
"""
_LONGEST_PATH = 100
"""Bytes of the path of a Unix socket: 108 on Linux, 104 on macOS, with the zero at the end."""


class Started(NamedTuple):
    """life: what ends it when it is closed. control: where it says that it listens. said: its standard
    error."""

    child: subprocess.Popen[bytes]
    life: Any
    control: IO[bytes] | None
    said: IO[bytes]
    addresses: tuple[Address, ...]


def listening_addresses(copies: int) -> tuple[str, ...]:
    """Addresses for so many isolates, as workerd's configuration has them."""
    return tuple(f"unix:i{number}" for number in range(copies))


if sys.platform != "win32":

    def start(binary: Path, folder: Path, addresses: Sequence[str]) -> Started:
        """Start workerd in a folder with its configuration. Raises OSError."""
        directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            sockets = tuple(_reachable(folder, directory, one.removeprefix("unix:")) for one in addresses)
            child = subprocess.Popen(
                ["/bin/sh", "-c", _SCRIPT, "edgeday", binary, "serve", "config.capnp", "--control-fd=3"],
                cwd=folder,
                env={**os.environ, "folder": str(folder)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,  # a Ctrl-C in the terminal is this process's alone
            )
        except BaseException:
            os.close(directory)
            raise
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        return Started(child, _Life(child.stdin, directory), child.stdout, child.stderr, sockets)

    def wait_until_it_listens(started: Started, limit_s: float) -> int:
        """Wait until all isolates can be reached; gives the process's number.

        Raises TimeoutError, and EOFError if it ends before that.
        """
        assert started.control is not None
        with started.control as control:
            poll = select.poll()
            poll.register(control, select.POLLIN)
            said, listening, pid = b"", 0, 0
            while listening < len(started.addresses):
                if not poll.poll(limit_s * 1000):
                    raise TimeoutError
                part = os.read(control.fileno(), 1 << 16)
                if not part:
                    raise EOFError
                *lines, said = (said + part).split(b"\n")
                for line in lines:
                    if line.startswith(b"{"):
                        listening += json.loads(line)["event"] == "listen"
                    else:
                        pid = int(line)
            return pid

    def end(child: subprocess.Popen[bytes], life: Any) -> None:
        """End workerd, at once, whether or not it was waited for."""
        life.close()
        if child.stdout is not None:
            child.stdout.close()
        with suppress(subprocess.TimeoutExpired):
            child.wait(5)
        if child.poll() != 0:  # the shell was killed, or does not get on: workerd is left in its group
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()

    def _reachable(folder: Path, directory: int, name: str) -> str:
        path = str(folder / name)
        if len(os.fsencode(path)) <= _LONGEST_PATH:
            return path
        if sys.platform == "linux":
            return f"/proc/self/fd/{directory}/{name}"
        raise OSError(0, f"the path of its socket is too long, {path}; TMPDIR names a shorter one")

    class _Life:
        """The pipe whose end ends workerd. It is not for forks of this process."""

        def __init__(self, pipe: IO[bytes], directory: int) -> None:
            self._pipe = pipe
            self._directory = directory
            _lives.add(self)

        def close(self) -> None:
            _lives.discard(self)
            with suppress(OSError):
                self._pipe.close()
            os.close(self._directory)

    _lives: set[_Life] = set()

    def _close_lives() -> None:
        for life in list(_lives):
            life.close()

    os.register_at_fork(after_in_child=_close_lives)
