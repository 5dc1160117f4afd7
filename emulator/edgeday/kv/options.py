"""Arguments of KV calls as the runtime sees them, converted before it looks at the key.

A worker's keywords reach JavaScript as one object behind the positional arguments, so options are a dict or
keywords, and never both; surplus arguments and unknown members are ignored (see `lost_options`). None in
options is JavaScript's null; what is left out is undefined.
Sources: workerd 6552d99 api/kv.h; Pyodide 0.28.2 (keywords); recorded from workerd 1.20260426.1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple

from edgeday.coverage import Member, offers
from edgeday.errors import PlatformTypeError
from edgeday.web.javascript import as_int32, to_string
from edgeday.web.text import well_formed


class Unset(Enum):
    """The type of UNSET: an argument or an option that is left out."""

    UNSET = "unset"


UNSET = Unset.UNSET

READ_OPTIONS = frozenset({"type", "cacheTtl"})
PUT_OPTIONS = frozenset({"expiration", "expirationTtl", "metadata"})
LIST_OPTIONS = frozenset({"prefix", "limit", "cursor"})

SHAPES: Mapping[str, tuple[int, frozenset[str]]] = {
    "get": (2, READ_OPTIONS),
    "getWithMetadata": (2, READ_OPTIONS),
    "put": (3, PUT_OPTIONS),
    "delete": (1, frozenset()),
    "list": (1, LIST_OPTIONS),
}
"""How many arguments a method takes, and the options in the last of them."""

REQUIRED = {
    "get": ("string or Array",),
    "getWithMetadata": ("string or Array",),
    "put": ("string", "string or JsObject"),
    "delete": ("string",),
}
"""What the runtime calls the arguments that may not be left out."""


class ReadOptions(NamedTuple):
    """kind: the type asked for, None if none was. cache_ttl: seconds, None if not given."""

    kind: str | None
    cache_ttl: int | None


PutOptions = tuple[int | None, int | None, Any]
"""expiration: epoch seconds; ttl: seconds; None if not given. metadata: None if there is none."""


class ListOptions(NamedTuple):
    """limit: 0 if not given. prefix: "" for all. cursor: None for the first page."""

    limit: int
    prefix: str
    cursor: str | None


PLAIN_READ = ReadOptions(None, None)
PLAIN_PUT: PutOptions = (None, None, None)


@offers(
    Member(
        "get: cacheTtl",
        "seconds, at least 30: how long the data centre keeps what it read, where data centres hold copies "
        "(`propagation`); elsewhere checked only, because a read sees the newest write",
    )
)
def read_options(given: Any) -> ReadOptions:
    """The second argument of `get`: a type, or options."""
    if type(given) is str:
        return ReadOptions(well_formed(given), None)
    if given is None or given is UNSET:
        return PLAIN_READ
    if type(given) is dict or isinstance(given, Mapping):
        kind = well_formed(to_string(given["type"])) if "type" in given else None
        cache_ttl = given.get("cacheTtl", UNSET)
        return ReadOptions(kind, None if cache_ttl is UNSET else as_int32(cache_ttl))
    if isinstance(given, list):  # an object without the members that matter
        return PLAIN_READ
    return ReadOptions(well_formed(to_string(given)), None)


@offers(
    Member("put: expiration", "epoch seconds, at least 60 ahead"),
    Member("put: expirationTtl", "seconds, at least 60; beats expiration"),
    Member("put: metadata", "any JSON value of up to 1,024 bytes as text"),
)
def put_options(given: Any) -> PutOptions:
    """The third argument of `put`: a plain tuple, as it is made at nearly every put."""
    if given is None or given is UNSET:
        return PLAIN_PUT
    options = _members(given, "put", 3, "PutOptions")
    return (
        as_int32(options["expiration"]) if "expiration" in options else None,
        as_int32(options["expirationTtl"]) if "expirationTtl" in options else None,
        options["metadata"] if "metadata" in options else None,  # noqa: SIM401 - half the time of `get`
    )


@offers(
    Member("list: prefix", "up to 512 bytes"),
    Member("list: limit", "up to 1,000; 0 and below count as absent"),
    Member("list: cursor", "opaque; any text is taken, as the simulator takes it"),
)
def list_options(given: Any) -> ListOptions:
    """The argument of `list`."""
    if given is None or given is UNSET:
        return ListOptions(0, "", None)
    options = _members(given, "list", 1, "ListOptions")
    limit, prefix, cursor = options.get("limit", UNSET), options.get("prefix"), options.get("cursor")
    return ListOptions(
        0 if limit is UNSET else as_int32(limit),
        "" if prefix is None else well_formed(to_string(prefix)),
        None if cursor is None else to_string(cursor),
    )


def _members(options: Any, method: str, position: int, wanted: str) -> Mapping[str, Any]:
    """The members of options; a list has none that matter. Raises TypeError for what is no object."""
    if type(options) is dict or isinstance(options, Mapping):
        return options
    if isinstance(options, list):
        return {}
    raise _not_of_type(method, position, wanted)


def _not_of_type(method: str, position: int, wanted: str) -> PlatformTypeError:
    return PlatformTypeError(
        f"Failed to execute '{method}' on 'KvNamespace': parameter {position} is not of type '{wanted}'."
    )


def as_javascript_arguments(
    method: str, arguments: Sequence[Any], keywords: Mapping[str, Any]
) -> Sequence[Any]:
    """The arguments that a method looks at: keywords are one object behind the others, surplus ones fall off.

    Raises TypeError, in the runtime's words, if one is missing.
    """
    given = [*arguments, keywords] if keywords else arguments
    wanted = REQUIRED.get(method, ())
    if len(given) < len(wanted):
        raise _not_of_type(method, len(given) + 1, wanted[len(given)])
    return given[: SHAPES[method][0]]
