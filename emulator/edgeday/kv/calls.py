"""One KV call, from its checked arguments to its outcome: quota, subrequest, faults, store, event.

A binding, the REST API and the dashboard make the same calls; they differ in how they read arguments, and in
what they make of the answer and of the errors.

Order: the runtime's checks of the arguments (free; the maker's), the daily quota, the subrequest count, the
backend's checks, the store. Source: workerd 6552d99 api/kv.c++ `getHttpClient`. That a call which the
backend refuses has spent its unit is not documented; it is taken so, because the quota comes first.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable
from typing import ClassVar, Generic, NamedTuple, NoReturn, TypeVar

from edgeday.account import Services
from edgeday.errors import KVRequestFailed, QuotaExceeded, TooManySubrequests
from edgeday.events import CALL_FAILED, Cause, Operation, failed_call
from edgeday.invocation import INTERNAL_TEXT, Caller, current_caller
from edgeday.kv.validation import Refusal
from edgeday.ledger import Op, Spend, quota_error
from edgeday.storage.records import KVEntry, Store

Stored = TypeVar("Stored")
"""What the store answers a call with."""
Answer = TypeVar("Answer")
"""What a call gives to its maker."""

TOO_SOON = Refusal(429, "Too Many Requests")
_IN_TROUBLE = " (KV was in trouble)"
"""What the event of a failed call says besides the error, where a fault is to blame and not the call."""


class CallTarget(NamedTuple):
    """The namespace that calls go to. binding: as their events name it."""

    services: Services
    binding: str
    namespace: str


class KVCall(ABC, Generic[Stored, Answer]):
    """One call, made for one `perform`. key: as its event shows it. refusal: the backend's, of arguments."""

    __slots__ = ("_caller", "_key", "_refusal", "_target")

    _caller: Caller
    _refusal: Refusal | None
    op: str
    """As events name it."""
    units: int = 1
    """What it costs."""
    quota: ClassVar[Op]
    fault: ClassVar[str]
    """How faults name such calls."""
    method: ClassVar[str]
    """How the runtime's errors name them."""

    def __init__(self, target: CallTarget, key: str, refusal: Refusal | None = None) -> None:
        self._target = target
        self._key = key
        self._refusal = refusal

    @abstractmethod
    def _act(self, store: Store, spend: Spend) -> Awaitable[Stored | None]:
        """Do the work, paid for by `spend`; None: the quota refused that."""

    @abstractmethod
    def _conclude(self, stored: Stored) -> Answer:
        """Report the outcome, and answer. Raises KVRequestFailed."""

    async def perform(self) -> Answer:
        """Spend, count, meet faults, do the work, report.

        Raises QuotaExceeded or TooManySubrequests, and then nothing has changed but what counts refusals;
        KVRequestFailed, where the units are spent all the same.
        """
        services = self._target.services
        spend = services.ledger.spend(self.quota, self.units)
        caller = self._caller = current_caller(services)
        if not caller.take_internal():
            await self._refuse_subrequest(spend)
        if self._refusal is not None:
            await self._fail(spend, self._refusal, Cause.BACKEND)
        if services.troubles is not None:
            trouble = services.troubles.of_kv(self.fault)
            if trouble is not None:
                await self._fail(spend, Refusal(*trouble), Cause.FAULT)
        stored = await self._act(services.store, spend)
        if stored is None:
            self._refuse_quota()
        return self._conclude(stored)

    async def _refuse_subrequest(self, spend: Spend) -> NoReturn:
        """Raise what a call meets that has no subrequest left: the quota's error if that is spent too."""
        services = self._target.services
        if not services.ledger.would_accept(spend):
            await services.store.charge(spend)
            raise self._over_quota()
        self._caller.refuse_internal()
        self._emit("refused", 0, 0, INTERNAL_TEXT, Cause.SUBREQUESTS)
        raise TooManySubrequests(INTERNAL_TEXT)

    async def _fail(self, spend: Spend, refusal: Refusal, cause: Cause) -> NoReturn:
        """Charge a call that the backend then refuses, and raise its error."""
        if not await self._target.services.store.charge(spend):
            self._refuse_quota()
        raise self._failure(refusal, cause)

    def _refuse_quota(self) -> NoReturn:
        """Raise the error of a spent quota; the call then is no subrequest."""
        self._caller.cancel_internal()
        raise self._over_quota()

    def _over_quota(self) -> QuotaExceeded:
        """Report a call that the quota refused; its error."""
        error = quota_error(self.quota)
        self._emit("refused", self.units, 0, error.message, Cause.QUOTA)
        return error

    def _failure(
        self, refusal: Refusal, cause: Cause, units: int | None = None, key: str | None = None
    ) -> KVRequestFailed:
        """Report a call that was charged and then refused, or one key of a bulk call; its error."""
        error = KVRequestFailed(self.method, refusal.status, refusal.reason)
        remark = _IN_TROUBLE if cause is Cause.FAULT else ""
        if cause is Cause.BACKEND:
            self._caller.diagnose(CALL_FAILED, failed_call(f"KV {self.op}", self._key, error.message))
        self._emit("error", self.units if units is None else units, 0, error.message + remark, cause, key)
        return error

    def _emit(
        self,
        outcome: str,
        units: int,
        size: int = 0,
        reason: str = "",
        cause: Cause = Cause.NONE,
        key: str | None = None,
        entry: KVEntry | None = None,
    ) -> None:
        """Report. key: of a bulk call's many. entry: what it stored."""
        services, binding, _ = self._target
        caller = self._caller
        services.events.emit(
            Operation(
                services.clock.now(),
                "kv",
                self.op,
                binding,
                self._key if key is None else key,
                outcome,
                reason,
                units,
                size,
                caller.number,
                caller.route,
                caller.colo,
                None if entry is None else entry.expires_at,
                cause,
                0 if entry is None or entry.metadata is None else len(entry.metadata.encode()),
            )
        )


