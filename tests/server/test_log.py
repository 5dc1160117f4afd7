"""What the server logs is text that UTF-8 can hold, whatever a worker said."""

from __future__ import annotations

import logging

import pytest

from edgeday.server.log import logger

HALF = "\ud800"
"""Half a surrogate pair, which UTF-8 cannot hold."""
LOG = logger("test")


def written(caplog: pytest.LogCaptureFixture) -> str:
    """The one record as a handler writes it, traceback included."""
    (record,) = caplog.records
    return logging.Formatter().format(record)


@pytest.mark.parametrize("call", [(f"no {HALF}",), ("no %s", HALF), ("%(what)s", {"what": f"no {HALF}"})])
def test_half_a_surrogate_pair_in_a_message_is_replaced(caplog, call):
    LOG.error(*call)
    assert written(caplog) == "no \ufffd\ufffd\ufffd"


def test_half_a_surrogate_pair_in_a_traceback_is_replaced(caplog):
    try:
        raise RuntimeError(f"no {HALF}")
    except RuntimeError:
        LOG.exception("it failed")
    text = written(caplog)
    assert text.startswith("it failed\nTraceback")
    assert text.endswith("RuntimeError: no \ufffd\ufffd\ufffd")


def test_any_other_record_stays_as_it_is(caplog):
    error = RuntimeError("naïve \U0001f600")
    LOG.error("%s: %d", "ключ", 7, exc_info=error)
    (record,) = caplog.records
    assert record.msg == "%s: %d"
    assert record.args == ("ключ", 7)
    assert record.exc_info[1] is error
    assert written(caplog).endswith("naïve \U0001f600")


def test_asking_twice_for_a_logger_adds_nothing_to_it():
    assert logger("test") is LOG
    assert len(LOG.filters) == 1
