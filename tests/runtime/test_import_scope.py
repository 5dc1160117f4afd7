"""What a worker may not do while it is imported."""

from __future__ import annotations

import importlib
import json
import os
import re
import socket
import subprocess
import sys
import threading
from contextlib import suppress

import pytest

from edgeday.errors import WorkerMisbehaved
from edgeday.runtime.import_scope import import_scope
from edgeday.web import now_ms


def test_the_clock_is_at_zero_while_a_worker_is_imported():
    with import_scope():
        assert now_ms() == 0
    with pytest.raises(RuntimeError, match="only inside an invocation"):
        now_ms()


def caught(act):
    with suppress(BaseException):
        act()


def starts():
    threading.Thread(target=print).start()


def connects():
    with socket.socket() as one:
        one.connect(("192.0.2.1", 80))


@pytest.mark.parametrize(
    ("act", "says"),
    [
        (lambda: sys.exit(0), r"calls sys.exit\(0\)"),
        (connects, "declare the origin 192.0.2.1"),
        (starts, "starts a thread"),
    ],
    ids=["exit", "network", "thread"],
)
@pytest.mark.parametrize("catches", [True, False])
def test_what_ends_a_run_does_so_at_import_too_also_where_it_is_caught(act, says, catches):
    with pytest.raises(WorkerMisbehaved, match=f"{says}.* \\(while it is imported"), import_scope():
        act() if not catches else caught(act)


def loops():
    while True:
        pass


def looks_for_ever():
    while True:
        json.loads("[1, 2, 3]")


def loops_whatever_is_raised():
    while True:
        with suppress(BaseException):
            loops()


@pytest.mark.slow
@pytest.mark.parametrize("act", [loops, looks_for_ever])
def test_what_holds_an_import_for_ever_is_interrupted_with_its_line(monkeypatch, act):
    monkeypatch.setenv("EDGEDAY_HANG_SECONDS", "0.2")
    with (
        pytest.raises(WorkerMisbehaved, match=r"does not go on.* \(while it is imported\)") as raised,
        import_scope(),
    ):
        act()
    assert raised.value.where.startswith("tests/runtime/test_import_scope.py:")


@pytest.mark.slow
def test_an_import_that_goes_on_when_it_is_interrupted_ends_with_the_process(tmp_path):
    source = "def spin():\n  while True: pass\nwhile True:\n  try: spin()\n  except BaseException: pass\n"
    (tmp_path / "endless.py").write_text(source)
    ran = subprocess.run(
        [sys.executable, "-c", "from edgeday import import_worker; import_worker('endless.py')"],
        check=False,
        cwd=tmp_path,
        env={**os.environ, "EDGEDAY_HANG_SECONDS": "0.2"},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert ran.returncode == 3
    assert re.match(
        r"endless\.py:\d: while the worker is imported: the worker does not go on: .*, and goes on when",
        ran.stderr,
    )


def test_a_package_that_takes_long_to_be_imported_is_waited_for(monkeypatch, tmp_path):
    monkeypatch.setenv("EDGEDAY_HANG_SECONDS", "0.05")
    package = tmp_path / "site-packages" / "a_long_import.py"
    package.parent.mkdir()
    package.write_text(
        "import time\nstart = time.perf_counter()\nwhile time.perf_counter() < start + 0.2: pass\n"
    )
    monkeypatch.syspath_prepend(package.parent)
    with import_scope():
        importlib.import_module("a_long_import")


def test_outside_of_a_worker_nothing_is_refused():
    ran = []
    thread = threading.Thread(target=lambda: ran.append(1))
    thread.start()
    thread.join()
    assert ran == [1]
    with pytest.raises(SystemExit):
        sys.exit(0)


def test_an_exception_while_it_is_imported_stays_what_it_is():
    with pytest.raises(ValueError, match="mine"), import_scope():
        raise ValueError("mine")


def test_what_is_printed_while_it_is_imported_goes_to_standard_error(capsys):
    with import_scope():
        print("hello")
    assert capsys.readouterr() == ("", "hello\n")
