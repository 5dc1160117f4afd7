"""Budgets: what a team allows itself, as typed expressions over metrics. Parsed before the run; no I/O.

The key of a budget selects what is measured, its text says what is allowed:

    kv.writes.accepted                                   a metric
    kv.writes.accepted{family=session:*}                 of one key family ("*": any text; != for all others)
    cache.puts{route=POST /api/orders}                   of one route
    requests.status{status=4xx}                          of one HTTP status (404), class or pattern (4*)

    <= 6    < 6    >= 6    > 6    == 6    != 6           a comparison with a number
    <= 50%                                               with a share of the metric's account limit
    10..30    10%..50%                                   a range, both ends included
    max over 1h <= 20                                    of the busiest hour of the clock (UTC)
    <= 6 always                                          at every moment of the run (default: at end)
    <= 6 or no data                                      also satisfied when nothing was measured
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from edgeday.errors import did_you_mean
from edgeday.measure.metrics import METRICS, Metric, Number, Sessions

Verdict = Literal["within", "broken", "no data"]

_COMPARE: Mapping[str, Callable[[Number, Number], bool]] = {
    "<=": operator.le,
    "<": operator.lt,
    ">=": operator.ge,
    ">": operator.gt,
    "==": operator.eq,
    "!=": operator.ne,
}
_NUMBER = r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_LIMIT = rf"(?:<=|>=|==|!=|<|>)\s*{_NUMBER}\s*%?|{_NUMBER}\s*%?\s*\.\.\s*{_NUMBER}\s*%?"
_WINDOW = r"max\s+over\s+\d+\s*[hd]"
EXPRESSION_PATTERN = (
    rf"^\s*(?:{_WINDOW}\s+)?(?:{_LIMIT})(?:\s+(?:{_WINDOW}|always|at\s+end))*(?:\s+or\s+no\s+data)?\s*$"
)
"""What an expression looks like, as a regular expression that JSON Schema understands too."""
_EXPRESSION = re.compile(EXPRESSION_PATTERN)
_PARTS = re.compile(
    rf"(?P<window>{_WINDOW})|(?P<always>always)|(?P<end>at\s+end)|(?P<no_data>or\s+no\s+data)"
    rf"|(?P<compare><=|>=|==|!=|<|>)|(?P<number>{_NUMBER})\s*(?P<percent>%?)"
)
_WINDOWS_H = (1, 2, 3, 4, 6, 8, 12, 24)
_SELECTOR = re.compile(r"([a-z_.]+)\s*(?:\{(.*)\})?\Z")
_LABEL = re.compile(r'\s*(\w+)\s*(!?=)\s*(?:"([^"]*)"|([^,"{}]*?))\s*(?:,|\Z)')
_STATUS = re.compile(r"[1-9](?:\d\d|\d?\*|\dx|xx)", re.IGNORECASE)
_LABELS = ("family", "route", "status")


class BudgetSyntaxError(ValueError):
    """Text that is no budget, or a budget that its metric cannot have."""


class UnknownMetric(BudgetSyntaxError):
    """A name that is no metric."""


@dataclass(frozen=True, slots=True)
class Label:
    """A condition on a key family, a route or a status: glob text in which "*" stands for any text."""

    text: str
    negated: bool = False

    def matches(self, value: str) -> bool:
        pattern = ".*".join(re.escape(part) for part in self.text.split("*"))
        return (re.fullmatch(pattern, value, re.DOTALL) is not None) is not self.negated


@dataclass(frozen=True, slots=True)
class Selector:
    """What a budget measures: a metric, perhaps of some key families, routes or statuses only."""

    text: str
    metric: Metric
    family: Label | None = None
    route: Label | None = None
    status: Label | None = None

    @property
    def is_of_all(self) -> bool:
        """Whether it is of every key family and route."""
        return self.family is None and self.route is None

    @property
    def is_whole(self) -> bool:
        """Whether it is the metric as it stands."""
        return self.is_of_all and self.status is None

    def matches(self, family: str, route: str) -> bool:
        """Whether it is of that key family and route."""
        return (self.family is None or self.family.matches(family)) and (
            self.route is None or self.route.matches(route)
        )

    def counts(self, status: int) -> bool:
        """Whether it is of that status."""
        return self.status is None or self.status.matches(str(status))


def metric_named(name: str, metrics: Mapping[str, Metric] = METRICS) -> Metric:
    """The metric of that name. Raises UnknownMetric, with the nearest name."""
    try:
        return metrics[name]
    except KeyError:
        hint = did_you_mean(name, metrics)
        raise UnknownMetric(f'unknown metric "{name}"' + (f" ({hint})" if hint else "")) from None


def parse_selector(text: str, metrics: Mapping[str, Metric] = METRICS) -> Selector:
    """Parse the key of a budget. metrics: those there are, by name. Raises BudgetSyntaxError."""
    match = _SELECTOR.match(text.strip())
    if match is None:
        metric_named(text.partition("{")[0].strip(), metrics)
        raise BudgetSyntaxError(f'"{text}" is no selector: write metric{{family=..., route=...}}')
    metric = metric_named(match[1], metrics)
    labels = {} if match[2] is None else _parse_labels(text, match[2])
    for label in labels:
        if label not in metric.labels:
            raise BudgetSyntaxError(_why_without(label, metric))
    if metric.by and metric.by not in labels:
        example = (
            "{status=404}, {status=4xx} or {status=5*}, perhaps with a route: {status=404, route=GET /a}"
        )
        raise BudgetSyntaxError(f"{metric.name} is counted for each status: say which, as in {example}")
    if (status := labels.get("status")) is not None:
        labels["status"] = _status(status)
    return Selector(text, metric, **labels)


def _why_without(label: str, metric: Metric) -> str:
    """Why a metric does not have that label."""
    if label == "family":
        return f"{metric.name} is not counted by key, so it has no key family"
    if label == "status":
        return (
            f"{metric.name} is not counted by status; requests.status is, as in requests.status{{status=404}}"
        )
    if metric.of_route:
        what = metric.name.partition(".")[0]
        return f"{metric.name} is of the {what}' route already; requests.started has routes"
    if metric.is_of_account:
        return f"{metric.name} is of the whole account, so it has no route"
    if isinstance(metric.counted, Sessions):
        return f"{metric.name} has no route: the requests of a session have several"
    return f"{metric.name} is counted by the audit of the whole run, so it has no route"


def _status(label: Label) -> Label:
    """The label as a glob: 4xx is 4*."""
    if _STATUS.fullmatch(label.text) is None:
        raise BudgetSyntaxError(f'"{label.text}" is no status: write 404, a class (4xx) or a pattern (40*)')
    return Label(re.sub("[xX]+", "*", label.text), label.negated)


def _parse_labels(text: str, inside: str) -> dict[str, Label]:
    labels: dict[str, Label] = {}
    at = 0
    while at < len(inside):
        match = _LABEL.match(inside, at)
        if match is None or match[1] not in _LABELS or match[1] in labels:
            raise BudgetSyntaxError(
                f'"{text}": inside the braces stand family=..., route=... or status=..., with commas; '
                'quote what has a comma or a brace in it: route="GET /a,b"'
            )
        labels[match[1]] = Label(match[4] if match[3] is None else match[3], match[2] == "!=")
        at = match.end()
    if not labels:
        raise BudgetSyntaxError(f'"{text}": the braces are empty; write family=... or route=...')
    return labels


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed budget: `bound <= value <= high` for a range, else `value OP bound`.

    of_limit: the numbers are percent of the metric's account limit. window_h: the value is that of the
    busiest stretch of so many hours. always: it has to hold at every moment, not only at the end.
    """

    text: str
    compare: str
    bound: Number
    high: Number | None = None
    of_limit: bool = False
    no_data_allowed: bool = False
    window_h: int | None = None
    always: bool = False

    def allows(self, value: Number, limit: Number | None) -> bool:
        """Whether a measured value is within the budget. limit: the metric's, for a share of it."""
        if self.high is not None:
            return self._threshold(self.bound, limit) <= value <= self._threshold(self.high, limit)
        return _COMPARE[self.compare](value, self._threshold(self.bound, limit))

    def exceeded(self, value: Number, limit: Number | None) -> bool:
        """Whether a value is too high: more of it can only make it worse."""
        if self.high is not None:
            return value > self._threshold(self.high, limit)
        if self.compare in {"<=", "=="}:
            return value > self._threshold(self.bound, limit)
        return self.compare == "<" and value >= self._threshold(self.bound, limit)

    def ends(self, limit: Number | None) -> tuple[Number, Number]:
        """Least and most that may be allowed, both taken as included; infinite where there is no end."""
        bound = self._threshold(self.bound, limit)
        if self.high is not None:
            return bound, self._threshold(self.high, limit)
        if self.compare == "==":
            return bound, bound
        if self.compare == "!=":
            return float("-inf"), float("inf")
        return (bound, float("inf")) if self.compare in {">=", ">"} else (float("-inf"), bound)

    def _threshold(self, number: Number, limit: Number | None) -> Number:
        if not self.of_limit:
            return number
        if limit is None:
            raise ValueError("there is no limit to take a share of")
        return _tidy(number * limit / 100)

    def margin(self, value: Number, limit: Number | None) -> Number | None:
        """How much is left before the budget breaks (negative: how far over); None for == and !=."""
        bound = self._threshold(self.bound, limit)
        if self.high is not None:
            return _tidy(min(value - bound, self._threshold(self.high, limit) - value))
        if self.compare in {"<=", "<"}:
            return _tidy(bound - value)
        if self.compare in {">=", ">"}:
            return _tidy(value - bound)
        return None


