"""What watching a run costs: metrics, budgets, the series of the plots and the journal.

    python -m benchmarks.journal

The high-load day (200 plans of nine calls, hybrid logging), as ratios to the same day with nothing
subscribed to its events; then what a report from the journal costs beside the replay.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import paired, show
from edgeday.events import EventStream
from edgeday.measure.counter import Counter
from edgeday.measure.metrics import Scope
from edgeday.replay.journal import JournalWriter, judge_journal
from edgeday.replay.judge import Judge, Observer, RunEnd, RunStart
from edgeday.replay.runner import simulate
from edgeday.replay.timeline import Timeline
from edgeday.scenario.loader import load

_DAY = Path(__file__).parent.parent / "scenarios" / "high-load-day.yaml"
_METRICS_GOAL = 1.15


class Metrics:
    """The observer that counts metrics and nothing else."""

    def begin(self, start: RunStart, events: EventStream) -> None:
        profile = start.scenario.profile
        self._counter = Counter(events, Scope(start.limits, profile.hosts), profile.metrics_by_name)

    def end(self, end: RunEnd) -> None:
        self._counter.snapshot()


def main() -> None:
    (day,) = load([_DAY])

    with TemporaryDirectory() as directory:
        path = Path(directory) / "journal.jsonl"

        def watched(*observers: Callable[[], Observer]) -> Callable[[], object]:
            return lambda: simulate(day, observers=[make() for make in observers])

        def journalled() -> None:
            writer = JournalWriter(path)
            simulate(day, observers=[writer])
            writer.keep()

        bare = "nothing"
        medians = paired({bare: watched(), "metrics": watched(Metrics)})
        show("the high-load day, watched by", medians, bare, _METRICS_GOAL)
        medians = paired(
            {
                bare: watched(),
                "metrics, budgets, findings": watched(Judge),
                "all of these and the plots": watched(Judge, Timeline),
                "the journal": journalled,
            }
        )
        show("the same", medians, bare)
        size_bytes, events = path.stat().st_size, path.read_bytes().count(b"\n")
        print(f"  the journal: {events:,} lines, {size_bytes / events:.0f} bytes each")
        medians = paired({"replay": watched(Judge), "from the journal": lambda: judge_journal(path)})
        show("a report", medians, "replay")


if __name__ == "__main__":
    main()
