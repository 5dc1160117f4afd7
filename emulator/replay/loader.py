"""Scenario files to scenarios: every problem of every file in one go, each with its place.

Nothing is replayed unless all files are good.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel, ValidationError

from emulator.clock import epoch_seconds, utc
from emulator.errors import BadInput, Problem
from emulator.limits import Account, AccountLimits, account_limits
from emulator.replay.budgets import Budget, BudgetSyntaxError, budget_of, parse_budget, parse_selector
from emulator.replay.contradictions import contradictions
from emulator.replay.scenario import Scenario, as_texts
from emulator.replay.yaml_source import Location, Source, read_yaml
from emulator.worker_entry import BadEntry, check_variant, import_worker


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
    for path in paths:
        try:
            loaded.append(load_one(path))
        except BadInput as bad:
            problems.extend(bad.problems)
    names: dict[str, Loaded] = {}
    for one in loaded:
        first = names.setdefault(one.scenario.name, one)
        if first is not one:
            what = f'the name "{one.scenario.name}" is taken by {first.path}'
            problems.append(one.source.problem(("name",), what, hint="give each scenario a name of its own"))
    if problems:
        raise BadInput(problems)
    return loaded


def load_one(path: Path) -> Loaded:
    """Load one scenario file. Raises BadInput."""
    source = read_yaml(path)
    if not isinstance(source.value, dict):
        raise BadInput(source.problem((), f"a scenario is a mapping, this is {_kind(source.value)}"))
    scenario: Scenario | None = None
    problems: list[Problem] = []
    try:
        scenario = Scenario.model_validate(source.value)
    except ValidationError as invalid:
        problems = [_problem(source, dict(error)) for error in invalid.errors()]
    problems += _budget_problems(source)
    worker, more = _load_worker(source)
    problems += more
    if problems or scenario is None or worker is None:
        raise BadInput(_in_order(problems))
    return Loaded(path, scenario, worker, source)


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
                parse_selector(key), parse_budget(str(text))
            except BudgetSyntaxError:
                continue
            try:
                budgets.append(budget_of(key, text))
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
        return account_limits(name, utc(epoch_seconds(source.value["start"])).date())
    except (KeyError, TypeError, ValueError):
        return account_limits(name, date.max)


def _in_order(problems: Sequence[Problem]) -> list[Problem]:
    def place(problem: Problem) -> tuple[int, int]:
        line, _, column = problem.where.rpartition(":")
        return int(line.rpartition(":")[2]), int(column)

    return sorted(dict.fromkeys(problems), key=place)


def _kind(value: Any) -> str:
    names = {type(None): "nothing", str: "text", bool: "true or false", list: "a list", dict: "a mapping"}
    return names.get(type(value), "a number")


def _problem(source: Source, error: dict[str, Any]) -> Problem:
    """A validation error in words, at its place."""
    location: Location = tuple(part for part in error["loc"] if not _is_tag(part))
    kind: str = error["type"]
    context: dict[str, Any] = error.get("ctx", {})
    if location and location[-1] == "[key]":
        return source.problem(location[:-1], error["msg"], at_key=True)
    if kind == "extra_forbidden":
        known = list(_fields_at(location[:-1]))
        near = difflib.get_close_matches(str(location[-1]), known, 1)
        hint = f'did you mean "{near[0]}"?' if near else f"known here: {', '.join(known)}"
        return source.problem(location, f'unknown key "{location[-1]}"', hint=hint, at_key=True)
    if kind == "missing":
        return source.problem(location[:-1], f'"{location[-1]}" is missing')
    location = (*location, *context.get("at", ()))
    found = _value_at(source.value, location)
    if kind == "literal_error":
        expected = str(context["expected"])
        near = difflib.get_close_matches(
            str(found), [word.strip("'") for word in expected.replace(" or ", ", ").split(", ")], 1
        )
        hint = f'did you mean "{near[0]}"?' if near else ""
        return source.problem(location, f"{json.dumps(found)} is not one of {expected}", hint=hint)
    if context.get("message"):
        return source.problem(location, error["msg"])
    return source.problem(location, f"{_sentence(error['msg'])}; this is {_shown(found)}")


def _is_tag(part: str | int) -> bool:
    """Whether a part of a location names the form of a value, not a place in the file."""
    return isinstance(part, str) and part.startswith("<")


def _sentence(message: str) -> str:
    return message[0].lower() + message[1:]


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 40 else _kind(value)


def _value_at(value: Any, location: Location) -> Any:
    for part in location:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return value
    return value


def _fields_at(location: Location) -> Iterator[str]:
    """Names of the fields of the model at a place in a scenario."""
    model: type[BaseModel] = Scenario
    for part in location:
        if isinstance(part, str) and part in model.model_fields:
            inner = list(_models_in(model.model_fields[part].annotation))
            if inner:
                model = inner[0]
    yield from model.model_fields


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)


def _load_worker(source: Source) -> tuple[type | None, list[Problem]]:
    """Import the worker that the file names; a worker may say which `variants` it has."""
    settings = source.value.get("worker", {})
    if not isinstance(settings, dict):
        return None, []
    entry, variant = settings.get("entry", "worker_port:AiDietWorker"), settings.get("variant")
    if not isinstance(entry, str) or ":" not in entry:
        return None, []
    try:
        worker = import_worker(entry)
    except BadEntry as bad:
        return None, [source.problem(("worker", "entry"), str(bad), hint=bad.hint)]
    if variant is not None:
        try:
            check_variant(worker, str(variant))
        except BadEntry as bad:
            return worker, [source.problem(("worker", "variant"), str(bad), hint=bad.hint)]
    return worker, []


def json_schema() -> str:
    """The JSON Schema of scenario files, as text; editors complete and check from it."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Scenario.model_json_schema(mode="validation"),
    }
    return json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
