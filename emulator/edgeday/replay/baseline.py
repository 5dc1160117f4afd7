"""Baselines: the metrics of earlier runs, kept in a JSON file, and what has changed since.

A baseline holds any number of scenarios, each with a hash of what its run depends on, so that a scenario
that has changed is not silently compared.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, Field, ValidationError

from edgeday.errors import BadInput, Problem
from edgeday.fields import Model, impossible
from edgeday.files import read_capped
from edgeday.measure.baseline_changes import BaselineChanges, Change
from edgeday.measure.metrics import Number, is_part
from edgeday.measure.results import ScenarioResult
from edgeday.measure.runtime_versions import BUNDLE, in_words
from edgeday.measure.verdict import judged
from edgeday.scenario.model import Scenario
from edgeday.scenario.yaml_source import MAX_BYTES, parse_yaml

FORMAT = 1
_MARK = "edgeday_baseline"
_NOT_IN_HASH = {"name", "description", "budgets", "claims", "fail_on"}
_HOW = "make it with `edgeday baseline update`"
_ANEW = f"restore it, or remove it and {_HOW}"


class Tolerance(NamedTuple):
    """How far a metric may be from its baseline: an amount, or percent of the baseline's value."""

    amount: float = 0.0
    is_percent: bool = False

    def allows(self, before: Number, after: Number) -> bool:
        allowed = abs(before) * self.amount / 100 if self.is_percent else self.amount
        return abs(after - before) <= allowed


EXACT = Tolerance()


def parse_tolerance(text: str) -> Tolerance:
    """A number, or a number with a percent sign. Raises ValueError for anything else."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(%?)\s*", text)
    if match is None:
        raise ValueError(f'"{text}" is no tolerance; write a number (5) or a share (2%)')
    return Tolerance(float(match[1]), bool(match[2]))


def scenario_hash(scenario: Scenario) -> str:
    """A hash of all that a run depends on.

    Not of comments, layout or the order of keys; not of description, budgets, claims and `fail_on`; not of
    values that are written out although they are the default.
    """
    said = scenario.model_dump(mode="json", exclude_defaults=True, exclude=_NOT_IN_HASH)
    profile, worker = scenario.profile, said.get("worker", {})
    if worker.get("entry") == profile.entry:
        del worker["entry"]
    if not worker:
        said.pop("worker", None)
    if said.get("namespaces") == profile.namespaces:
        del said["namespaces"]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _number_or_null(value: Any) -> Number | None:
    if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)):
        return value
    raise impossible("a metric is a number or null")


class BaselineRun(Model):
    """One scenario of a baseline. edgeday: the version that ran it. runtime: what its worker ran on; see
    `ScenarioResult`. metrics: null where there was no data."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    seed: int
    edgeday: str
    runtime: dict[str, str] = Field(default_factory=dict)
    metrics: dict[str, Annotated[Any, AfterValidator(_number_or_null)]]


class _File(Model):
    edgeday_baseline: Literal[1]
    scenarios: dict[str, BaselineRun]


class Baseline(NamedTuple):
    """A baseline file: its path and its runs, by the scenarios' names."""

    path: Path
    runs: Mapping[str, BaselineRun]


def load_baseline(path: Path) -> Baseline:
    """Read a baseline. Raises BadInput, with file and line, for anything that is none."""
    data = read_capped(path, MAX_BYTES, kind="a baseline", missing="there is no such baseline", hint=_HOW)
    try:
        values = json.loads(data)
    except UnicodeDecodeError:
        raise BadInput(Problem(str(path), "is not UTF-8 text", _ANEW)) from None
    except json.JSONDecodeError as error:
        what = f"not JSON: {error.msg}"
        raise BadInput(Problem(str(path), what, _ANEW, error.lineno, error.colno)) from None
    except RecursionError:
        raise BadInput(Problem(str(path), "is nested too deeply", _ANEW)) from None
    if not isinstance(values, dict) or _MARK not in values:
        raise BadInput(Problem(str(path), f'is no baseline: it has no "{_MARK}"', _ANEW, 1, 1))
    source = parse_yaml(data, str(path))  # JSON is YAML; this knows where each value stands
    if values[_MARK] != FORMAT:
        what = f"is a baseline of format {values[_MARK]}, this edgeday ({version('edgeday')}) knows {FORMAT}"
        raise BadInput(source.problem((_MARK,), what, hint="use the edgeday that wrote it, or update it"))
    try:
        return Baseline(path, _File.model_validate(values).scenarios)
    except ValidationError as invalid:
        raise BadInput(
            [
                source.problem(error["loc"], f"{'.'.join(map(str, error['loc']))}: {error['msg']}")
                for error in invalid.errors()
            ]
        ) from None


