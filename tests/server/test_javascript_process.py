"""`edgeday serve` with a JavaScript worker as a process of its own: no other process outlives it."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path

import pytest

from edgeday.runtime.interrupts import REAL_S_VARIABLE
from tests.server.test_serve_command import ask, serving

pytestmark = [
    pytest.mark.workerd,
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for the processes"),
]
WORKER = """export default {
  async fetch(request) {
    if (request.url.endsWith("/loop")) for (;;);
    console.log("asked for", new URL(request.url).pathname);
    return new Response("ok");
  },
};
"""


def below(pid: int) -> set[int]:
    """The processes that a process has started, and those that they have."""
    found: set[int] = set()
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, file.read_text().split()):
            found |= {child, *below(child)}
    return found


def is_running(pid: int) -> bool:
    """Whether a process is there and has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("path", ["/", "/loop"])
def test_a_signal_ends_all_processes_also_in_an_endless_loop(
    tmp_path: Path, workerd: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setenv(REAL_S_VARIABLE, "1")
    (tmp_path / "shop.js").write_text(WORKER)
    with serving("--worker", "shop.js", cwd=tmp_path) as (process, origin, _):
        assert ask(origin, "GET", "/") == b"ok"
        started = below(process.pid)
        assert started
        request = threading.Thread(target=_asked, args=(origin, path), daemon=True)
        request.start()
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=20)
        assert process.returncode == 0
        assert "asked for /\n" in said
        assert not [pid for pid in started if is_running(pid)]


def _asked(origin: str, path: str) -> None:
    try:
        ask(origin, "GET", path)
    except OSError:
        return
