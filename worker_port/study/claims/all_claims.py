"""All claims of the design document, in its order, and checking them."""

from __future__ import annotations

from collections.abc import Callable, Collection

from worker_port.study.claims import admin_routes, error_rules, error_writes, plan_costs, plans_per_day
from worker_port.study.claims import log_lifetimes as shelf_life
from worker_port.study.claims import unmeasurable as texts
from worker_port.study.claims.measurements import Lab
from worker_port.study.claims.model import Checked, Claim

_TOPICS = (plan_costs, plans_per_day, error_writes, error_rules, shelf_life, admin_routes, texts)
CLAIMS: tuple[Claim, ...] = tuple(
    sorted((claim for topic in _TOPICS for claim in topic.CLAIMS), key=lambda claim: claim.number)
)
"""The 53 statements that the design document, two files beside it and its seed file make."""

Progress = Callable[[str], None]


def check_claims(
    numbers: Collection[int] = (), *, lab: Lab | None = None, progress: Progress | None = None
) -> list[Checked]:
    """Measure every claim now, or those with these numbers.

    progress: told each claim before it is measured.
    """
    lab = Lab() if lab is None else lab
    checked: list[Checked] = []
    for claim in CLAIMS:
        if numbers and claim.number not in numbers:
            continue
        if progress is not None:
            progress(f"claim {claim.number}: {claim.says}")
        checked.append(Checked(claim, claim.check(lab)))
    return checked
