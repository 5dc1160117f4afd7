"""Why the platform refused an operation, in words: which limit, how much of it is spent, until when. Pure."""

from __future__ import annotations

from edgeday.account import Services
from edgeday.events import EXTERNAL_SERVICES, Cause, Operation
from edgeday.ledger import QUOTA_OF, Ledger
from edgeday.limits import AccountLimits
from edgeday.server.words import duration


def reason_of(operation: Operation, services: Services) -> str:
    """A sentence without its full stop: the platform's own text, and the numbers behind it."""
    text = operation.reason.removesuffix(".")
    if operation.cause is Cause.QUOTA:
        return f"{text}: {_quota(operation, services.ledger, services.clock.now())}"
    if operation.cause is Cause.SUBREQUESTS:
        return f"{text.partition('. ')[0]}: {_subrequests(operation, services.limits)}"
    if operation.cause is Cause.KEY_RATE:
        return f"{text} (a key takes one write a second)"
    return text


def _quota(operation: Operation, ledger: Ledger, now_s: float) -> str:
    quota = QUOTA_OF[operation.service, operation.op]
    spent, limit = ledger.usage(quota.op).accepted, ledger.limit(quota.op)
    return f"{spent} of {limit} {quota.name} spent, resets in {duration(ledger.resets_at - now_s)}"


def _subrequests(operation: Operation, limits: AccountLimits) -> str:
    if limits.subrequests_shared:
        return f"all {limits.external_subrequests} of this invocation are used"
    if operation.service in EXTERNAL_SERVICES:
        return f"all {limits.external_subrequests} fetches and cache calls of this invocation are used"
    return f"all {limits.internal_subrequests} KV calls of this invocation are used"
