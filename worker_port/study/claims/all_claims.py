"""All claims of the design document, in its order, and checking them."""

from __future__ import annotations

from collections.abc import Callable, Collection

from worker_port.study.claims import (
    admin_routes,
    error_rules,
    error_writes,
    log_lifetimes,
    plan_costs,
    plans_per_day,
    unmeasurable,
)
from worker_port.study.claims.measurements import Measurements
from worker_port.study.claims.model import Checked, DocumentClaim

_TOPICS = (
    plan_costs,
    plans_per_day,
    error_writes,
    error_rules,
    log_lifetimes,
    admin_routes,
    unmeasurable,
)
CLAIMS: tuple[DocumentClaim, ...] = tuple(
    sorted((claim for topic in _TOPICS for claim in topic.CLAIMS), key=lambda claim: claim.number)
)
"""The 53 statements that the design document, two files beside it and its seed file make."""

Progress = Callable[[str], None]


def check_claims(
    numbers: Collection[int] = (),
    *,
    measurements: Measurements | None = None,
    progress: Progress | None = None,
) -> list[Checked]:
    """Measure every claim now, or those with these numbers.

    progress: called with each claim before it is measured.
    """
    measurements = Measurements() if measurements is None else measurements
    checked: list[Checked] = []
    for claim in CLAIMS:
        if numbers and claim.number not in numbers:
            continue
        if progress is not None:
            progress(f"claim {claim.number}: {claim.says}")
        checked.append(Checked(claim, claim.check(measurements)))
    return checked
