"""KV as people and programs outside the worker use it: the REST API and the dashboard.

Same ledger, same store, same rules as a worker's binding; refusals are `ApiError`. Nothing here is a
subrequest of an invocation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from edgeday.account import Services
from edgeday.clock import LAST_INSTANT
from edgeday.errors import KVRequestFailed, PlatformError, QuotaExceeded
from edgeday.kv import validation
from edgeday.kv.bulk import BulkDelete, BulkGet, BulkPut, refusal_of_request
from edgeday.kv.calls import CallTarget, Delete, Get, KVCall, Put
from edgeday.kv.listing import ListedPage, ListKeys
from edgeday.kv.options import ReadOptions
from edgeday.kv.validation import Refusal
from edgeday.server import errors
from edgeday.server.errors import ApiError
from edgeday.server.namespaces import Namespace
from edgeday.storage.records import KVEntry

Answer = TypeVar("Answer")

BULK_LIMIT = 10_000
"""Pairs, or keys to delete, of one bulk request. Source: Cloudflare docs, KV write key-value pairs."""


@dataclass(frozen=True, slots=True)
class Write:
    """One value to put. expiration: epoch seconds; ttl: seconds, and beats it. metadata: a JSON value."""

    key: str
    value: bytes
    expiration: int | None = None
    ttl: int | None = None
    metadata: Any = None


@dataclass(frozen=True, slots=True)
class BulkResult:
    """How many keys of a bulk request were written or deleted, and which were not (retry those)."""

    done: int = 0
    failed: list[str] = field(default_factory=list)


class KVOperations:
    """KV operations on the namespaces of one account.

    bindings: namespace id -> the name that events show; others go by their title.
    """

    def __init__(self, services: Services, bindings: Mapping[str, str]) -> None:
        self._services = services
        self._bindings = bindings

    async def get(self, namespace: Namespace, key: str, op: Literal["get", "metadata"] = "get") -> KVEntry:
        """The live entry of a key; `op` is what the 404 calls the operation.

        Costs:  1 read unit, also for a missing key.
        Raises: ApiError 404 for a missing key, 429 once the day's reads are spent, 400 or 414 for a bad key.
        """
        try:
            name = validation.check_key(key, "GET", self._services.limits.kv_key_bytes)
        except PlatformError as error:
            raise _refusal(error) from None
        event = "get" if op == "get" else "getWithMetadata"
        entry = await _answer(Get(self._target(namespace), event, name))
        if entry is None:
            raise errors.key_not_found(op)
        return entry

    async def put(self, namespace: Namespace, write: Write) -> None:
        """Replace value, metadata and expiry of a key together.

        Costs:  1 write unit, also if TTL, size or the write rate refuse it, as for a worker's put.
        Raises: ApiError 400 (key, expiry), 413, 414, 429 (the day's writes; a key twice within a second).
        An entry may expire until the year 9999: the 32 bits of a worker's binding are the runtime's. (What
        Cloudflare's last instant is, is not documented.)
        """
        try:
            entry = self._entry(write)
        except (PlatformError, RecursionError) as error:
            raise _refusal(error) from None
        await _answer(Put(self._target(namespace), write.key, entry))

    async def delete(self, namespace: Namespace, key: str) -> None:
        """Remove a key; nothing happens if it is not there. Costs 1 delete unit. Raises ApiError."""
        self._check_keys([key])
        await _answer(Delete(self._target(namespace), key))

    async def list(self, namespace: Namespace, *, prefix: str, limit: int, cursor: str) -> ListedPage:
        """One page of live keys in UTF-8 byte order; `limit` 1 to 1000, `cursor` "" for the first page.

        Costs:  1 list unit, also for an empty page.
        Raises: ApiError 414 for a long prefix, 429 once the day's lists are spent.
        """
        refusal = validation.key_too_long(prefix, self._services.limits.kv_key_bytes)
        if refusal is not None:
            raise ApiError(refusal.status, errors.BAD_REQUEST, f"list keys: '{refusal.reason}'")
        return await _answer(ListKeys(self._target(namespace), prefix, limit, cursor))

    async def bulk_get(
        self, namespace: Namespace, keys: Sequence[str], kind: str
    ) -> dict[str, KVEntry | None]:
        """The entries of up to 100 keys, in the order asked, None for each that is missing.

        kind: "text" or "json", what the caller takes the values for; they are not looked at.
        Costs:  1 read unit for each key asked, duplicates too; nothing if the request is refused as such.
        Raises: ApiError 400 (kind, number of keys, a bad key), 413 (25 MiB in all), 414, 429.
        """
        limits = self._services.limits
        refusals = (validation.bulk_key(key, limits.kv_key_bytes) for key in keys)
        refusal = refusal_of_request(ReadOptions(kind, None), len(keys), limits) or next(
            filter(None, refusals), None
        )
        if refusal is not None:
            raise _bulk_refusal(refusal)
        names = list(dict.fromkeys(keys))

        def entries(stored: list[KVEntry | None]) -> dict[str, KVEntry | None] | Refusal:
            if sum(len(entry.value) for entry in stored if entry is not None) > limits.kv_bulk_get_bytes:
                mebibytes = limits.kv_bulk_get_bytes // 2**20
                return Refusal(413, f"Total size of request exceeds the limit of {mebibytes}MB")
            return dict(zip(names, stored, strict=True))

        return await _answer(BulkGet(self._target(namespace), "get", keys, names, entries))

    async def bulk_put(self, namespace: Namespace, writes: Sequence[Write]) -> BulkResult:
        """Put up to 10,000 values in one transaction.

        All are checked before any is put: a bad one refuses the request and nothing is charged. A request
        for more units than the day has left is refused whole, and booked as refused. (What Cloudflare
        does in both cases is not documented.) Keys written less than a second ago are in `failed`.
        Costs:  1 write unit for each pair.
        Raises: ApiError 400, 413, 414, 429.
        """
        self._check_count(len(writes), "pairs")
        entries = [(write.key, self._entry_of_pair(write, number)) for number, write in enumerate(writes)]
        failed = await _answer(BulkPut(self._target(namespace), entries))
        return BulkResult(len(entries) - len(failed), failed)

    async def bulk_delete(self, namespace: Namespace, keys: Sequence[str]) -> BulkResult:
        """Remove up to 10,000 keys in one transaction; missing ones count as removed.

        Checks and quota as for `bulk_put`. Costs: 1 delete unit for each key. Raises: ApiError.
        """
        self._check_count(len(keys), "keys")
        self._check_keys(keys)
        await _answer(BulkDelete(self._target(namespace), keys))
        return BulkResult(len(keys))

    def _entry(self, write: Write) -> KVEntry | Refusal:
        """What a write stores now, or why the backend refuses it.

        Raises PlatformError or RecursionError for a key or metadata that no call is made of.
        """
        services, limits = self._services, self._services.limits
        validation.check_key(write.key, "PUT", limits.kv_key_bytes)
        metadata = validation.as_metadata(write.metadata)
        now = services.clock.now()
        expires_at = validation.expiry(int(now), write.expiration, write.ttl, limits)
        if isinstance(expires_at, int) and expires_at > LAST_INSTANT:
            text = f"Invalid expiration of {expires_at}. It is in seconds, up to {LAST_INSTANT}."
            expires_at = Refusal(400, text)
        sized = limits if services.switches.value_sizes == "enforce" else None
        return validation.entry_to_put(write.value, metadata, expires_at, now, sized, len(write.value))

    def _entry_of_pair(self, write: Write, number: int) -> KVEntry:
        """What one pair of a bulk put stores. Raises ApiError."""
        try:
            entry = self._entry(write)
            if isinstance(entry, Refusal):
                raise KVRequestFailed("PUT", entry.status, entry.reason)
        except (PlatformError, RecursionError) as error:
            raise _refusal(error, f"pair {number} ({errors.quoted(write.key)}): ") from None
        return entry

    def _check_count(self, count: int, what: str) -> None:
        if count > BULK_LIMIT:
            raise errors.bad_request(f"a bulk request may have {BULK_LIMIT} {what}, this has {count}")

    def _check_keys(self, keys: Sequence[str]) -> None:
        try:
            for key in keys:
                validation.check_key(key, "DELETE", self._services.limits.kv_key_bytes)
        except PlatformError as error:
            raise _refusal(error) from None

    def _target(self, namespace: Namespace) -> CallTarget:
        binding = self._bindings.get(namespace.id, namespace.title)
        return CallTarget(self._services, binding, namespace.id)


async def _answer(call: KVCall[Any, Answer]) -> Answer:
    """Perform a call; its errors as the REST API says them."""
    try:
        return await call.perform()
    except KVRequestFailed as error:
        if call.method == BulkGet.method and error.status == 413:
            raise _bulk_refusal(error) from None
        raise _refusal(error) from None
    except PlatformError as error:
        raise _refusal(error) from None


def _bulk_refusal(refusal: Refusal | KVRequestFailed) -> ApiError:
    return ApiError(refusal.status, errors.BAD_BULK_GET, f"bulk get keys: '{refusal.reason}'")


def _refusal(error: PlatformError | RecursionError, where: str = "") -> ApiError:
    """What the REST API says where a binding would have raised `error`.

    The code for a second write of a key within a second is not known; 971 is the API's general throttle.
    """
    if isinstance(error, RecursionError):
        return errors.bad_request(where + "metadata is nested too deeply")
    if isinstance(error, QuotaExceeded):
        return ApiError(429, errors.QUOTA_SPENT, errors.QUOTA_SPENT_TEXT)
    if not isinstance(error, KVRequestFailed):
        return errors.bad_request(where + error.message)
    if error.status == 429:
        return ApiError(429, errors.THROTTLED, where + error.reason, headers={"Retry-After": "1"})
    code = errors.BAD_TTL if error.status == 400 else errors.BAD_REQUEST
    if error.status >= 500:
        code = errors.INTERNAL
    return ApiError(error.status, code, where + error.reason)
