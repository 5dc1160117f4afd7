"""The JSON report: everything a run gave, in the same bytes for the same scenario and seed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from edgeday.clock import iso_seconds
from edgeday.measure.baseline_changes import BaselineChanges
from edgeday.measure.results import ExceededLimit, Finding, RouteRow, ScenarioResult, overall
from edgeday.report.headline import headline_of, headline_of_all

SCHEMA = 1


def as_dict(results: Sequence[ScenarioResult]) -> dict[str, Any]:
    """The report as plain values. Metrics without data are null."""
    return {
        "schema": SCHEMA,
        "verdict": overall(results),
        "fits": all(result.fits for result in results),
        "headline": headline_of_all(results),
        "scenarios": [_scenario(result) for result in results],
    }


def _comparison(comparison: BaselineChanges | None) -> dict[str, Any]:
    """What has changed, if there was a baseline."""
    if comparison is None:
        return {}
    changes = {
        name: [{**asdict(change), "difference": change.difference} for change in rows]
        for name, rows in (("changes", comparison.changes), ("tolerated", comparison.tolerated))
    }
    return {"comparison": {**asdict(comparison), "ok": comparison.ok, **changes}}


def _scenario(result: ScenarioResult) -> dict[str, Any]:
    return {
        "name": result.name,
        "description": result.description,
        "account": result.account,
        "variant": result.variant,
        "seed": result.seed,
        **({"runtime": dict(result.runtime)} if result.runtime else {}),
        "start": iso_seconds(result.started_at),
        "end": iso_seconds(result.ended_at),
        "verdict": result.verdict,
        "headline": headline_of(result).text,
        **({"problem": result.problem} if result.problem else {}),
        "fits": result.fits,
        "exceeded": [_exceeded(limit) for limit in result.exceeded],
        "requests": [_requests(row) for row in result.requests],
        "metrics": {name: result.metrics.values.get(name) for name in result.metrics.metrics},
        "limits": dict(result.metrics.limits),
        "budgets": [asdict(budget) for budget in result.budgets],
        "probes": [{**asdict(probe), "at": iso_seconds(probe.at), "ok": probe.ok} for probe in result.probes],
        "claims": [{**asdict(claim), "holds": claim.holds} for claim in result.claims],
        "findings": [_finding(finding) for finding in result.findings],
        **_comparison(result.comparison),
        **({"assumptions": list(result.assumptions)} if result.assumptions else {}),
    }


def _exceeded(limit: ExceededLimit) -> dict[str, Any]:
    first = {"first_at": None if limit.first_at is None else iso_seconds(limit.first_at)}
    return {**limit._asdict(), **first}


def _requests(row: RouteRow) -> dict[str, Any]:
    """A route; its statuses are keys of JSON, so they are text."""
    return {**row._asdict(), "by_status": {str(status): count for status, count in row.by_status.items()}}


def _finding(finding: Finding) -> dict[str, str]:
    detail = {"detail": finding.detail} if finding.detail else {}
    return {"id": finding.id, "weight": finding.weight, "text": finding.text, **detail}


def render(results: Sequence[ScenarioResult]) -> str:
    """The report as text: indented by two, with a line break at the end."""
    return json.dumps(as_dict(results), indent=2, ensure_ascii=False) + "\n"
