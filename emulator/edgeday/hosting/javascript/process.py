"""A workerd process: started with a configuration, ended with this process, whatever ends that."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from edgeday.hosting.javascript.configuration import Configuration
from edgeday.web.ambient import current_runtime

if sys.platform == "win32":
    from edgeday.hosting.javascript import launching_windows as launching
else:
    from edgeday.hosting.javascript import launching

listening_addresses = launching.listening_addresses
MOST_SAID = 1 << 16
"""Bytes that are kept of what workerd writes, the last ones."""
_NOT_WORKERD = "name the binary of workerd: @cloudflare/workerd-.../bin/workerd"
_OTHER_FOLDER = "TMPDIR names the folder for temporary files"
_PROGRAMS = (b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"MZ", b"#!")
_START_LIMITS = 3
"""How often the time limit of a turn a process may take to start."""


@contextmanager
def as_edgeday() -> Iterator[None]:
    """While the block runs, what is done is edgeday's own: a worker may not connect, nor start anything."""
    token = current_runtime.set(None)
    try:
        yield
    finally:
        current_runtime.reset(token)


class CannotStart(Exception):
    """workerd ended before it listened: a syntax error, a module that throws, no place for its files.

    text: what it said; if edgeday says it, `place` has what is to blame. hint: what to try, or "".
    """

    def __init__(self, text: str, place: str = "", hint: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.place = place
        self.hint = hint


class DoesNotEnd(CannotStart):
    """The code at the top level of the worker's modules ran for too long. text: says so."""


class Process:
    """A workerd that starts; `wait` says when it can be used. Raises CannotStart.

    addresses: of its sockets, one for each isolate. pid: the process's number, 0 before it can be used.
    limit_s: the time limit of a turn, in real seconds.
    """

    def __init__(self, binary: Path, configuration: Configuration, limit_s: float) -> None:
        _check_program(binary)
        self.pid = 0
        self._owner = os.getpid()
        self._said = bytearray()
        folder = _folder(configuration)
        try:
            started = launching.start(binary, folder, configuration.addresses)
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise CannotStart(
                f"does not start: {error.strerror or error}", str(binary), _NOT_WORKERD
            ) from None
        self._child = started.child
        self._end = weakref.finalize(self, _end, started.child, started.life, folder, self._owner)
        self.addresses = started.addresses
        _running.add(self)
        self._started = started
        self._limit_s = limit_s
        self._reader = threading.Thread(
            target=_read, args=(started.said, self._said), name="edgeday workerd", daemon=True
        )
        self._reader.start()

    def wait(self) -> None:
        """Wait until it listens. Raises CannotStart."""
        limit_s = _START_LIMITS * self._limit_s
        try:
            self.pid = launching.wait_until_it_listens(self._started, limit_s)
        except TimeoutError:
            self.close()
            what = f"its code outside of handlers does not come to an end: it ran for {limit_s:g} s"
            raise DoesNotEnd(what) from None
        except EOFError:
            raise CannotStart(self.last_words() or "workerd ended without a word") from None
        except BaseException:  # Ctrl-C
            self.close()
            raise

    @property
    def is_open(self) -> bool:
        """Whether it can be used: it was not closed, and this is no fork of the process that started it."""
        return self._end.alive and self._owner == os.getpid()

    @property
    def said(self) -> str:
        """The last of what it has written to standard error."""
        return self._said.decode("utf-8", "replace").strip()

    def last_words(self) -> str:
        """What it said before its end, once it has lost the connection; it is closed by that."""
        self.close()
        self._reader.join(1)
        return "\n".join(line for line in self.said.splitlines() if not line.startswith("stack: "))

    def close(self) -> None:
        """End it, and remove its files."""
        self._end()
        _running.discard(self)

    def forget(self) -> None:
        """In a fork of this process: leave it to that."""
        self._end.detach()
        self._child.returncode = 0


_running: weakref.WeakSet[Process] = weakref.WeakSet()


def _check_program(binary: Path) -> None:
    try:
        with binary.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise CannotStart(f"does not start: {error.strerror}", str(binary), _NOT_WORKERD) from None
    if not os.access(binary, os.X_OK):
        raise CannotStart("may not be executed", str(binary), f"chmod +x {binary}")
    if not start.startswith(_PROGRAMS):
        raise CannotStart("is no program", str(binary), _NOT_WORKERD)


def _folder(configuration: Configuration) -> Path:
    """A new folder with the files of a configuration."""
    folder = None
    try:
        folder = Path(tempfile.mkdtemp(prefix="edgeday-"))
        for name, body in configuration.files.items():
            (folder / name).write_bytes(body)
        (folder / "config.capnp").write_text(configuration.text, "utf-8")
    except OSError as error:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        place = str(folder or error.filename or tempfile.gettempdir())
        what = f"workerd's files cannot be written: {error.strerror or error}"
        raise CannotStart(what, place, _OTHER_FOLDER) from None
    return folder


def _read(stream: IO[bytes], said: bytearray) -> None:
    with stream:
        while part := stream.read1(MOST_SAID):  # type: ignore[attr-defined]
            said += part
            del said[:-MOST_SAID]


def _end(child: subprocess.Popen[bytes], life: Any, folder: Path, owner: int) -> None:
    if os.getpid() != owner:
        return
    with as_edgeday():
        launching.end(child, life)
        shutil.rmtree(folder, ignore_errors=True)


def _leave_to_parent() -> None:
    for process in list(_running):
        process.forget()
    _running.clear()


if sys.platform != "win32":
    os.register_at_fork(after_in_child=_leave_to_parent)
