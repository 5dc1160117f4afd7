"""The bulk get: what its backend refuses, and the map it answers with. Pure.

Sources: workerd 6552d99 api/kv.c++ `getBulk`; texts and order recorded from workerd 1.20260426.1 under
its simulator.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from edgeday.kv import validation
from edgeday.kv.options import ReadOptions
from edgeday.kv.validation import Refusal
from edgeday.limits import AccountLimits
from edgeday.storage.records import KVEntry
from edgeday.web.json_text import is_array_index, parse
from edgeday.web.text import decode_text, utf16_units


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


def answer(
    names: Sequence[str],
    entries: Mapping[str, KVEntry | None],
    options: ReadOptions,
    limits: AccountLimits,
    *,
    refused_key: Refusal | None,
    with_metadata: bool,
) -> dict[str, Any] | Refusal:
    """The values by key, None for what is missing; or a refusal.

    names: the keys that are read, up to one that is refused. Refused is, in this order: a value that is
    not JSON, the key, more than 25 MiB in all (counted, as the simulator does, in JavaScript's characters).
    Keys that JavaScript takes for array indices ("7", not "07") are absent, as is "__proto__": the
    runtime builds the map from an object.
    """
    found: dict[str, Any] = {}
    total = 0
    for name in names:
        entry = entries[name]
        value: Any = None
        if entry is not None:
            value = decode_text(entry.value)
            total += utf16_units(value)
            if options.kind == "json":
                try:
                    value = parse(value)
                except ValueError:
                    return Refusal(400, "At least one of the requested keys corresponds to a non-json value")
            if with_metadata and value is not None:
                metadata = None if entry.metadata is None else parse(entry.metadata)
                value = {"value": _without_infinities(value), "metadata": metadata}
            elif options.kind == "json":
                value = _without_infinities(value)
        if not is_array_index(name) and name != "__proto__":
            found[name] = value
    if refused_key is not None:
        return refused_key
    if total > limits.kv_bulk_get_bytes:
        mebibytes = limits.kv_bulk_get_bytes // 2**20
        return Refusal(413, f"Total size of request exceeds the limit of {mebibytes}MB")
    return found
