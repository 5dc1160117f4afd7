"""Replays days of any size for a capacity search: in full, or thinned where that shows the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from edgeday.measure.requests_by_route import NEARLY_ALL, NOT_THERE
from edgeday.measure.results import ScenarioResult
from edgeday.replay.capacity_days import growing_part, scaled
from edgeday.replay.capacity_evidence import Evidence
from edgeday.replay.capacity_limits import LIMIT_NAMES, OF_EVERY_DAY, DayReplayed, LimitReached, mode_of
from edgeday.replay.capacity_meter import DayMeter, ThinnedMeter
from edgeday.replay.capacity_thinning import NOTHING_SAVED, Choice, Known, choose
from edgeday.replay.first_state import FirstState
from edgeday.replay.runner import Progress, ReplayFailed, replay, simulate
from edgeday.replay.worker_console import HiddenConsole
from edgeday.scenario.loader import Loaded

THIN_ABOVE = 3.0
"""Days whose full replay would take more work than this, in seconds of an ordinary machine, are thinned."""
_REQUEST_S = 100e-6
_OPERATION_S = 16e-6
"""What a request and an operation of it take. Not measured anew, so that the same scenario is always searched
in the same way."""


@dataclass(frozen=True, slots=True)
class Day:
    """A replayed day. exceeded: the limits that it exceeds, by name, with words."""

    replayed: DayReplayed
    meter: DayMeter
    exceeded: dict[str, str]

    @property
    def count(self) -> int:
        return self.replayed.size

    @property
    def fits(self) -> bool:
        return not self.exceeded

    @property
    def first(self) -> LimitReached | None:
        """Where the first of these limits was passed, as far as that has a place."""
        reached = [self.meter.reached[limit] for limit in self.exceeded if limit in self.meter.reached]
        return min(reached, key=lambda one: one.at, default=None)


class DayReplays:
    """Replays days of a scenario. days: by size. no_thinning: why every request of a large day was run, "" if
    none had to be.

    thin_above: work of a full replay from which on a day is thinned; None: never.
    """

    def __init__(
        self,
        loaded: Loaded,
        *,
        progress: Progress | None = None,
        strict_worker: bool = False,
        thin_above: float | None = THIN_ABOVE,
    ) -> None:
        self.loaded = loaded
        self.days: dict[int, Day] = {}
        self.replays = 0
        self.growing = frozenset(part.name for part in growing_part(loaded.scenario))
        self.no_thinning = ""
        self._memory = FirstState([loaded.worker])
        self._progress = progress
        self._strict = strict_worker
        self._thin_above = thin_above

    def day(self, count: int) -> Day:
        """The day with so many requests that grow, replayed if it was not yet. Raises ReplayFailed where the
        worker misbehaves, KeyboardInterrupt for Ctrl-C."""
        day = self.days.get(count)
        if day is None:
            self._memory.restore()
            if self._is_large(count) and not self.no_thinning:
                day = self._thinned(count)
            if self.no_thinning:
                self.days = {size: one for size, one in self.days.items() if one.replayed.whole}
                self._memory.restore()
            day = day or self._full(count)
            self.days[count] = day
        return day

    def put_back(self) -> None:
        """Leave the worker's memory as it was before the first replay."""
        self._memory.restore()

    def without_subrequest_limits(self) -> DayReplays:
        """The same, of a scenario that does not look at the limits of a single request."""
        scenario = self.loaded.scenario
        limits = replace(scenario.limits, subrequests="off")
        lifted = self.loaded._replace(scenario=scenario.model_copy(update={"limits": limits}))
        others = DayReplays(lifted, progress=self._progress, strict_worker=self._strict)
        others._memory = self._memory
        return others

    def work(self, count: int) -> float:
        """What a full replay of a day takes, in seconds of an ordinary machine, by the largest full one."""
        whole = [day for day in self.days.values() if day.replayed.whole and day.count]
        if not whole:
            return 0.0
        largest = max(whole, key=lambda day: day.count)
        each = largest.meter.operations / largest.count * _OPERATION_S + _REQUEST_S
        return count * each

    def _is_large(self, count: int) -> bool:
        return self._thin_above is not None and self.work(count) > self._thin_above

    def _full(self, count: int) -> Day:
        meter = DayMeter(self.growing)
        day = self.loaded._replace(scenario=scaled(self.loaded.scenario, count))
        self.replays += 1
        result = replay(
            day,
            observers=(meter,),
            selection=meter,
            progress=self._progress,
            strict_worker=self._strict,
            console=HiddenConsole(),
        )
        if result.verdict == "error":
            raise ReplayFailed(result.name, result.problem, "")
        if result.verdict == "partial":
            raise KeyboardInterrupt
        return Day(DayReplayed(count, count, result.fits), meter, _exceeded_by(result))

    def _thinned(self, count: int) -> Day | None:
        """The day with as many requests run as are needed; None, and the reason noted, where that would not
        show the same."""
        scenario = scaled(self.loaded.scenario, count)
        known = self._known()
        choice = choose(scenario, self.growing, known)
        if choice.doubt:
            self.no_thinning = "" if choice.doubt == NOTHING_SAVED else choice.doubt
            return None
        evidence = Evidence(self.loaded.worker, len(choice.made) // 2)
        meter = ThinnedMeter(self.growing, choice.made, choice.others, evidence)
        self.replays += 1
        end = simulate(
            self.loaded._replace(scenario=scenario),
            store=evidence.store,
            observers=(meter,),
            selection=meter,
            progress=self._progress,
            strict_worker=self._strict,
            console=HiddenConsole(),
        )
        if end.misbehaved:
            raise ReplayFailed(scenario.name, end.misbehaved, "")
        if end.interrupted:
            raise KeyboardInterrupt
        self.no_thinning = self._doubt(meter, choice, known)
        if self.no_thinning:
            return None
        exceeded = self._exceeded_in(meter)
        return Day(DayReplayed(count, len(choice.made), not exceeded), meter, exceeded)

    def _known(self) -> Known:
        days = self.days.values()
        costs = {shape: cost for day in days for shape, cost in day.meter.costs.items()}
        largest = max(days, key=lambda day: day.count)
        longest_s = max(day.meter.longest_s for day in days)
        return Known(costs, largest.meter.before, longest_s, largest.meter.limits)

    def _doubt(self, meter: ThinnedMeter, choice: Choice, known: Known) -> str:
        """Why the requests that were not run may have cost something else, or changed what others cost."""
        meters = [meter, *(day.meter for day in self.days.values())]
        differing = dict.fromkeys(route for one in meters for route in one.differing)
        if differing:
            return f"the costs of {', '.join(differing)} differ from request to request"
        if any(known.costs.get(shape, cost) != cost for shape, cost in meter.costs.items()):
            return "requests cost something else on days of another size"
        if any(other.shape not in meter.costs for other in choice.others):
            return "there are requests of which none was run"
        allowed = meter.limits.kv_storage_bytes
        if allowed is not None and meter.stored_bytes * choice.size > allowed / 2 * len(choice.made):
            return "KV storage comes near its limit"
        if meter.failed_writes:
            return "keys are written twice within a second"
        if meter.longest_s > 2 * known.longest_s + 1:
            return "requests take longer on larger days"
        return next(iter(meter.evidence.doubts), "")

    def _exceeded_in(self, meter: DayMeter) -> dict[str, str]:
        """The limits that a thinned day exceeds, and those that every day does."""
        switches = self.loaded.scenario.limits
        always = [day for day in self.days.values() if day.replayed.whole][:1]
        exceeded = {
            limit: text for day in always for limit, text in day.exceeded.items() if limit in OF_EVERY_DAY
        }
        for limit in meter.reached:
            if mode_of(limit, switches) != "off":
                asked, allowed = meter.most_of(limit), getattr(meter.limits, limit)
                exceeded[limit] = f"{LIMIT_NAMES[limit]}: {asked:,} asked for, {allowed:,} allowed"
        return exceeded


def _exceeded_by(result: ScenarioResult) -> dict[str, str]:
    return {row.limit: row.text for row in result.exceeded}


def void_of(day: Day, budgeted: Sequence[str]) -> str:
    """Why a day says nothing of the account's limits: none of its requests was served; "" if some were.
    budgeted: names of metrics that the scenario has budgets on."""
    statuses = day.meter.statuses
    made = sum(statuses.values())
    if any(name.startswith(("requests.failed", "requests.status")) for name in budgeted) or not day.fits:
        return ""
    if not made:
        return "" if not day.count else "no request reached the worker"
    failed = sum(count for status, count in statuses.items() if not status or status >= 500)
    absent = sum(count for status, count in statuses.items() if status in NOT_THERE)
    if failed == made:
        return "every request failed"
    if absent >= NEARLY_ALL * made:
        return f"{'' if absent == made else 'nearly '}every request was answered 404 or 405"
    return ""
