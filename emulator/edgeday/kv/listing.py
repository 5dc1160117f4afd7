"""The list call, and its cursors: opaque to the caller, the last name of the page to us.

Any text is taken for a cursor and read as leniently as the simulator reads it (recorded from workerd
1.20260426.1); what production says to a cursor it did not issue is not documented.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Awaitable
from typing import NamedTuple

from edgeday.kv.calls import CallTarget, KVCall
from edgeday.kv.validation import Refusal
from edgeday.ledger import Op, Spend
from edgeday.storage.records import KeyPage, ListedKey, Store

_FOREIGN = re.compile(r"[^A-Za-z0-9+/]")


class ListedPage(NamedTuple):
    """A page of keys; `cursor` is "" on the last one."""

    keys: list[ListedKey]
    cursor: str


class ListKeys(KVCall[KeyPage, ListedPage]):
    """List up to `limit` live keys that start with a prefix, in UTF-8 byte order.

    cursor: of the page before; "" or None for the first page.
    """

    __slots__ = ("_cursor", "_limit")

    op, quota, fault, method = "list", Op.LIST, "list", "GET"

    def __init__(
        self, target: CallTarget, prefix: str, limit: int, cursor: str | None, refusal: Refusal | None = None
    ) -> None:
        super().__init__(target, prefix, refusal)
        self._limit = limit
        self._cursor = cursor

    def _act(self, store: Store, spend: Spend) -> Awaitable[KeyPage | None]:
        services, _, namespace = self._target
        after, now = from_cursor(self._cursor), services.clock.now()
        return store.kv_list(spend, namespace, self._key, after, self._limit, now)

    def _conclude(self, stored: KeyPage) -> ListedPage:
        self._emit("ok", 1)
        return ListedPage(stored.keys, to_cursor(stored.last_name) if stored.more else "")


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
