"""KV as people and programs outside the worker use it: the REST API and the dashboard.

Same ledger, same store, same rules as a worker's binding; refusals are `ApiError`. Nothing here is a
subrequest of an invocation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from edgeday.account import Services
from edgeday.clock import LAST_INSTANT
from edgeday.errors import KVRequestFailed, PlatformError, QuotaExceeded
from edgeday.events import Cause
from edgeday.kv import bulk, validation
from edgeday.kv.calls import Metering
from edgeday.kv.cursors import from_cursor, to_cursor
from edgeday.kv.options import ReadOptions
from edgeday.ledger import Charge, Op
from edgeday.server import errors
from edgeday.server.errors import ApiError
from edgeday.server.namespaces import Namespace
from edgeday.storage.records import KVEntry, ListedKey

BULK_LIMIT = 10_000
"""Pairs, or keys to delete, of one bulk request. Source: Cloudflare docs, KV write key-value pairs."""
_TOO_SOON = validation.Refusal(429, "Too Many Requests")


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


class ListedPage(NamedTuple):
    """A page of keys; `cursor` is "" on the last one."""

    keys: list[ListedKey]
    cursor: str


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
        services = self._services
        metering = Metering(services, self._name(namespace))
        event = "get" if op == "get" else "getWithMetadata"
        try:
            name = validation.check_key(key, "GET", services.limits.kv_key_bytes)
            spend = services.ledger.spend(Op.READ)
            charge, entries = await services.store.kv_get(spend, namespace.id, (name,), services.clock.now())
            metering.admit(charge, None, event, name)
        except PlatformError as error:
            raise _refusal(error) from None
        entry = entries[0]
        if entry is None:
            metering.emit(event, name, "miss", "", 1, 0, None)
            raise errors.key_not_found(op)
        metering.emit(event, name, "hit", "", 1, len(entry.value), None)
        return entry

    async def put(self, namespace: Namespace, write: Write) -> None:
        """Replace value, metadata and expiry of a key together.

        Costs:  1 write unit, also if TTL, size or the write rate refuse it, as for a worker's put.
        Raises: ApiError 400 (key, expiry), 413, 414, 429 (the day's writes; a key twice within a second).
        An entry may expire until the year 9999: the 32 bits of a worker's binding are the runtime's. (What
        Cloudflare's last instant is, is not documented.)
        """
        services, metering = self._services, Metering(self._services, self._name(namespace))
        try:
            key, entry = write.key, self._entry(write)
            spend = services.ledger.spend(Op.WRITE)
            if isinstance(entry, validation.Refusal):
                await metering.refuse(spend, None, "put", key, "PUT", entry)
            charge, stored = await services.store.kv_put(
                spend, namespace.id, key, entry, self._write_interval_s
            )
            metering.admit(charge, None, "put", key)
            if not stored:
                metering.fail(1, None, "put", key, "PUT", _TOO_SOON, Cause.KEY_RATE)
        except (PlatformError, RecursionError) as error:
            raise _refusal(error) from None
        metering.emit("put", key, "stored", "", 1, len(entry.value), None, entry.expiration)

    async def delete(self, namespace: Namespace, key: str) -> None:
        """Remove a key; nothing happens if it is not there. Costs 1 delete unit. Raises ApiError."""
        services, metering = self._services, Metering(self._services, self._name(namespace))
        try:
            validation.check_key(key, "DELETE", services.limits.kv_key_bytes)
            spend = services.ledger.spend(Op.DELETE)
            charge, found = await services.store.kv_delete(spend, namespace.id, key, services.clock.now())
            metering.admit(charge, None, "delete", key)
        except PlatformError as error:
            raise _refusal(error) from None
        metering.emit("delete", key, "deleted" if found else "absent", "", 1, 0, None)

    async def list(self, namespace: Namespace, *, prefix: str, limit: int, cursor: str) -> ListedPage:
        """One page of live keys in UTF-8 byte order; `limit` 1 to 1000, `cursor` "" for the first page.

        Costs:  1 list unit, also for an empty page.
        Raises: ApiError 414 for a long prefix, 429 once the day's lists are spent.
        """
        services = self._services
        refusal = validation.key_too_long(prefix, services.limits.kv_key_bytes)
        if refusal is not None:
            raise ApiError(refusal.status, errors.BAD_REQUEST, f"list keys: '{refusal.reason}'")
        metering = Metering(services, self._name(namespace))
        charge, page = await services.store.kv_list(
            services.ledger.spend(Op.LIST),
            namespace.id,
            prefix,
            from_cursor(cursor),
            limit,
            services.clock.now(),
        )
        try:
            metering.admit(charge, None, "list", prefix)
        except QuotaExceeded as error:
            raise _refusal(error) from None
        metering.emit("list", prefix, "ok", "", 1, 0, None)
        return ListedPage(page.keys, to_cursor(page.keys[-1].name) if page.more else "")

    async def bulk_get(
        self, namespace: Namespace, keys: Sequence[str], kind: str
    ) -> dict[str, KVEntry | None]:
        """The entries of up to 100 keys, in the order asked, None for each that is missing.

        kind: "text" or "json", what the caller takes the values for; they are not looked at.
        Costs:  1 read unit for each key asked, duplicates too; nothing if the request is refused as such.
        Raises: ApiError 400 (kind, number of keys, a bad key), 413 (25 MiB in all), 414, 429.
        """
        services = self._services
        limits = services.limits
        options = ReadOptions(kind, None)
        refusal = bulk.refusal_of_request(options, len(keys), limits) or next(
            (found for key in keys if (found := validation.bulk_key(key, limits.kv_key_bytes))), None
        )
        if refusal is not None:
            raise ApiError(refusal.status, errors.BAD_BULK_GET, f"bulk get keys: '{refusal.reason}'")
        wanted = list(dict.fromkeys(keys))
        metering = Metering(services, self._name(namespace))
        shown = ",".join(wanted)[:512]
        spend = services.ledger.spend(Op.READ, len(keys))
        charge, entries = await services.store.kv_get(spend, namespace.id, wanted, services.clock.now())
        try:
            metering.admit(charge, None, "get", shown)
        except QuotaExceeded as error:
            raise _refusal(error) from None
        size = sum(len(entry.value) for entry in entries if entry is not None)
        if size > limits.kv_bulk_get_bytes:
            text = f"Total size of request exceeds the limit of {limits.kv_bulk_get_bytes // 2**20}MB"
            metering.emit("get", shown, "error", text, len(keys), 0, None, None, Cause.BACKEND)
            raise ApiError(413, errors.BAD_BULK_GET, f"bulk get keys: '{text}'")
        text = f"{sum(entry is not None for entry in entries)} of {len(wanted)} keys found"
        metering.emit("get", shown, "ok", text, len(keys), size, None)
        return dict(zip(wanted, entries, strict=True))

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
        services, metering = self._services, Metering(self._services, self._name(namespace))
        charge, stored = await services.store.kv_put_all(
            services.ledger.spend(Op.WRITE, len(entries)), namespace.id, entries, self._write_interval_s
        )
        _admit_bulk(metering, charge, "put")
        failed: list[str] = []
        for (key, entry), done in zip(entries, stored, strict=True):
            if done:
                metering.emit("put", key, "stored", "", 1, len(entry.value), None, entry.expiration)
            else:
                failed.append(key)
                with suppress(KVRequestFailed):
                    metering.fail(1, None, "put", key, "PUT", _TOO_SOON, Cause.KEY_RATE)
        return BulkResult(len(entries) - len(failed), failed)

    async def bulk_delete(self, namespace: Namespace, keys: Sequence[str]) -> BulkResult:
        """Remove up to 10,000 keys in one transaction; missing ones count as removed.

        Checks and quota as for `bulk_put`. Costs: 1 delete unit for each key. Raises: ApiError.
        """
        self._check_count(len(keys), "keys")
        services, metering = self._services, Metering(self._services, self._name(namespace))
        try:
            for key in keys:
                validation.check_key(key, "DELETE", services.limits.kv_key_bytes)
        except PlatformError as error:
            raise _refusal(error) from None
        charge, found = await services.store.kv_delete_all(
            services.ledger.spend(Op.DELETE, len(keys)), namespace.id, keys, services.clock.now()
        )
        _admit_bulk(metering, charge, "delete")
        for key, was_there in zip(keys, found, strict=True):
            metering.emit("delete", key, "deleted" if was_there else "absent", "", 1, 0, None)
        return BulkResult(len(keys))

    def _entry(self, write: Write) -> KVEntry | validation.Refusal:
        """What a write stores now, or why the backend refuses it.

        Raises PlatformError or RecursionError for a key or metadata that no call is made of.
        """
        services = self._services
        limits = services.limits
        validation.check_key(write.key, "PUT", limits.kv_key_bytes)
        metadata = validation.as_metadata(write.metadata)
        now = services.clock.now()
        expires_at = validation.expiry(int(now), write.expiration, write.ttl, limits)
        if isinstance(expires_at, validation.Refusal):
            return expires_at
        if expires_at is not None and expires_at > LAST_INSTANT:
            return validation.Refusal(
                400, f"Invalid expiration of {expires_at}. It is in seconds, up to {LAST_INSTANT}."
            )
        if services.switches.value_sizes == "enforce":
            refusal = validation.check_sizes(len(write.value), metadata, limits)
            if refusal is not None:
                return refusal
        return KVEntry(write.value, metadata, expires_at, now)

    def _entry_of_pair(self, write: Write, number: int) -> KVEntry:
        """What one pair of a bulk put stores. Raises ApiError."""
        try:
            entry = self._entry(write)
            if isinstance(entry, validation.Refusal):
                raise KVRequestFailed("PUT", entry.status, entry.reason)
        except (PlatformError, RecursionError) as error:
            raise _refusal(error, f"pair {number}: ") from None
        return entry

    def _check_count(self, count: int, what: str) -> None:
        if count > BULK_LIMIT:
            raise errors.bad_request(f"a bulk request may have {BULK_LIMIT} {what}, this has {count}")

    def _name(self, namespace: Namespace) -> str:
        return self._bindings.get(namespace.id, namespace.title)

    @property
    def _write_interval_s(self) -> float:
        """Seconds that have to pass between two writes of one key."""
        services = self._services
        enforced = services.switches.key_write_rate == "enforce"
        return services.limits.kv_key_write_interval_ms / 1000 if enforced else 0.0


def _admit_bulk(metering: Metering, charge: Charge, op: str) -> None:
    """Raise if the quota has refused a bulk request; one event says so for all its keys."""
    try:
        metering.admit(charge, None, op, f"{charge.units} keys")
    except QuotaExceeded as error:
        raise _refusal(error) from None


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
    return ApiError(error.status, code, where + error.reason)
