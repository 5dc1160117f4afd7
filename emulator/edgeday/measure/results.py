"""What a replay gives: metrics, verdicts on budgets, claims beside measurements, findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from edgeday.measure.baseline_changes import BaselineChanges
from edgeday.measure.budgets import BudgetResult
from edgeday.measure.metrics import Number, Snapshot
from edgeday.measure.noun import REQUESTS, Noun

RunVerdict = Literal["pass", "fail", "void", "partial", "error"]
FailOn = Literal["finding"]
Weight = Literal["loss", "risk", "note"]
"""How grave a finding is."""
Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class ClaimResult:
    """A number somebody wrote down beside the one measured now (None: no data)."""

    says: str
    where: str
    metric: str
    claimed: Number
    measured: Number | None

    @property
    def holds(self) -> bool:
        return self.measured is not None and self.measured == self.claimed


@dataclass(frozen=True, slots=True)
class Finding:
    """Something the run shows although no budget asks for it.

    id: a stable name for machines. detail: more lines that say it in full (a traceback), or "".
    weight: "loss" (requests, writes or work were lost, or would be), "risk" (they may be another time, or the
    run shows less than it seems to) or "note". headline: the same in a few words, without a full stop, for
    what stands in a headline; "" where it cannot. of_account: whether it tells what a limit of the account
    cost. requests: how many were lost.
    """

    id: str
    text: str
    detail: str = ""
    weight: Weight = "note"
    headline: str = ""
    of_account: bool = False
    requests: int = 0

    @property
    def detail_title(self) -> str:
        """What its detail is, in words: a traceback of Python, or a stack of JavaScript."""
        return "the first traceback" if self.detail.startswith("Traceback") else "the first stack"


@dataclass(frozen=True, slots=True)
class ProbeCheck:
    """One expectation beside what the answer had. absent: the answer has nothing of that name."""

    what: str
    expected: Scalar
    found: Scalar
    ok: bool
    absent: bool = False


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """One probe. at: epoch seconds. request: method, path and query."""

    name: str
    at: float
    request: str
    checks: Sequence[ProbeCheck]

    @property
    def ok(self) -> bool:
        return all(check.ok for check in self.checks)


class RouteRow(NamedTuple):
    """What became of the requests of one route, runs of crons among them.

    started: those that reached the worker. by_status: how many were answered with each HTTP status; 0: with
    none, as runs of crons are. failed: answered with 500 or above, or not at all. refused: turned away before
    the worker, because the day's requests were spent; not among those started. cut_off: invocations with work
    that was cut off at their end.
    """

    route: str
    started: int
    by_status: Mapping[int, int]
    failed: int
    refused: int
    cut_off: int


class ExceededLimit(NamedTuple):
    """A limit of the account that a run exceeded, or would have where it is only observed.

    limit: a field of `AccountLimits`. allowed: its number. asked: the most that was asked for of what it
    limits: on one UTC day, in one invocation, or at all. first_at: when it was passed first, epoch seconds
    (of a limit of one invocation: when that one began); None where that is no instant. text: all this in
    words.
    """

    limit: str
    allowed: int
    asked: int
    first_at: float | None
    text: str


class UsageRow(NamedTuple):
    """A row of the table of what was used. metric: its number. note: a metric that stands behind it where it
    is not 0, with `noted` as its word."""

    label: str
    metric: str
    note: str
    noted: str


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """One replayed scenario.

    verdict: "pass", "fail" (a budget is broken or has no data, a probe's answer is not as expected, metrics
    differ from the baseline, or there is a finding although `fail_on` asks for none), "void" (the run tests
    nothing, or nothing was asked of it), "partial" (the run was interrupted) or "error" (the worker
    misbehaved, which ended the run). problem: what it did, why the run is void, which finding failed it; ""
    otherwise. untested: why the run tests nothing of its worker, or "". fatal: why it cannot pass whatever
    its budgets say, or "". fail_on: what fails it besides.
    ended_at: the last virtual instant, epoch seconds. assumptions: what the models in force take for true.
    noun: what the requests are called. usage: the first rows of the table of what was used.
    requests: what became of them, by route. exceeded: the limits of the account that were exceeded, or would
    have been where they are only observed. limits_off: those that are switched off, in words, which were not
    looked at. runtime: versions of what the worker ran on, and its bundle, by name ({"workerd": "2026-11-17",
    "bundle": "0f3a91c2"}); {} for a class of Python.
    """

    name: str
    description: str
    account: str
    variant: str
    started_at: float
    ended_at: float
    seed: int
    verdict: RunVerdict
    metrics: Snapshot
    budgets: Sequence[BudgetResult]
    claims: Sequence[ClaimResult]
    findings: Sequence[Finding]
    probes: Sequence[ProbeResult] = ()
    comparison: BaselineChanges | None = None
    assumptions: Sequence[str] = ()
    noun: Noun = REQUESTS
    usage: Sequence[UsageRow] = ()
    problem: str = ""
    requests: Sequence[RouteRow] = ()
    exceeded: Sequence[ExceededLimit] = ()
    limits_off: Sequence[str] = ()
    untested: str = ""
    fatal: str = ""
    fail_on: FailOn | None = None
    runtime: Mapping[str, str] = field(default_factory=dict)

    @property
    def fits(self) -> bool:
        """Whether the run fits its account: whether no limit was exceeded."""
        return not self.exceeded


_GRAVEST_FIRST: tuple[RunVerdict, ...] = ("error", "fail", "void", "partial", "pass")


def overall(results: Sequence[ScenarioResult]) -> RunVerdict:
    """The verdict on all of them: the worst; an interrupted run is never a pass."""
    verdicts = {result.verdict for result in results} or {"partial"}
    return next(verdict for verdict in _GRAVEST_FIRST if verdict in verdicts)
