"""Scenario files to scenarios: every problem of every file in one go, each with its place.

Nothing is replayed unless all files are good.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from edgeday.errors import BadInput, Problem
from edgeday.runtime.entry import BadEntry, NoWorker, check_variant, import_worker
from edgeday.scenario.errors_in_words import kind_of, validate
from edgeday.scenario.model import Scenario
from edgeday.scenario.written_budgets import budget_problems
from edgeday.scenario.yaml_source import Source, in_order, parse_yaml, read_yaml


class Loaded(NamedTuple):
    """A scenario with the file it came from and its worker's class."""

    path: Path
    scenario: Scenario
    worker: type
    source: Source


def load(paths: Sequence[Path]) -> list[Loaded]:
    """Load scenario files. Raises BadInput with the problems of all of them."""
    loaded: list[Loaded] = []
    problems: list[Problem] = []
    names: dict[str, Path] = {}
    for path in paths:
        try:
            source = read_yaml(path)
        except BadInput as bad:
            problems += bad.problems
            continue
        one, own_problems = _understood(source, path)
        name = source.value.get("name") if isinstance(source.value, dict) else None
        if isinstance(name, str) and name in names:
            what = f'the name "{name}" is taken by {names[name]}'
            own_problems.append(source.problem(("name",), what, hint="give each scenario a name of its own"))
        elif isinstance(name, str):
            names[name] = path
        problems += in_order(own_problems)
        loaded += [] if one is None else [one]
    if problems:
        raise BadInput(problems)
    return loaded


def load_one(path: Path) -> Loaded:
    """Load one scenario file. Raises BadInput."""
    return load([path])[0]


def load_text(text: str, path: Path) -> Loaded:
    """The scenario that a text would be if it stood in a file. Raises BadInput."""
    source = parse_yaml(text.encode(), str(path))
    loaded, problems = _understood(source, path)
    if loaded is None or problems:
        raise BadInput(in_order(problems))
    return loaded


def _understood(source: Source, path: Path) -> tuple[Loaded | None, list[Problem]]:
    """What a file says, None if it is not good, and all that is wrong with it.

    One pass: the model, then the budgets, then the worker, whose import may run code.
    """
    if not isinstance(source.value, dict):
        return None, [source.problem((), f"a scenario is a mapping, this is {kind_of(source.value)}")]
    scenario, errors = validate(source.value)
    problems = [source.problem(at, what, hint=hint, at_key=at_key) for at, what, hint, at_key in errors]
    problems += budget_problems(source)
    worker = None
    if not any(error.at[:2] == ("worker", "entry") or error.at == ("worker",) for error in errors):
        worker, worker_problems = _worker_of(source, scenario)
        problems += worker_problems
    if scenario is None or worker is None:
        return None, problems
    return Loaded(path, scenario, worker, source), problems


def _worker_of(source: Source, scenario: Scenario | None) -> tuple[type | None, list[Problem]]:
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


def json_schema() -> str:
    """The JSON Schema of scenario files, as text; editors complete and check from it."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Scenario.model_json_schema(mode="validation"),
    }
    return json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
