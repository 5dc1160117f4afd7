"""Paired measurement: variants take turns inside one process, and only their ratios are told.

CPU time, median of the rounds: the same command against itself varies by a third in wall time, and
whole minutes differ between machines, but ratios of one run hold.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping


def paired(
    variants: Mapping[str, Callable[[], object]],
    *,
    rounds: int = 11,
    clock: Callable[[], float] = time.process_time,
) -> dict[str, float]:
    """Median seconds of each variant; they are run in turn, `rounds` times, after one unmeasured round.

    clock: process_time for work of this process, perf_counter where other threads or processes work.
    """
    for run in variants.values():
        run()
    seconds: dict[str, list[float]] = {name: [] for name in variants}
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            for name, run in variants.items():
                start = clock()
                run()
                seconds[name].append(clock() - start)
                gc.collect()
    finally:
        gc.enable()
    return {name: statistics.median(values) for name, values in seconds.items()}


def show(title: str, medians: Mapping[str, float], base: str, goal: float | None = None) -> None:
    """Print each variant's ratio to `base`; `goal`: the most that of the last one should be."""
    print(title)
    last = list(medians)[-1]
    for name, seconds in medians.items():
        ratio = seconds / medians[base]
        aim = f"   goal: at most {goal:g}" if goal is not None and name == last else ""
        print(f"  {name:<28} {seconds * 1000:9.1f} ms   {ratio:6.2f}{aim}")
