"""How long a replay will take here, found by replaying a small part of its first day beforehand.

That runs in a process of its own, so that the worker's modules are as new when the replay begins.
"""

from __future__ import annotations

import os
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from pathlib import Path
from typing import NamedTuple

from edgeday.clock import SystemClock
from edgeday.replay.capacity_days import scaled
from edgeday.replay.processes import in_processes
from edgeday.replay.runner import replay
from edgeday.replay.traffic import requests_in
from edgeday.scenario.loader import OtherWorker, load_one

_FEW, _MORE = 50, 550
"""Requests of the two days that are tried; what both cost besides their requests is left out."""


class Estimate(NamedTuple):
    """requests: of the whole run. seconds: that they take here, about. tried: how many were run for it."""

    requests: int
    seconds: float
    tried: int


def estimate(path: Path, other: OtherWorker, requests: int) -> Estimate | None:
    """How long the replay of a scenario file will take; None if its worker misbehaves, which the replay
    itself then says."""
    try:
        (each_s,) = in_processes(partial(_seconds_each, other=other), [path], 1)
    except Exception:
        return None
    return None if each_s is None else Estimate(requests, each_s * requests, _FEW + _MORE)


def _seconds_each(path: Path, other: OtherWorker) -> float | None:
    """What a request takes, runs of crons among them; None if the worker misbehaves. What it prints is not
    shown."""
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        return _measured(path, other)


def _measured(path: Path, other: OtherWorker) -> float | None:
    scenario = load_one(path, other)
    clock = SystemClock()
    took: list[float] = []
    made: list[int] = []
    for count in (_FEW, _MORE):
        day = scaled(scenario.scenario, count)
        begins = clock.now()
        if replay(scenario._replace(scenario=day)).verdict == "error":
            return None
        took.append(clock.now() - begins)
        made.append(requests_in(day))
    return max(took[1] - took[0], 0.0) / max(made[1] - made[0], 1)
