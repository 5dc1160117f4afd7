"""What a worker may not do while it is imported."""

from __future__ import annotations

import socket
import sys
import threading
from contextlib import suppress

import pytest

from edgeday.errors import WorkerMisbehaved
from edgeday.runtime.guard import import_scope
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