def _tidy(value: Number) -> Number:
    rounded = round(value, 6)
    return int(rounded) if rounded == int(rounded) else rounded


def _number(text: str) -> Number:
    text = text.replace(",", "")
    return float(text) if "." in text else int(text)


def parse_budget(text: str) -> Expression:
    """Parse a budget expression. Raises BudgetSyntaxError, which says what is allowed."""
    if _EXPRESSION.match(text) is None:
        raise BudgetSyntaxError(
            f'"{text}" is no budget: write a comparison (<= 6, == 0), a share of the limit (<= 50%) '
            "or a range (10..30); before it perhaps: max over 1h; after it: always, or no data"
        )
    compare, numbers, percents, windows, moments, no_data = "..", [], [], [], [], False
    for part in _PARTS.finditer(text):
        kind = "number" if part["number"] else str(part.lastgroup)
        if kind == "number":
            numbers.append(_number(part["number"]))
            percents.append(bool(part["percent"]))
        elif kind == "compare":
            compare = part["compare"]
        elif kind == "window":
            windows.append(_hours(text, part["window"]))
        elif kind == "no_data":
            no_data = True
        else:
            moments.append(kind)
    if len(windows) > 1 or len(moments) > 1:
        raise BudgetSyntaxError(f'"{text}" says twice over what or when it is measured')
    if len(set(percents)) > 1:
        raise BudgetSyntaxError(f'"{text}": both ends of a range are shares, or neither is')
    if len(numbers) == 2 and numbers[0] > numbers[1]:
        raise BudgetSyntaxError(f'"{text}" allows nothing: {numbers[0]} is more than {numbers[1]}')
    return Expression(
        text.strip(),
        compare,
        numbers[0],
        numbers[1] if len(numbers) == 2 else None,
        of_limit=percents[0],
        no_data_allowed=no_data,
        window_h=windows[0] if windows else None,
        always="always" in moments,
    )


