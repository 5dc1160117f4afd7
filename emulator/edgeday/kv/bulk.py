"""Bulk calls: several keys of a namespace for one spend, one event for a get and one for each key written.

Sources of the get's refusals and of its map: workerd 6552d99 api/kv.c++ `getBulk`; texts and order recorded
from workerd 1.20260426.1 under its simulator. Bulk writes and deletes are the REST API's.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from edgeday.events import Cause
from edgeday.kv import validation
from edgeday.kv.calls import TOO_SOON, CallTarget, KVCall
from edgeday.kv.options import ReadOptions
from edgeday.kv.validation import Refusal
from edgeday.ledger import Op, Spend
from edgeday.limits import AccountLimits
from edgeday.storage.records import KVEntry, Store
from edgeday.web.js_dict import JsDict, with_attributes
from edgeday.web.json_text import as_pyodide, is_array_index, parse
from edgeday.web.text import decode_text, utf16_units

Values = TypeVar("Values")

_KEY_CHARS = 512
"""Characters of the keys of a bulk get that its event shows."""


class BulkGet(KVCall[list[KVEntry | None], Values]):
    """Read several keys; costs 1 unit for each that is named, duplicates too.

    op: get or getWithMetadata. named: all keys of the request; read: those that are read, each once.
    values: makes the answer of their entries, or refuses.
    """

    __slots__ = ("_cache_ttl_s", "_read", "_values", "op", "units")

    quota, fault, method = Op.READ, "get", "GET_BULK"

    def __init__(
        self,
        target: CallTarget,
        op: str,
        named: Sequence[str],
        read: Sequence[str],
        values: Callable[[list[KVEntry | None]], Values | Refusal],
        refusal: Refusal | None = None,
        cache_ttl_s: int | None = None,
    ) -> None:
        super().__init__(target, ",".join(named)[:_KEY_CHARS], refusal)
        self.op = op
        self.units = len(named)
        self._read = read
        self._values = values
        self._cache_ttl_s = cache_ttl_s

    def _act(self, store: Store, spend: Spend) -> Awaitable[list[KVEntry | None] | None]:
        services, _, namespace = self._target
        return store.kv_get(spend, namespace, self._read, services.clock.now(), self._cache_ttl_s)

    def _conclude(self, stored: list[KVEntry | None]) -> Values:
        values = self._values(stored)
        if isinstance(values, Refusal):
            raise self._failure(values, Cause.BACKEND)
        sizes = [len(entry.value) for entry in stored if entry is not None]
        self._emit("ok", self.units, sum(sizes), f"{len(sizes)} of {len(stored)} keys found")
        return values


class BulkPut(KVCall[list[bool], list[str]]):
    """Replace several keys; answers with those that were written less than a second ago."""

    __slots__ = ("_entries", "units")

    op, quota, fault, method = "put", Op.WRITE, "put", "PUT"

    def __init__(self, target: CallTarget, entries: Sequence[tuple[str, KVEntry]]) -> None:
        super().__init__(target, f"{len(entries)} keys")
        self._entries = entries
        self.units = len(entries)

    def _act(self, store: Store, spend: Spend) -> Awaitable[list[bool] | None]:
        services, _, namespace = self._target
        return store.kv_put(spend, namespace, self._entries, services.key_write_interval_s)

    def _conclude(self, stored: list[bool]) -> list[str]:
        for (key, entry), done in zip(self._entries, stored, strict=True):
            if done:
                self._emit("stored", 1, len(entry.value), key=key, entry=entry)
            else:
                self._failure(TOO_SOON, Cause.KEY_RATE, 1, key)
        return [key for (key, _), done in zip(self._entries, stored, strict=True) if not done]


class BulkDelete(KVCall[list[bool], None]):
    """Remove several keys; nothing happens to those that are not there."""

    __slots__ = ("_keys", "units")

    op, quota, fault, method = "delete", Op.DELETE, "delete", "DELETE"

    def __init__(self, target: CallTarget, keys: Sequence[str]) -> None:
        super().__init__(target, f"{len(keys)} keys")
        self._keys = keys
        self.units = len(keys)

    def _act(self, store: Store, spend: Spend) -> Awaitable[list[bool] | None]:
        services, _, namespace = self._target
        return store.kv_delete(spend, namespace, self._keys, services.clock.now())

    def _conclude(self, stored: list[bool]) -> None:
        for key, was_there in zip(self._keys, stored, strict=True):
            self._emit("deleted" if was_there else "absent", 1, key=key)


def refusal_of_request(options: ReadOptions, count: int, limits: AccountLimits) -> Refusal | None:
    """The refusal of a request as a whole: its type, then its number of keys."""
    if options.kind not in {None, "", "text", "json"}:
        return Refusal(400, f'"{options.kind}" is not a valid type. Use "json" or "text"')
    if count > limits.kv_bulk_get_keys:
        return Refusal(400, f"You can request a maximum of {limits.kv_bulk_get_keys} keys")
    return Refusal(400, "You must request a minimum of 1 key") if count < 1 else None


def first_refused_key(
    names: Sequence[str], options: ReadOptions, limits: AccountLimits
) -> tuple[int, Refusal | None]:
    """How many keys are read before one is refused, and that refusal.

    The backend checks each key, and cacheTtl with it, just before it reads its value.
    """
    for number, name in enumerate(names):
        refusal = validation.bulk_key(name, limits.kv_key_bytes) or validation.cache_ttl(
            options.cache_ttl, limits
        )
        if refusal is not None:
            return number, refusal
    return len(names), None


def _without_infinities(value: Any) -> Any:
    """A parsed value as it is after one more pass through JSON text: null for numbers beyond the doubles."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    unseen = [value]
    while unseen:  # not by calls: a value may be nested deeply
        holder = unseen.pop()
        if isinstance(holder, dict | list):
            for place, item in holder.items() if isinstance(holder, dict) else enumerate(holder):
                if isinstance(item, dict | list):
                    unseen.append(item)
                elif isinstance(item, float) and not math.isfinite(item):
                    holder[place] = None
    return value


