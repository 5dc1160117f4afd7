"""The worker that a scenario file names, imported."""

from __future__ import annotations

from edgeday.errors import Problem
from edgeday.runtime.entry import BadEntry, NoWorker, check_variant, import_worker
from edgeday.scenario.model import Scenario
from edgeday.scenario.yaml_source import Source


def worker_of(source: Source, scenario: Scenario | None) -> tuple[type | None, list[Problem]]:
    """Import the worker that the file names; a worker may say which `variants` it has."""
    settings = source.value.get("worker", {})
    entry = settings.get("entry", "") if scenario is None else scenario.entry
    if not entry:
        if scenario is None or not (scenario.traffic or scenario.probes):
            return NoWorker, []
        hint = "write worker: {entry: package.module:Class}"
        return None, [source.problem(("worker",), "nothing says which worker runs", hint=hint)]
    try:
        worker = import_worker(entry)
    except BadEntry as bad:
        return None, [source.problem(("worker", "entry"), str(bad), hint=bad.hint)]
    variant = settings.get("variant")
    if isinstance(variant, str):
        try:
            check_variant(worker, variant)
        except BadEntry as bad:
            return worker, [source.problem(("worker", "variant"), str(bad), hint=bad.hint)]
    platform = source.value.get("platform")
    if isinstance(platform, dict) and platform.get("audit") is True:
        why = scenario.profile.why_not_audited(worker) if scenario is not None else ""
        if why:
            what = f"{worker.__name__} cannot be audited: {why}"
            return worker, [source.problem(("platform", "audit"), what)]
    return worker, []
