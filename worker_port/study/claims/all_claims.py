"""All claims of the design document, in its order, and checking them."""

from __future__ import annotations

from collections.abc import Callable, Collection

from worker_port.study.claims import (
    admin_routes,
    days,
    error_rules,
    error_writes,
    log_lifetimes,
    plan_costs,
    plans_per_day,
    true_statements,
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
    days,
    true_statements,
    unmeasurable,
)
CLAIMS: tuple[DocumentClaim, ...] = tuple(
    sorted((claim for topic in _TOPICS for claim in topic.CLAIMS), key=lambda claim: claim.number)
)
"""The registry: what the design document says, and three statements of other documents."""
OF_THE_DOCUMENT: tuple[DocumentClaim, ...] = tuple(claim for claim in CLAIMS if not claim.document)
"""Those that are counted: all that the design document itself says."""

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
