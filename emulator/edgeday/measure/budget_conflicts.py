"""Budgets that cannot be kept, found before the run: alone, or together with another one. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from edgeday.limits import AccountLimits
from edgeday.measure.budgets import Budget, Label
from edgeday.measure.metrics import Number


class BudgetConflict(NamedTuple):
    """budget: position of the one at fault. other: of the one it conflicts with; None: it does so alone."""

    budget: int
    other: int | None
    why: str


def conflicts_of(budgets: Sequence[Budget], limits: AccountLimits) -> Iterator[BudgetConflict]:
    """Every budget, in order, that no value could satisfy, or none that satisfies an earlier one too."""
    spans = [_span(budget, limits) for budget in budgets]
    for number, (budget, span) in enumerate(zip(budgets, spans, strict=True)):
        if span is None:
            continue
        low, high = span
        if low > high:
            yield BudgetConflict(number, None, f'no value can satisfy "{budget}"')
            continue
        if budget.expression.always and not budget.expression.allows(0, _limit(budget, limits)):
            yield BudgetConflict(number, None, f'"{budget}" cannot hold always: a run begins with 0')
        for earlier in range(number):
            other = spans[earlier]
            if other is not None and other[0] <= other[1] and _clash(budget, budgets[earlier], span, other):
                why = f'"{budget}" and "{budgets[earlier]}" cannot both be kept'
                yield BudgetConflict(number, earlier, why)


def _span(budget: Budget, limits: AccountLimits) -> tuple[Number, Number] | None:
    """Least and most that a budget allows, both included; None where it is a share of no limit."""
    expression, metric = budget.expression, budget.selector.metric
    limit = _limit(budget, limits)
    if expression.of_limit and limit is None:
        return None
    low, high = expression.ends(limit)
    whole = metric.unit != "%"
    if low != -math.inf:
        low = _inside(low, whole, up=True, included=expression.compare != ">")
    if high != math.inf:
        high = _inside(high, whole, up=False, included=expression.compare != "<")
    return max(low, 0), high


def _limit(budget: Budget, limits: AccountLimits) -> int | None:
    name = budget.selector.metric.limit
    limit: int | None = getattr(limits, name) if name else None
    return limit


def _inside(end: Number, whole: bool, *, up: bool, included: bool) -> Number:
    """The outermost value that is within an end of a span."""
    if not whole:
        return end if included else math.nextafter(end, math.inf if up else -math.inf)
    if up:
        return math.ceil(end) if included else math.floor(end) + 1
    return math.floor(end) if included else math.ceil(end) - 1


def _clash(one: Budget, other: Budget, span: tuple[Number, Number], than: tuple[Number, Number]) -> bool:
    if one.selector.metric is not other.selector.metric:
        return False
    if one.expression.no_data_allowed and other.expression.no_data_allowed:
        return False
    if _is_part(one, other) and _is_part(other, one):
        if "!=" in {one.expression.compare, other.expression.compare}:
            return _excludes(one, other, than) or _excludes(other, one, span)
        return max(span[0], than[0]) > min(span[1], than[1])
    return (_is_part(one, other) and span[0] > than[1]) or (_is_part(other, one) and than[0] > span[1])


def _excludes(one: Budget, other: Budget, than: tuple[Number, Number]) -> bool:
    """Whether `one` forbids the only value that `other` allows."""
    return one.expression.compare == "!=" and than[0] == than[1] == one.expression.bound


def _is_part(part: Budget, whole: Budget) -> bool:
    """Whether what one budget measures can never be more than what another does."""
    if not part.selector.metric.is_sum and part.window_h != whole.window_h:
        return False
    if not all(
        _is_within(getattr(part.selector, label), getattr(whole.selector, label))
        for label in part.selector.metric.labels
    ):
        return False
    if whole.window_h is None:
        return True
    return part.window_h is not None and whole.window_h % part.window_h == 0


def _is_within(part: Label | None, whole: Label | None) -> bool:
    """Whether one label selects nothing that the other does not: they are equal, or it is one name."""
    if whole is None or part == whole:
        return True
    return part is not None and not part.negated and "*" not in part.text and whole.matches(part.text)