def values_by_key(
    names: Sequence[str],
    options: ReadOptions,
    limits: AccountLimits,
    stored: Sequence[KVEntry | None],
    *,
    refused_key: Refusal | None,
    with_metadata: bool,
) -> JsDict | Refusal:
    """The values by key, None for what is missing; or a refusal.

    names: the keys that are read, up to one that is refused; stored: the entry of each that is new among
    them. Refused is, in this order: a value that is not JSON, the key, more than 25 MiB in all (counted, as
    the simulator does, in JavaScript's characters). Keys that JavaScript takes for array indices ("7", not
    "07") are absent, as is "__proto__": the runtime builds the map from an object.
    """
    entries = dict(zip(dict.fromkeys(names), stored, strict=True))
    values = JsDict()
    total = 0
    for name in names:
        entry = entries[name]
        value: Any = None
        if entry is not None:
            value = decode_text(entry.value)
            total += utf16_units(value)
            if options.kind == "json":
                try:
                    value = parse(value, number=as_pyodide)
                except ValueError:
                    return Refusal(400, "At least one of the requested keys corresponds to a non-json value")
            if with_metadata and value is not None:
                metadata = None if entry.metadata is None else parse(entry.metadata, number=as_pyodide)
                value = JsDict({"value": _without_infinities(value), "metadata": with_attributes(metadata)})
            elif options.kind == "json":
                value = _without_infinities(value)
        if not is_array_index(name) and name != "__proto__":
            values[name] = value
    if refused_key is not None:
        return refused_key
    if total > limits.kv_bulk_get_bytes:
        mebibytes = limits.kv_bulk_get_bytes // 2**20
        return Refusal(413, f"Total size of request exceeds the limit of {mebibytes}MB")
    return values
