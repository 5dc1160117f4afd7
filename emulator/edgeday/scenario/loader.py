"""Scenario files to scenarios: every problem of every file in one go, each with its place.

Nothing is replayed unless all files are good.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from edgeday.clock import epoch_seconds, utc
from edgeday.errors import BadInput, Problem
from edgeday.limits import Account, AccountLimits, account_limits
from edgeday.measure.budget_conflicts import contradictions
from edgeday.measure.budgets import Budget, BudgetSyntaxError, budget_of, parse_budget, parse_selector
from edgeday.runtime.entry import BadEntry, NoWorker, check_variant, import_worker
from edgeday.scenario.errors_in_words import kind_of, validate
from edgeday.scenario.model import Scenario, as_texts
from edgeday.scenario.profile import all_metrics
from edgeday.scenario.yaml_source import Location, Source, in_order, parse_yaml, read_yaml


class Loaded(NamedTuple):
    """A scenario with the file it came from and its worker's class."""

    path: Path
    scenario: Scenario
    worker: type
    source: Source


def load(paths: Sequence[Path]) -> list[Loaded]:
    """Load scenario files. Raises BadInput with the problems of all of them."""
    problems: list[Problem] = []
    loaded: list[Loaded] = []
    names: dict[str, Path] = {}
    for path in paths:
        try:
            source = read_yaml(path)
        except BadInput as bad:
            problems += bad.problems
            continue
        scenario, worker, found = _check(source)
        found += _taken_name(source, path, names)
        problems += in_order(found)
        if scenario is not None and worker is not None:
            loaded.append(Loaded(path, scenario, worker, source))
    if problems:
        raise BadInput(problems)
    return loaded


def load_one(path: Path) -> Loaded:
    """Load one scenario file. Raises BadInput."""
    return load([path])[0]


def load_text(text: str, path: Path) -> Loaded:
    """The scenario that a text would be if it stood in a file. Raises BadInput."""
    source = parse_yaml(text.encode(), str(path))
    scenario, worker, problems = _check(source)
    if problems or scenario is None or worker is None:
        raise BadInput(in_order(problems))
    return Loaded(path, scenario, worker, source)


def _check(source: Source) -> tuple[Scenario | None, type | None, list[Problem]]:
    """What a file says, as far as it is good, and all that is wrong with it."""
    if not isinstance(source.value, dict):
        return None, None, [source.problem((), f"a scenario is a mapping, this is {kind_of(source.value)}")]
    scenario, errors = validate(source.value)
    problems = [source.problem(at, what, hint=hint, at_key=at_key) for at, what, hint, at_key in errors]
    problems += _budget_problems(source)
    worker = None
    if not any(error.at[:2] == ("worker", "entry") or error.at == ("worker",) for error in errors):
        worker, more = _load_worker(source, scenario)
        problems += more
    return scenario, worker, problems


def _taken_name(source: Source, path: Path, names: dict[str, Path]) -> Iterator[Problem]:
    """A name that an earlier file has already."""
    name = source.value.get("name") if isinstance(source.value, dict) else None
    if not isinstance(name, str):
        return
    if name not in names:
        names[name] = path
    else:
        what = f'the name "{name}" is taken by {names[name]}'
        yield source.problem(("name",), what, hint="give each scenario a name of its own")


def _budget_problems(source: Source) -> Iterator[Problem]:
    """Budgets that their metric cannot have, and budgets that cannot be kept.

    Looks at the values as they stand in the file, so that they are found beside other problems. What is no
    budget at all is left to the model.
    """
    written = source.value.get("budgets")
    budgets: list[Budget] = []
    places: list[Location] = []
    for key, texts in written.items() if isinstance(written, dict) else ():
        for place, text in enumerate(as_texts(texts) if texts != [] else ()):
            location: Location = ("budgets", key, place)
            try:
                parse_selector(key, all_metrics()), parse_budget(str(text))
            except BudgetSyntaxError:
                continue
            try:
                budgets.append(budget_of(key, text, all_metrics()))
                places.append(location)
            except BudgetSyntaxError as error:
                yield source.problem(location, str(error))
    for found in contradictions(budgets, _limits_in(source)):
        other = found.other
        hint = "" if other is None else f"the other one is in line {source.line_of(places[other])}"
        yield source.problem(places[found.budget], found.why, hint=hint)


def _limits_in(source: Source) -> AccountLimits:
    """The account limits that a file is about, or today's of a free account where it does not say."""
    account = source.value.get("account")
    name: Account = "paid" if account == "paid" else "free"
    try:
        return account_limits(name, utc(epoch_seconds(str(source.value.get("start")))).date())
    except (ValueError, OverflowError):
        return account_limits(name, date.max)


def _load_worker(source: Source, scenario: Scenario | None) -> tuple[type | None, list[Problem]]:
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
