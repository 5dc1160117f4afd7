"""workerd ends with the process that started it, whatever ends that, and leaves nothing behind."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from edgeday.errors import WorkerMisbehaved
from edgeday.hosting.javascript.host import CannotHost, JavaScriptWorker
from edgeday.hosting.javascript.process import Process
from tests.hosting.javascript.workers import edge_with, texts, worker_of

pytestmark = pytest.mark.workerd
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes as Linux shows them")

COUNT = "let n = 0; export default { fetch: () => new Response(String(++n)) };"
PROGRAM = f"""
import os, signal, sys, threading
from pathlib import Path
from tests.hosting.javascript.test_process import process_of
from tests.hosting.javascript.workers import edge_with, texts, worker_of

def run():
    global edge
    worker = worker_of(Path(sys.argv[1]), {COUNT!r})
    edge = edge_with(worker)
    assert texts(edge, "/", "/") == ["1", "2"]
    process = process_of(worker)
    print(process._child.pid, process.pid, flush=True)
    sys.stdin.readline()

"""
ENDS = {
    "its end": "run()",
    "an exception": "run(); raise RuntimeError('boom')",
    "Ctrl-C": "run(); os.kill(os.getpid(), signal.SIGINT)",
    "SIGTERM": "run(); os.kill(os.getpid(), signal.SIGTERM)",
    "SIGKILL": "run(); os.kill(os.getpid(), signal.SIGKILL)",
    "os._exit": "run(); os._exit(0)",
    "SIGKILL beside a fork": "run(); os.fork() and os.kill(os.getpid(), signal.SIGKILL); signal.pause()",
    "its end after that of the thread": "t = threading.Thread(target=run); t.start(); t.join()",
}


def process_of(worker: type[JavaScriptWorker]) -> Process:
    """The process of the isolate that was started last."""
    (process,) = {one.process for one in worker._isolates._pool._living if one.process.is_open}
    return process


def temporary_folders(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Have files for a while put there."""
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", None)


@linux
@pytest.mark.parametrize("end", ENDS)
def test_nothing_is_left_of_workerd_after(end: str, workerd: Path, tmp_path: Path) -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM + ENDS[end], workerd],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert program.stdin is not None
    assert program.stdout is not None
    try:
        running = [os.pidfd_open(int(pid)) for pid in program.stdout.readline().split()]
        assert len(list(tmp_path.iterdir())) == 1
        program.stdin.write(b"\n")
        program.stdin.flush()
        program.wait(20)
        for process in running:
            assert select.select([process], [], [], 20)[0]
            os.close(process)
    finally:
        with suppress(ProcessLookupError):  # the fork may be left
            os.killpg(program.pid, signal.SIGKILL)
        program.communicate()
    assert list(tmp_path.iterdir()) == []


def test_two_workers_at_once_do_not_meet(workerd: Path) -> None:
    workers = [worker_of(workerd, COUNT), worker_of(workerd, COUNT)]
    assert [texts(edge_with(worker), "/", "/") for worker in workers] == [["1", "2"], ["1", "2"]]


@linux
def test_workerd_that_is_killed_is_named_and_the_next_run_has_another(workerd: Path) -> None:
    worker = worker_of(workerd, "export default { fetch: () => new Response('x') };")
    edge = edge_with(worker)
    assert texts(edge, "/") == ["x"]
    os.kill(process_of(worker).pid, signal.SIGKILL)
    with pytest.raises(WorkerMisbehaved, match="workerd has ended") as raised:
        texts(edge, "/second")
    assert "GET /second, invocation 2" in str(raised.value)
    assert texts(edge_with(worker), "/") == ["x"]


@linux
def test_workerd_ends_also_if_the_shell_that_watches_over_it_was_killed(workerd: Path) -> None:
    worker = worker_of(workerd, COUNT)
    process = process_of(worker)
    running = os.pidfd_open(process.pid)
    process._child.kill()
    process._child.wait()
    process.close()
    assert select.select([running], [], [], 20)[0]
    os.close(running)


@linux
def test_a_fork_starts_a_workerd_of_its_own(workerd: Path) -> None:
    worker = worker_of(workerd, COUNT)
    edge = edge_with(worker)
    assert texts(edge, "/") == ["1"]
    pid = process_of(worker).pid
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            own = edge_with(worker)
            said = f"{texts(own, '/', '/')} {process_of(worker).pid == pid}"
        except BaseException as error:
            said = repr(error)
        os.write(write, said.encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        assert pipe.read() == "['1', '2'] False"
    os.waitpid(child, 0)
    os.kill(pid, 0)  # that of this process runs


@linux
def test_a_long_path_of_temporary_files_does_no_harm(
    workerd: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("long-" * 20) / ("path-" * 20)
    long.mkdir(parents=True)
    temporary_folders(monkeypatch, long)
    edge = edge_with(worker_of(workerd, COUNT))
    assert texts(edge, "/") == ["1"]
    assert len(list(long.iterdir())) == 1


def test_a_place_that_takes_no_files_is_said(
    workerd: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary_folders(monkeypatch, tmp_path)
    tmp_path.joinpath("file").touch()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "file"))
    with pytest.raises(CannotHost, match=r"files cannot be written: Not a directory") as raised:
        worker_of(workerd, COUNT)
    assert "TMPDIR" in str(raised.value)


@linux
def test_a_full_disk_is_said(workerd: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    temporary_folders(monkeypatch, tmp_path)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(CannotHost, match=r"files cannot be written: File too large"):
            worker_of(workerd, COUNT + "/" * 2000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("body", "mode", "what"),
    [
        (b"\x7fELF and nothing else", 0o700, "Exec format error|not found|cannot execute|Syntax error"),
        (b"#!/bin/sh\necho I am not workerd >&2", 0o700, "I am not workerd"),
        (b"#!/bin/sh\n", 0o600, "may not be executed"),
        (b"a text", 0o700, "is no program"),
    ],
)
def test_what_is_not_workerd_cannot_host(tmp_path: Path, body: bytes, mode: int, what: str) -> None:
    binary = tmp_path / "workerd"
    binary.write_bytes(body)
    binary.chmod(mode)
    with pytest.raises(CannotHost, match=what):
        worker_of(binary, COUNT)
