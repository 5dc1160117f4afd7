"""Arguments of KV calls, converted as the runtime converts them, before it looks at the key.

Options come as a dict or as keywords, as in the Python Workers SDK. None in them is JavaScript's null;
what is left out is undefined. Source: workerd 6552d99 api/kv.h; recorded from workerd 1.20260426.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, NamedTuple

from edgeday.coverage import Member, offers
from edgeday.errors import PlatformTypeError
from edgeday.web.javascript import as_int32, to_string
from edgeday.web.text import well_formed


class Unset(Enum):
    """The type of UNSET: an option that is left out."""

    UNSET = "unset"


UNSET = Unset.UNSET


class ReadOptions(NamedTuple):
    """kind: the type asked for, None if none was. cache_ttl: seconds, None if not given."""

    kind: str | None
    cache_ttl: int | None


class PutOptions(NamedTuple):
    """expiration: epoch seconds; ttl: seconds; None if not given. metadata: None if there is none."""

    expiration: int | None
    ttl: int | None
    metadata: Any


class ListOptions(NamedTuple):
    """limit: 0 if not given. prefix: "" for all. cursor: None for the first page."""

    limit: int
    prefix: str
    cursor: str | None


_PLAIN_READ = ReadOptions(None, None)
_PLAIN_PUT = PutOptions(None, None, None)


@offers(
    Member(
        "get: cacheTtl",
        "seconds, at least 30: how long the data centre keeps what it read, where data centres hold copies "
        "(`propagation`); elsewhere checked only, because a read sees the newest write",
    )
)
def read_options(second: Any, cache_ttl: Any) -> ReadOptions:
    """The second argument of `get`, a type or options, and the keyword cacheTtl."""
    if second is None and cache_ttl is UNSET:
        return _PLAIN_READ
    if isinstance(second, list):  # an object without the members that matter
        second = {}
    if isinstance(second, Mapping):
        kind = well_formed(to_string(second["type"])) if "type" in second else None
        if cache_ttl is UNSET:
            cache_ttl = second.get("cacheTtl", UNSET)
    else:
        kind = None if second is None else well_formed(to_string(second))
    return ReadOptions(kind, None if cache_ttl is UNSET else as_int32(cache_ttl))


@offers(
    Member("put: expiration", "epoch seconds, at least 60 ahead"),
    Member("put: expirationTtl", "seconds, at least 60; beats expiration"),
    Member("put: metadata", "any JSON value of up to 1,024 bytes as text"),
)
def put_options(options: Any, expiration: Any, ttl: Any, metadata: Any) -> PutOptions:
    """The third argument of `put`, and its keywords, which win over it."""
    if options is not None:
        options = _members(options, "put", 3, "PutOptions")
        expiration = options.get("expiration", UNSET) if expiration is UNSET else expiration
        ttl = options.get("expirationTtl", UNSET) if ttl is UNSET else ttl
        metadata = options.get("metadata") if metadata is UNSET else metadata
    elif expiration is UNSET and ttl is UNSET and metadata is UNSET:
        return _PLAIN_PUT
    return PutOptions(
        None if expiration is UNSET else as_int32(expiration),
        None if ttl is UNSET else as_int32(ttl),
        None if metadata is UNSET else metadata,
    )


@offers(
    Member("list: prefix", "up to 512 bytes"),
    Member("list: limit", "up to 1,000; 0 and below count as absent"),
    Member("list: cursor", "opaque; any text is taken, as the simulator takes it"),
)
def list_options(options: Any, prefix: Any, limit: Any, cursor: Any) -> ListOptions:
    """The argument of `list`, and its keywords, which win over it."""
    if options is not None:
        options = _members(options, "list", 1, "ListOptions")
        prefix = options.get("prefix") if prefix is UNSET else prefix
        limit = options.get("limit", UNSET) if limit is UNSET else limit
        cursor = options.get("cursor") if cursor is UNSET else cursor
    return ListOptions(
        0 if limit is UNSET else as_int32(limit),
        "" if prefix is UNSET or prefix is None else well_formed(to_string(prefix)),
        None if cursor is UNSET or cursor is None else to_string(cursor),
    )


def _members(options: Any, method: str, position: int, wanted: str) -> Mapping[str, Any]:
    """The members of options; a list has none that matter. Raises TypeError for what is no object."""
    if isinstance(options, Mapping):
        return options
    if isinstance(options, list):
        return {}
    raise PlatformTypeError(
        f"Failed to execute '{method}' on 'KvNamespace': parameter {position} is not of type '{wanted}'."
    )
