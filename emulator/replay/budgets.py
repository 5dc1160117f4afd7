"""Budgets: what a team allows itself, as typed expressions over metrics.

Parsed and checked before the run; no I/O. Grammar, one expression per budget:

    <= 6    < 6    >= 6    > 6    == 6    != 6      a comparison with a number
    <= 50%                                          with a share of the metric's account limit
    10..30                                          a range, both ends included
    <= 6 or no data                                 also satisfied when nothing was measured
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from emulator.replay.metrics import Number, Snapshot

Verdict = Literal["within", "broken", "no data"]

_COMPARE: Mapping[str, Callable[[Number, Number], bool]] = {
    "<=": operator.le,
    "<": operator.lt,
    ">=": operator.ge,
    ">": operator.gt,
    "==": operator.eq,
    "!=": operator.ne,
}
_NUMBER = r"(-?\d+(?:\.\d+)?)"
_FORM = re.compile(
    rf"(?:(<=|>=|==|!=|<|>)\s*{_NUMBER}\s*(%?)|{_NUMBER}\s*\.\.\s*{_NUMBER})(\s+or\s+no\s+data)?\Z"
)


class BudgetSyntaxError(ValueError):
    """Text that is no budget expression."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed budget: `low <= value <= high` for a range, else `value OP bound`."""

    text: str
    compare: str
    bound: Number
    high: Number | None = None
    of_limit: bool = False
    no_data_allowed: bool = False

    def allows(self, value: Number, limit: Number | None) -> bool:
        """Whether a measured value is within the budget. limit: the metric's, for a share of it."""
        if self.high is not None:
            return self.bound <= value <= self.high
        return _COMPARE[self.compare](value, self.threshold(limit))

    def threshold(self, limit: Number | None) -> Number:
        """The number compared with. Raises ValueError for a share where there is no limit."""
        if not self.of_limit:
            return self.bound
        if limit is None:
            raise ValueError("there is no limit to take a share of")
        return _tidy(self.bound * limit / 100)

    def margin(self, value: Number, limit: Number | None) -> Number | None:
        """How much is left before the budget breaks (negative: how far over); None for == and !=."""
        if self.high is not None:
            return _tidy(min(value - self.bound, self.high - value))
        if self.compare in {"<=", "<"}:
            return _tidy(self.threshold(limit) - value)
        if self.compare in {">=", ">"}:
            return _tidy(value - self.threshold(limit))
        return None


def _tidy(value: Number) -> Number:
    rounded = round(value, 6)
    return int(rounded) if rounded == int(rounded) else rounded


def _number(text: str) -> Number:
    return float(text) if "." in text else int(text)


def parse_budget(text: str) -> Expression:
    """Parse a budget expression. Raises BudgetSyntaxError, which says what is allowed."""
    match = _FORM.match(text.strip())
    if match is None:
        raise BudgetSyntaxError(
            f'"{text}" is no budget: write a comparison (<= 6, == 0), a share of the limit (<= 50%) '
            "or a range (10..30), and after it perhaps: or no data"
        )
    compare, bound, percent, low, high, no_data = match.groups()
    if compare is None:
        if _number(low) > _number(high):
            raise BudgetSyntaxError(f'"{text}" allows nothing: {low} is more than {high}')
        return Expression(text, "..", _number(low), _number(high), no_data_allowed=bool(no_data))
    return Expression(text, compare, _number(bound), of_limit=bool(percent), no_data_allowed=bool(no_data))


@dataclass(frozen=True, slots=True)
class BudgetResult:
    """One budget after the run. measured and margin are None where there is no data."""

    metric: str
    budget: str
    verdict: Verdict
    measured: Number | None
    limit: Number | None
    margin: Number | None

    @property
    def ok(self) -> bool:
        return self.verdict == "within"


def judge(metric: str, expression: Expression, snapshot: Snapshot) -> BudgetResult:
    """Compare a budget with what was measured."""
    value = snapshot.values.get(metric)
    limit = snapshot.limits.get(metric)
    if value is None or (expression.of_limit and limit is None):
        verdict: Verdict = "within" if expression.no_data_allowed else "no data"
        return BudgetResult(metric, expression.text, verdict, value, limit, None)
    verdict = "within" if expression.allows(value, limit) else "broken"
    return BudgetResult(metric, expression.text, verdict, value, limit, expression.margin(value, limit))