def baseline_run(scenario: Scenario, result: ScenarioResult) -> BaselineRun:
    """What a baseline keeps of a run."""
    metrics = {name: result.metrics.values.get(name) for name in result.metrics.metrics}
    return BaselineRun(
        sha256=scenario_hash(scenario),
        seed=result.seed,
        edgeday=version("edgeday"),
        runtime=dict(result.runtime),
        metrics=metrics,
    )


def render(runs: Mapping[str, BaselineRun]) -> str:
    """The text of a baseline file; the same runs give the same bytes."""
    scenarios = {name: _dumped(runs[name]) for name in sorted(runs)}
    return json.dumps({_MARK: FORMAT, "scenarios": scenarios}, indent=2, ensure_ascii=False) + "\n"


def _dumped(run: BaselineRun) -> dict[str, Any]:
    """A run as plain values; a class of Python runs on nothing that is worth a word."""
    return run.model_dump(exclude=None if run.runtime else {"runtime"})


def with_comparison(
    scenario: Scenario, result: ScenarioResult, baseline: Baseline, tolerance: Tolerance = EXACT
) -> ScenarioResult:
    """The result with its comparison; one that passed fails if metrics differ or the baseline lacks it.

    A part of a run is not compared.
    """
    if result.verdict in {"partial", "error"}:
        return result
    compared = compare_with_baseline(scenario, result, baseline, tolerance)
    return judged(replace(result, comparison=compared))


def compare_with_baseline(
    scenario: Scenario, result: ScenarioResult, baseline: Baseline, tolerance: Tolerance = EXACT
) -> BaselineChanges:
    """All metrics of a run beside those of the baseline."""
    path = str(baseline.path)
    run = baseline.runs.get(scenario.name)
    if run is None:
        note = "the baseline does not have this scenario: take it in with `edgeday baseline update`"
        return BaselineChanges(path, False, False, [note], [], [], 0)
    changed = run.sha256 != scenario_hash(scenario)
    notes = list(_notes(run, result, changed))
    changes: list[Change] = []
    tolerated: list[Change] = []
    for name, before in _compared(run, result):
        after = result.metrics.value_of(name)
        if before == after:
            continue
        fits = before is not None and after is not None and tolerance.allows(before, after)
        (tolerated if fits else changes).append(Change(name, before, after))
        if name not in result.metrics.metrics and after is None:
            notes.append(f"{name} is no metric of this edgeday any more")
    return BaselineChanges(path, True, changed, notes, changes, tolerated, len(run.metrics))


def _compared(run: BaselineRun, result: ScenarioResult) -> Iterator[tuple[str, Number | None]]:
    """The metrics that are compared, with what the baseline has: those that it knows, and the statuses that
    did not occur then."""
    counted = result.metrics.metrics
    knows_statuses = any(map(is_part, run.metrics))
    for name in counted:
        if name in run.metrics:
            yield name, run.metrics[name]
        elif knows_statuses and is_part(name):
            yield name, 0
    yield from ((name, before) for name, before in run.metrics.items() if name not in counted)


def _notes(run: BaselineRun, result: ScenarioResult, changed: bool) -> Sequence[str]:
    notes: list[str] = []
    if changed:
        notes.append("the scenario has changed since the baseline: what differs may come from that")
    if run.seed != result.seed:
        notes.append(f"the baseline was drawn from seed {run.seed}, this run from {result.seed}")
    if run.edgeday != version("edgeday"):
        notes.append(f"the baseline was made by edgeday {run.edgeday}, this is {version('edgeday')}")
    notes += _other_runtime(run.runtime, result.runtime)
    known = {_whole(name) for name in run.metrics}
    new = [name for name in dict.fromkeys(map(_whole, result.metrics.metrics)) if name not in known]
    if new:
        notes.append(f"not in the baseline yet: {', '.join(new)}")
    return notes


def _other_runtime(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    """What a worker ran on otherwise than it does now. An earlier baseline may say nothing of it."""
    for name in [*before, *(name for name in now if before and name not in before)]:
        old, new = before.get(name), now.get(name)
        if old == new:
            continue
        if name == BUNDLE and old and new:
            yield f"the worker's code has changed since the baseline: its bundle was {old}, and is {new}"
            continue
        word = in_words(name)
        made = f"with {word} {old}" if old else f"without {word}"
        runs = f"with {word} {new}" if new and old else f"with {word}" if new else "without"
        yield f"the baseline was made {made}, this run {runs}"


def _whole(name: str) -> str:
    """The metric that a name is of: requests.status of requests.status{status=404}."""
    return name.partition("{")[0]
