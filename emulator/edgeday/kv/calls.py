"""The path that every KV call takes between its checks and the store: quota, subrequest, event.

Order: the runtime's checks of the arguments (free), the daily quota, the subrequest count, the
backend's checks, the store. Source: workerd 6552d99 api/kv.c++ `getHttpClient`. That a call which the
backend refuses has spent its unit is not documented; it is taken so, because the quota comes first.
"""

from __future__ import annotations

from typing import NoReturn

from edgeday.account import Services
from edgeday.errors import KVRequestFailed, PlatformError, TooManySubrequests
from edgeday.events import Cause, Operation
from edgeday.invocation import INTERNAL_TEXT, Invocation
from edgeday.kv.validation import Refusal
from edgeday.ledger import Charge, Spend, quota_error

_IN_TROUBLE = " (KV was in trouble)"
"""What the event of a failed call says besides the error, where a fault is to blame and not the call."""


class Metering:
    """Admits and reports the calls of one binding."""

    __slots__ = ("_binding", "_services")

    def __init__(self, services: Services, binding: str) -> None:
        self._services = services
        self._binding = binding

    def take_subrequest(self, invocation: Invocation | None) -> bool:
        """Count the subrequest of a call; False if there is none left: `refuse_subrequest` comes next."""
        if invocation is None:
            return True
        if invocation.internal_spent():
            return False
        invocation.internal += 1
        return True

    async def refuse_subrequest(
        self, spend: Spend, invocation: Invocation | None, op: str, key: str
    ) -> NoReturn:
        """Raise what a call meets that has no subrequest left: the quota's error if that is spent too."""
        if not self._services.ledger.would_accept(spend):
            await self._services.store.charge(spend)
            error: PlatformError = quota_error(spend.op)
            self.emit(op, key, "refused", error.message, spend.units, 0, invocation, None, Cause.QUOTA)
            raise error
        error = TooManySubrequests(INTERNAL_TEXT)
        if invocation is not None:
            invocation.internal += 1
            invocation.refused += 1
        self.emit(op, key, "refused", error.message, 0, 0, invocation, None, Cause.SUBREQUESTS)
        raise error

    def admit(self, charge: Charge, invocation: Invocation | None, op: str, key: str) -> None:
        """After the charge: raise if the quota refused it, which then has cost no subrequest."""
        if charge.accepted:
            return
        if invocation is not None:
            invocation.internal -= 1
        error = quota_error(charge.op)
        self.emit(op, key, "refused", error.message, charge.units, 0, invocation, None, Cause.QUOTA)
        raise error

    async def refuse(
        self, spend: Spend, invocation: Invocation | None, op: str, key: str, method: str, refusal: Refusal
    ) -> NoReturn:
        """Charge a call that the backend then refuses, and raise its error."""
        self.admit(await self._services.store.charge(spend), invocation, op, key)
        self.fail(spend.units, invocation, op, key, method, refusal)

    async def meet_trouble(
        self, spend: Spend, invocation: Invocation | None, op: str, key: str, method: str, kind: str
    ) -> None:
        """Raise what the backend answers with while it is in trouble. kind: get, put, delete or list."""
        troubles = self._services.troubles
        found = None if troubles is None else troubles.of_kv(kind)
        if found is not None:
            self.admit(await self._services.store.charge(spend), invocation, op, key)
            self.fail(spend.units, invocation, op, key, method, Refusal(*found), Cause.FAULT)

    def fail(
        self,
        units: int,
        invocation: Invocation | None,
        op: str,
        key: str,
        method: str,
        refusal: Refusal,
        cause: Cause = Cause.BACKEND,
    ) -> NoReturn:
        """Raise the error of a call that was charged and that the backend refuses."""
        error = KVRequestFailed(method, refusal.status, refusal.reason)
        remark = _IN_TROUBLE if cause is Cause.FAULT else ""
        self.emit(op, key, "error", error.message + remark, units, 0, invocation, None, cause)
        raise error

    def emit(
        self,
        op: str,
        key: str,
        outcome: str,
        reason: str,
        units: int,
        size: int,
        invocation: Invocation | None,
        expires_at: float | None = None,
        cause: Cause = Cause.NONE,
    ) -> None:
        """Report a call that is over. expires_at: of what it stored."""
        number, route, colo = (
            (0, "", "") if invocation is None else (invocation.number, invocation.route, invocation.colo)
        )
        services = self._services
        now = services.clock.now()
        binding = self._binding
        services.events.emit(
            Operation(
                now,
                "kv",
                op,
                binding,
                key,
                outcome,
                reason,
                units,
                size,
                number,
                route,
                colo,
                expires_at,
                cause,
            )  # fmt: skip
        )