def _hours(text: str, window: str) -> int:
    number, unit = re.findall(r"\d+|[hd]\Z", window)
    hours = int(number) * (24 if unit == "d" else 1)
    if hours not in _WINDOWS_H:
        allowed = ", ".join(f"{hours}h" for hours in _WINDOWS_H[:-1])
        raise BudgetSyntaxError(f'"{text}": a window divides a day into equal parts: {allowed} or 1d')
    return hours


@dataclass(frozen=True, slots=True)
class Budget:
    """A selector with one expression. `window_h` is the one in force: a share of a daily limit is always
    that of the busiest day. by_default: whether it is in force without anybody having written it."""

    selector: Selector
    expression: Expression
    by_default: bool = False

    def __str__(self) -> str:
        return f"{self.selector.text}: {self.expression.text}"

    @property
    def window_h(self) -> int | None:
        if self.expression.window_h is None and self.expression.of_limit and self.selector.metric.is_daily:
            return 24
        return self.expression.window_h


def budget_of(key: str, text: str, metrics: Mapping[str, Metric] = METRICS) -> Budget:
    """A budget from its key and its text. Raises BudgetSyntaxError."""
    return budget_for(parse_selector(key, metrics), parse_budget(text))


def budget_for(selector: Selector, expression: Expression) -> Budget:
    """A budget from its parts. Raises BudgetSyntaxError for what the metric cannot have."""
    name, text = selector.metric.name, expression.text
    if expression.window_h is not None and not selector.metric.is_sum:
        raise BudgetSyntaxError(f'"{text}": {name} is no sum, so it has no value of an hour')
    if expression.of_limit and not selector.metric.limit:
        raise BudgetSyntaxError(f'"{text}": no account limit belongs to {name}, so there is no share of it')
    if expression.of_limit and expression.window_h is not None and selector.metric.is_daily:
        raise BudgetSyntaxError(f'"{text}": a share of a daily limit is measured over each day')
    return Budget(selector, expression)


@dataclass(frozen=True, slots=True)
class Breach:
    """The operation that broke a budget. at: epoch seconds. what: in words. key: "" where there is none.
    route: of its invocation, "" outside any."""

    at: float
    what: str
    key: str
    route: str


@dataclass(frozen=True, slots=True)
class Spender:
    """What one key family (or "") on one route (or "") added to a measured value."""

    family: str
    route: str
    amount: int


@dataclass(frozen=True, slots=True)
class BudgetResult:
    """One budget after the run.

    metric: as the budget's key says. measured and margin are None where there is no data.
    first: what broke it and when; None if it is not broken, or only too little was measured at the end.
    spent_by: for a broken budget the key families and routes that spent most, the largest first.
    by_default: whether it is in force without anybody having written it.
    """

    metric: str
    budget: str
    verdict: Verdict
    measured: Number | None
    limit: Number | None
    margin: Number | None
    first: Breach | None = None
    spent_by: Sequence[Spender] = ()
    by_default: bool = False

    @property
    def allowed(self) -> str:
        """What is allowed, and whether by default, for a reader."""
        return f"{self.budget} (by default)" if self.by_default else self.budget

    @property
    def ok(self) -> bool:
        return self.verdict == "within"
