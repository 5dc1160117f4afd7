"""What places, slow storage, copies and evictions cost: a day of 20,000 plans with all of it beside all off.

    python -m benchmarks.platform [PLANS]

Each day is run once, for CPU time; the goal is at most 2.5 times the day with all off.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from edgeday.replay.runner import replay
from edgeday.scenario.loader import Loaded, load
from edgeday.scenario.production import ScenarioProduction

_DAY = Path(__file__).parent.parent / "scenarios" / "large" / "day-of-20000-plans.yaml"
GOAL = 2.5
ALL_ON = {
    "colos": {"SOF": 6, "FRA": 3, "IAD": 1},
    "isolates": {"per_colo": 2, "life": "30m"},
    "propagation": True,
    "latency": True,
    "eviction": {"megabytes": 100, "per_hour": 0.02},
}


def day_of(plans: int, platform: dict[str, object] | None) -> Loaded:
    """The large day with so many plans, one in twenty of which fails."""
    (day,) = load([_DAY])
    (traffic,) = day.scenario.traffic
    errors = {"plans": plans // 20, "response_errors": 1, "then": "abort"}
    changed = traffic.model_validate({**traffic.model_dump(mode="json"), "plans": plans, "errors": errors})
    production = None if platform is None else ScenarioProduction.model_validate(platform)
    scenario = day.scenario.model_copy(update={"traffic": [changed], "platform": production, "budgets": {}})
    return day._replace(scenario=scenario)


def cpu_seconds(day: Loaded) -> float:
    """CPU time of one replay."""
    began = time.process_time()
    replay(day)
    return time.process_time() - began


def main() -> None:
    plans = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    off = cpu_seconds(day_of(plans, None))
    on = cpu_seconds(day_of(plans, ALL_ON))
    verdict = "within" if on <= GOAL * off else "over"
    print(f"a day of {plans:,} plans, all off: {off:.1f} s of CPU")
    print(f"three data centres, latency, propagation, eviction and isolates: {on:.1f} s")
    print(f"ratio {on / off:.2f}, {verdict} the goal of {GOAL}")


if __name__ == "__main__":
    main()
