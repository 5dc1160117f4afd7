"""The cursors of list pages: opaque to the caller, the last name of the page to us.

Any text is taken for a cursor and read as leniently as the simulator reads it (recorded from workerd
1.20260426.1); what production says to a cursor it did not issue is not documented.
"""

from __future__ import annotations

import base64
import re

_FOREIGN = re.compile(r"[^A-Za-z0-9+/]")


def to_cursor(last_name: str) -> str:
    """The cursor of a page that ends with this name."""
    return base64.b64encode(last_name.encode()).decode()


def from_cursor(cursor: str | None) -> str:
    """The name after which the next page starts, "" for the first page."""
    if not cursor:
        return ""
    digits = _FOREIGN.sub("", cursor.partition("=")[0].replace("-", "+").replace("_", "/"))
    if len(digits) % 4 == 1:
        digits = digits[:-1]
    return base64.b64decode(digits + "=" * (-len(digits) % 4)).decode("utf-8", "replace")
