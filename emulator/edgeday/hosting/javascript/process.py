"""A workerd process: started with a configuration, ended with this process, whatever ends that."""

from __future__ import annotations

import atexit
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from edgeday.hosting.javascript.configuration import Configuration

_PARENT_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of Linux's prctl(2)."""


class CannotStart(Exception):
    """workerd ended before it listened: a syntax error, a module that throws. text: what it said."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class Process:
    """A running workerd. sockets: the paths of its sockets, one for each isolate. Raises CannotStart."""

    def __init__(self, binary: Path, configuration: Configuration) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="edgeday-"))
        self.sockets = tuple(str(self._folder / name) for name in configuration.sockets)
        for name, body in configuration.files.items():
            (self._folder / name).write_bytes(body)
        (self._folder / "config.capnp").write_text(configuration.text, "utf-8")
        read, write = os.pipe()
        self._child = subprocess.Popen(
            [binary, "serve", "config.capnp", f"--control-fd={write}"],
            cwd=self._folder,
            pass_fds=(write,),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509, one call of C
        )
        os.close(write)
        atexit.register(self.close)
        self._said = bytearray()
        assert self._child.stderr is not None
        with os.fdopen(read, "rb") as control:
            listening = 0
            while listening < len(self.sockets):
                line = control.readline()
                if not line:
                    with self._child.stderr as said:
                        text = said.read().decode("utf-8", "replace")
                    self.close()
                    raise CannotStart(text)
                listening += json.loads(line)["event"] == "listen"
        threading.Thread(target=self._read, name="edgeday workerd", daemon=True).start()

    @property
    def said(self) -> str:
        """What it has written to standard error."""
        return self._said.decode("utf-8", "replace")

    def close(self) -> None:
        """End it, and remove its files."""
        atexit.unregister(self.close)
        if self._child.poll() is None:
            self._child.kill()
            self._child.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _read(self) -> None:
        stream = self._child.stderr
        assert stream is not None
        with stream:
            while part := stream.read1(1 << 16):  # type: ignore[attr-defined]
                self._said += part


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
