"""The server's loggers: whatever a worker says, what they record is text that UTF-8 can hold.

A worker's exception may carry half a surrogate pair. A record with one could be neither written to a UTF-8
file nor sent between processes, as pytest-xdist does with what a test has logged.
"""

from __future__ import annotations

import logging

from edgeday.web.text import well_formed

_FORMATTER = logging.Formatter()


class WellFormed(logging.Filter):
    """Replaces halves of surrogate pairs by U+FFFD, in the message and in the traceback; drops nothing."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if (text := well_formed(message)) != message:
            record.msg, record.args = text, None
        if record.exc_info:
            trace = _FORMATTER.formatException(record.exc_info)
            if (text := well_formed(trace)) != trace:
                record.exc_text = text  # which every formatter takes before it makes its own
        return True


def logger(name: str) -> logging.Logger:
    """The logger of one part of the server, `edgeday.NAME`."""
    named = logging.getLogger(f"edgeday.{name}")
    if not any(isinstance(one, WellFormed) for one in named.filters):
        named.addFilter(WellFormed())
    return named
