"""Where claims are measured: the worker's testbeds, and measurements that several claims share.

Each measurement is made once. The claims are about one worker, named by its entry string.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

from edgeday import (
    Fixed,
    Loaded,
    Mode,
    Scenario,
    ScenarioWorker,
    Snapshot,
    Switches,
    YamlSource,
    import_worker,
    measure_capacity,
    replay_scenario,
)
from worker_port.profile.traffic import Ai, Errors, PlanTraffic, Retries
from worker_port.study.features import FEATURES, Share
from worker_port.study.testbed import Answered, Cost, Testbed

ENTRY = "worker_port:AiDietWorker"
BEFORE = ("kv_only_v1", "kv_only")
"""The forms that the document's "Before" can mean."""
DOCUMENT = "hybrid"
"""The form that the document describes."""
_SHORT = Ai(prompt_chars=Fixed(value=0), response_chars=Fixed(value=0))
"""Texts change no count, and short ones take less time."""
_START = datetime(2026, 2, 16, tzinfo=UTC)
Calls = Literal[7, 9]
NUMBERS_OF_CALLS: tuple[Calls, ...] = (9, 7)
"""AI calls of a plan: the document's, and the code's."""
T = TypeVar("T")


class Measurements:
    """Measures the worker `entry` and remembers what it has measured."""

    def __init__(self, entry: str = ENTRY) -> None:
        self.worker = import_worker(entry)
        self.variants: tuple[str, ...] = getattr(self.worker, "variants", ())
        self._entry = entry
        self._known: dict[tuple[object, ...], object] = {}

    def testbed(self, variant: str = DOCUMENT, **options: Any) -> Testbed:
        """A new testbed of a variant; options: see `Testbed`."""
        return Testbed(self.worker, variant, **options)

    def function(self, name: str) -> Callable[..., Any]:
        """A function of the worker's module."""
        function: Callable[..., Any] = getattr(importlib.import_module(self._entry.partition(":")[0]), name)
        return function

    def plan(self, variant: str = DOCUMENT, calls: int = 7, fails: tuple[int, ...] = ()) -> Answered:
        """The first plan of a new testbed; fails: AI calls that fail."""
        return self._once(
            ("plan", variant, calls, fails), lambda: self.testbed(variant).plan(calls=calls, fails=fails)
        )

    def cost(self, variant: str = DOCUMENT, calls: int = 7, fails: tuple[int, ...] = ()) -> Cost:
        """What that plan cost."""
        return self.plan(variant, calls, fails).cost

    def model_plan(self, request_errors: int, response_errors: int) -> Cost:
        """A plan of nine calls in the document's model: requests have errors, and all calls are made."""
        return self._once(
            ("model plan", request_errors, response_errors),
            lambda: (
                self.testbed()
                .plan(
                    calls=9,
                    request_errors=range(1, request_errors + 1),
                    fails=range(4, 4 + response_errors),
                    goes_on=True,
                )
                .cost
            ),
        )

    def plans_that_fit(self, variant: str, calls: Calls) -> int:
        """Plans without errors that fit a day on Free, found by running them until a limit is passed."""
        fits = self._once(
            ("fits", variant, calls),
            lambda: measure_capacity(self._scenario(variant, calls, 1, None), up_to=100).fits,
        )
        if fits is None:
            raise ValueError(f"{variant}: no limit is passed by 100 plans")
        return fits

    def plans_of_hybrid(self, calls: Calls = 7) -> int:
        """Plans that fit a day on Free with all its limits, five of a hundred stopped by a failed call."""
        scenario = self._scenario(DOCUMENT, calls, 100, Errors(plans=5), subrequests="enforce")
        fits = self._once(("plans of hybrid", calls), lambda: measure_capacity(scenario).fits)
        if fits is None:
            raise ValueError("no limit is passed by the largest day that is tried")
        return fits

    def model_day(
        self, plans: int, error_plans: int, request_errors: int = 1, response_errors: int = 2
    ) -> Snapshot:
        """A day of the document's scenarios, replayed in its own model, the subrequest limit not enforced."""
        errors = Errors(
            plans=error_plans, request_errors=request_errors, response_errors=response_errors, then="continue"
        )
        return self._once(
            ("model day", plans, error_plans, request_errors, response_errors),
            lambda: replay_scenario(self._scenario(DOCUMENT, 9, plans, errors)).metrics,
        )

    def real_day(self, plans: int, error_plans: int) -> Snapshot:
        """The same day as the code has it: seven calls, an error plan stops at its failed call."""
        errors = Errors(plans=error_plans)
        return self._once(
            ("real day", plans, error_plans),
            lambda: replay_scenario(self._scenario(DOCUMENT, 7, plans, errors)).metrics,
        )

    def enforced_day(self) -> Snapshot:
        """The normal day with nine calls a plan and the limit of subrequests enforced."""
        errors = Errors(plans=2, response_errors=2)
        scenario = self._scenario(DOCUMENT, 9, 50, errors, subrequests="enforce")
        return self._once(("enforced day",), lambda: replay_scenario(scenario).metrics)

    def incident_week(self) -> Snapshot:
        """A week of 20 plans a day so, with a provider that needs retries."""
        ai = _SHORT.model_copy(update={"retries": Retries(rate=0.1)})
        scenario = self._scenario(DOCUMENT, 9, 20, Errors(plans=1), subrequests="enforce", days=7, ai=ai)
        return self._once(("incident week",), lambda: replay_scenario(scenario).metrics)

    def real_month(self) -> Snapshot:
        """30 days of 30 plans as the code makes them; which of them fail, 5 %, is drawn."""
        scenario = self._scenario(DOCUMENT, 7, 30, Errors(rate=0.05), days=30)
        return self._once(("real month",), lambda: replay_scenario(scenario).metrics)

    def feature(self, variant: str, name: str) -> Share:
        """One feature of a variant; names as in `study.features.FEATURES`."""
        (feature,) = (one for one in FEATURES if one.name == name)
        return self._once(
            ("feature", variant, name),
            lambda: feature.measure(lambda mode: self.testbed(variant, subrequests=mode)),
        )

    def _scenario(
        self,
        variant: str,
        calls: Calls,
        plans: int,
        errors: Errors | None,
        *,
        days: int = 1,
        subrequests: Mode = "observe",
        ai: Ai = _SHORT,
    ) -> Loaded:
        scenario = Scenario(
            name="claims",
            start=_START,
            days=days,
            worker=ScenarioWorker(entry=self._entry, variant=variant),
            limits=Switches(subrequests=subrequests),
            traffic=[PlanTraffic(plans=(plans,), ai_calls=calls, errors=errors, ai=ai)],
        )
        return Loaded(Path("claims"), scenario, self.worker, YamlSource("claims", []))

    def _once(self, name: tuple[object, ...], measure: Callable[[], T]) -> T:
        if name not in self._known:
            self._known[name] = measure()
        return cast("T", self._known[name])
