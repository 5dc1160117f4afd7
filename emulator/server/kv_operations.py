"""KV as people and programs outside the worker use it: the REST API and the dashboard.

Same ledger, same store, same rules as a worker's binding; refusals are `ApiError`. Nothing here is a
subrequest of an invocation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, NoReturn

from emulator.errors import KVRequestFailed, PlatformError, QuotaExceeded
from emulator.kv import bulk, validation
from emulator.kv.cursors import from_cursor, to_cursor
from emulator.kv.metering import Metering
from emulator.kv.namespace import KVNamespace
from emulator.kv.options import ReadOptions, as_int32
from emulator.ledger import Op
from emulator.server import errors
from emulator.server.errors import ApiError
from emulator.server.namespaces import Namespace
from emulator.services import Services
from emulator.storage.records import KVEntry, ListedKey

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
        """
        try:
            await self._put(self._binding(namespace), write)
        except (PlatformError, RecursionError) as error:
            raise _refusal(error) from None

    async def delete(self, namespace: Namespace, key: str) -> None:
        """Remove a key; nothing happens if it is not there. Costs 1 delete unit. Raises ApiError."""
        try:
            await self._binding(namespace).delete(key)
        except PlatformError as error:
            raise _refusal(error) from None

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
            metering.emit("get", shown, "error", text, len(keys), 0, None)
            raise ApiError(413, errors.BAD_BULK_GET, f"bulk get keys: '{text}'")
        text = f"{sum(entry is not None for entry in entries)} of {len(wanted)} keys found"
        metering.emit("get", shown, "ok", text, len(keys), size, None)
        return dict(zip(wanted, entries, strict=True))

    async def bulk_put(self, namespace: Namespace, writes: Sequence[Write]) -> BulkResult:
        """Put up to 10,000 values.

        All are checked before any is put: a bad one refuses the request and nothing is charged. A request
        for more units than the day has left is refused whole, and booked as refused. (What Cloudflare
        does in both cases is not documented.) Keys written less than a second ago are in `failed`.
        Costs:  1 write unit for each pair.
        Raises: ApiError 400, 413, 414, 429.
        """
        self._check_count(len(writes), "pairs")
        for number, write in enumerate(writes):
            self._check(write, number)
        binding = self._binding(namespace)
        return await self._bulk(binding, Op.WRITE, [(write.key, write) for write in writes])

    async def bulk_delete(self, namespace: Namespace, keys: Sequence[str]) -> BulkResult:
        """Remove up to 10,000 keys; missing ones count as removed. Checks and quota as for `bulk_put`.

        Costs: 1 delete unit for each key. Raises: ApiError.
        """
        self._check_count(len(keys), "keys")
        try:
            for key in keys:
                validation.check_key(key, "DELETE", self._services.limits.kv_key_bytes)
        except PlatformError as error:
            raise _refusal(error) from None
        return await self._bulk(self._binding(namespace), Op.DELETE, [(key, None) for key in keys])

    async def _bulk(
        self, binding: KVNamespace, op: Op, work: Sequence[tuple[str, Write | None]]
    ) -> BulkResult:
        """Put, or where there is no Write delete, one key after the other, each with its own unit.

        So after a crash the units that are booked are those of the keys that were changed.
        """
        whole = self._services.ledger.spend(op, len(work))
        if not self._services.ledger.would_accept(whole):
            await self._refuse_whole(binding, op, len(work))
        failed: list[str] = []
        for number, (key, write) in enumerate(work):
            try:
                if write is None:
                    await binding.delete(key)
                else:
                    await self._put(binding, write)
            except QuotaExceeded:  # others have spent the units meanwhile; this one's refusal is booked
                await self._refuse_whole(binding, op, len(work) - number - 1)
            except KVRequestFailed:
                failed.append(key)
        return BulkResult(len(work) - len(failed), failed)

    async def _refuse_whole(self, binding: KVNamespace, op: Op, units: int) -> NoReturn:
        charge = await self._services.store.charge(self._services.ledger.spend(op, units))
        verb = "put" if op is Op.WRITE else "delete"
        metering = Metering(self._services, binding.binding)
        try:
            metering.admit(charge, None, verb, f"{units} keys")
        except QuotaExceeded as error:
            raise _refusal(error) from None
        raise quota_spent()

    async def _put(self, binding: KVNamespace, write: Write) -> None:
        given: dict[str, Any] = {}
        if write.expiration is not None:
            given["expiration"] = write.expiration
        if write.ttl is not None:
            given["expirationTtl"] = write.ttl
        if write.metadata is not None:
            given["metadata"] = write.metadata
        await binding.put(write.key, write.value, **given)

    def _check(self, write: Write, number: int) -> None:
        """Raise what would refuse one pair of a bulk put."""
        services = self._services
        limits = services.limits
        try:
            validation.check_key(write.key, "PUT", limits.kv_key_bytes)
            expiration = None if write.expiration is None else as_int32(write.expiration)
            ttl = None if write.ttl is None else as_int32(write.ttl)
            metadata = validation.as_metadata(write.metadata)
        except (PlatformError, RecursionError) as error:
            raise _refusal(error, f"pair {number}: ") from None
        expires_at = validation.expiry(int(services.clock.now()), expiration, ttl, limits)
        refusal = expires_at if isinstance(expires_at, validation.Refusal) else None
        if refusal is None and services.switches.value_sizes == "enforce":
            refusal = validation.check_sizes(len(write.value), metadata, limits)
        if refusal is not None:
            raise _refusal(KVRequestFailed("PUT", refusal.status, refusal.reason), f"pair {number}: ")

    def _check_count(self, count: int, what: str) -> None:
        if count > BULK_LIMIT:
            raise errors.bad_request(f"a bulk request may have {BULK_LIMIT} {what}, this has {count}")

    def _name(self, namespace: Namespace) -> str:
        return self._bindings.get(namespace.id, namespace.title)

    def _binding(self, namespace: Namespace) -> KVNamespace:
        return KVNamespace(self._services, self._name(namespace), namespace.id)


def quota_spent() -> ApiError:
    """429: a daily quota of the account is spent."""
    return ApiError(429, errors.QUOTA_SPENT, errors.QUOTA_SPENT_TEXT)


def _refusal(error: PlatformError | RecursionError, where: str = "") -> ApiError:
    """What the REST API says where a binding would have raised `error`.

    The code for a second write of a key within a second is not known; 971 is the API's general throttle.
    """
    if isinstance(error, RecursionError):
        return errors.bad_request(where + "metadata is nested too deeply")
    if isinstance(error, QuotaExceeded):
        return quota_spent()
    if not isinstance(error, KVRequestFailed):
        return errors.bad_request(where + error.message)
    if error.status == 429:
        return ApiError(429, errors.THROTTLED, where + error.reason, headers={"Retry-After": "1"})
    code = errors.BAD_TTL if error.status == 400 else errors.BAD_REQUEST
    return ApiError(error.status, code, where + error.reason)
