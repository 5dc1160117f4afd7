"""What of the two APIs is there: each method and option, supported, or not and why.

The refusals that the code raises for what is missing are taken from here, and docs/coverage.md is
generated from here.
"""

from __future__ import annotations

from typing import NamedTuple

from edgeday.errors import PlatformError


class Member(NamedTuple):
    """A method, an argument or an option of an API.

    note: how far it goes, or why it is not there.
    raises: what using it says, where it is not there; "" where it is.
    """

    api: str
    name: str
    note: str
    raises: str = ""

    @property
    def supported(self) -> bool:
        return not self.raises


def _no_method(interface: str, method: str, note: str) -> Member:
    text = f"Failed to execute '{method}' on '{interface}': the method is not implemented."
    return Member("Cache", f"{'caches' if interface == 'CacheStorage' else 'cache'}.{method}", note, text)


def _no_option(option: str) -> Member:
    return Member(
        "Cache",
        f"match, delete: {option}",
        "not implemented, because the Workers runtime has no such option",
        f"The '{option}' field on 'CacheQueryOptions' is not implemented.",
    )


_NO_METHOD = "not implemented, because the Workers runtime has the method without an implementation"
_DELETE_BULK = (
    "not implemented, because production Workers have no bulk delete in the binding "
    "(the runtime has it only under the experimental compatibility flag)"
)

MEMBERS: tuple[Member, ...] = (
    Member("KV", "get(key)", "costs 1 read unit, also for a missing key"),
    Member("KV", "get(keys)", "bulk: a list of 1 to 100 keys; costs a read unit for each, one subrequest"),
    Member("KV", "getWithMetadata(key)", "cacheStatus is always None"),
    Member("KV", "getWithMetadata(keys)", "bulk, as get(keys)"),
    Member("KV", 'get: type "text"', "str"),
    Member("KV", 'get: type "json"', "Python objects"),
    Member("KV", 'get: type "arrayBuffer"', "memoryview; not in bulk"),
    Member("KV", 'get: type "stream"', "ReadableStream; not in bulk"),
    Member("KV", "get: cacheTtl", "checked, without effect: a read always sees the newest write"),
    Member("KV", "put(key, value)", "value: str, bytes, memoryview or ReadableStream, up to 25 MiB"),
    Member("KV", "put: expiration", "epoch seconds, at least 60 ahead"),
    Member("KV", "put: expirationTtl", "seconds, at least 60; beats expiration"),
    Member("KV", "put: metadata", "any JSON value of up to 1,024 bytes as text"),
    Member("KV", "delete(key)", "costs 1 delete unit, also for a missing key"),
    Member("KV", "deleteBulk(keys)", _DELETE_BULK, f"deleteBulk is {_DELETE_BULK}"),
    Member("KV", "list: prefix", "up to 512 bytes"),
    Member("KV", "list: limit", "up to 1,000; 0 and below count as absent"),
    Member("KV", "list: cursor", "opaque; any text is taken, as the simulator takes it"),
    Member("Cache", "caches.default", "one for each data centre (colo)"),
    Member("Cache", "caches.open(name)", "names of up to 1,023 bytes; apart from caches.default"),
    _no_method("CacheStorage", "match", _NO_METHOD),
    _no_method("CacheStorage", "has", _NO_METHOD),
    _no_method("CacheStorage", "delete", _NO_METHOD),
    _no_method("CacheStorage", "keys", _NO_METHOD),
    Member("Cache", "cache.put(request, response)", "what may not be stored is left out silently"),
    Member("Cache", "cache.match(request)", "If-None-Match, If-Modified-Since and Range are answered"),
    Member("Cache", "cache.delete(request)", "in this data centre only"),
    Member("Cache", "match, delete: ignoreMethod", ""),
    _no_option("ignoreSearch"),
    _no_option("ignoreVary"),
    _no_option("cacheName"),
    _no_method("Cache", "add", _NO_METHOD),
    _no_method("Cache", "addAll", _NO_METHOD),
    _no_method("Cache", "matchAll", _NO_METHOD),
    _no_method("Cache", "keys", _NO_METHOD),
    Member("Cache", "put: encodeBody", "automatic compresses a body with Content-Encoding: gzip; no brotli"),
    Member("Cache", "request.cf.cacheKey", "the key in place of the URL"),
    Member("Cache", "Cache-Tag", "for `edge.caches.purge(tags=[...])`, which no worker can call"),
)

_RAISES = {member.name: member.raises for member in MEMBERS if member.raises}


def not_implemented(name: str) -> PlatformError:
    """The error that using a missing member raises; `name` as in MEMBERS."""
    return PlatformError(_RAISES[name])