class Get(KVCall[list[KVEntry | None], KVEntry | None]):
    """Read one key: its live entry, or None. op: get or getWithMetadata."""

    __slots__ = ("_cache_ttl_s", "op")

    quota, fault, method = Op.READ, "get", "GET"

    def __init__(
        self,
        target: CallTarget,
        op: str,
        key: str,
        refusal: Refusal | None = None,
        cache_ttl_s: int | None = None,
    ) -> None:
        self._target = target  # the base's, written out as in `Put`
        self._key = key
        self._refusal = refusal
        self.op = op
        self._cache_ttl_s = cache_ttl_s

    def _act(self, store: Store, spend: Spend) -> Awaitable[list[KVEntry | None] | None]:
        services, _, namespace = self._target
        return store.kv_get(spend, namespace, (self._key,), services.clock.now(), self._cache_ttl_s)

    def _conclude(self, stored: list[KVEntry | None]) -> KVEntry | None:
        (entry,) = stored
        if entry is None:
            self._emit("miss", 1)
        else:
            self._emit("hit", 1, len(entry.value))
        return entry


class Put(KVCall[list[bool], None]):
    """Replace one key's value, metadata and expiry."""

    __slots__ = ("_entry",)

    op, quota, fault, method = "put", Op.WRITE, "put", "PUT"

    _entry: KVEntry

    def __init__(self, target: CallTarget, key: str, entry: KVEntry | Refusal) -> None:
        self._target = target  # the base's, written out: `super` would cost more than all the rest of it
        self._key = key
        if isinstance(entry, Refusal):
            self._refusal = entry
        else:
            self._refusal = None
            self._entry = entry

    def _act(self, store: Store, spend: Spend) -> Awaitable[list[bool] | None]:
        services, _, namespace = self._target
        return store.kv_put(spend, namespace, ((self._key, self._entry),), services.key_write_interval_s)

    def _conclude(self, stored: list[bool]) -> None:
        if not stored[0]:
            raise self._failure(TOO_SOON, Cause.KEY_RATE)
        entry = self._entry
        self._emit("stored", 1, len(entry.value), entry=entry)


class Delete(KVCall[list[bool], None]):
    """Remove one key; nothing happens if it is not there."""

    __slots__ = ()

    op, quota, fault, method = "delete", Op.DELETE, "delete", "DELETE"

    def _act(self, store: Store, spend: Spend) -> Awaitable[list[bool] | None]:
        services, _, namespace = self._target
        return store.kv_delete(spend, namespace, (self._key,), services.clock.now())

    def _conclude(self, stored: list[bool]) -> None:
        self._emit("deleted" if stored[0] else "absent", 1)
