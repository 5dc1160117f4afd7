"""Budgets as they stand in a scenario file: what their metric cannot have, and what cannot be kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from edgeday.clock import epoch_seconds, utc
from edgeday.errors import Problem
from edgeday.limits import Account, AccountLimits, account_limits
from edgeday.measure.budget_conflicts import conflicts_of
from edgeday.measure.budgets import Budget, BudgetSyntaxError, budget_for, parse_budget, parse_selector
from edgeday.scenario.model import as_texts
from edgeday.scenario.profile import all_metrics
from edgeday.scenario.yaml_source import Location, Source


def budget_problems(source: Source) -> Iterator[Problem]:
    """What is wrong with the budgets of a file beyond their syntax, which the model looks at.

    Reads the values as they stand in the file, so that these problems are said beside those of the model.
    """
    metrics = all_metrics()
    budgets: list[Budget] = []
    places: list[Location] = []
    for key, place, text in _rows(source.value.get("budgets")):
        try:
            selector, expression = parse_selector(key, metrics), parse_budget(text)
        except BudgetSyntaxError:
            continue
        location: Location = ("budgets", key, place)
        try:
            budgets.append(budget_for(selector, expression))
            places.append(location)
        except BudgetSyntaxError as error:
            yield source.problem(location, str(error))
    for conflict in conflicts_of(budgets, _limits_in(source)):
        other = conflict.other
        hint = "" if other is None else f"the other one is in line {source.line_of(places[other])}"
        yield source.problem(places[conflict.budget], conflict.why, hint=hint)


def _rows(budgets: object) -> Iterator[tuple[str, int, str]]:
    """Every budget that a file has: its key, its place in that key's list, its text."""
    for key, texts in budgets.items() if isinstance(budgets, dict) else ():
        for place, text in enumerate(as_texts(texts) if texts != [] else ()):
            yield key, place, str(text)


def _limits_in(source: Source) -> AccountLimits:
    """The account limits that a file is about, or today's of a free account where it does not say."""
    account = source.value.get("account")
    name: Account = "paid" if account == "paid" else "free"
    try:
        return account_limits(name, utc(epoch_seconds(str(source.value.get("start")))).date())
    except (ValueError, OverflowError):
        return account_limits(name, date.max)
