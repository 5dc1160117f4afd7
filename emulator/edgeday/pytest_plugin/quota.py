"""Quota budgets of a piece of a test: what may be spent in a `with` block, and who spent it.

Reads the event stream of one edge while the block runs, and nothing before or after it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple

from edgeday.call_site import CallSite, origins_tracked, user_call_site
from edgeday.events import EXTERNAL_SERVICES, Operation
from edgeday.ledger import QUOTA_OF

if TYPE_CHECKING:
    from edgeday.runtime.edge import Edge

_CACHE_CALLS = frozenset({"put", "match", "delete"})
_ROWS_SHOWN = 20


class QuotaBudgetExceeded(AssertionError):
    """More was asked for in the block than its budget allows."""


class _Call(NamedTuple):
    """What operations are counted by. charged: whether quota units were asked for."""

    service: str
    op: str
    key: str
    charged: bool
    refusal: str
    invocation: int
    site: CallSite


class Allowance(NamedTuple):
    """At most this much of each class; None: as much as the account gives.

    reads, writes, deletes, lists: KV units asked for, refused ones included (a budget does not grow by
    running into the quota). refused: operations of every service that a daily quota or the subrequest
    limit refused. cache_operations: puts, matches and deletes. subrequests: fetches and cache operations
    of any one invocation.
    """

    reads: int | None = None
    writes: int | None = None
    deletes: int | None = None
    lists: int | None = None
    refused: int | None = None
    cache_operations: int | None = None
    subrequests: int | None = None


class QuotaUsage:
    """What a block has asked for so far; the counts go on until the block ends."""

    def __init__(self) -> None:
        self._units: Counter[_Call] = Counter()

    def __getattr__(self, name: str) -> int:
        if name not in Allowance._fields:
            raise AttributeError(f"no class {name!r}; there are: {', '.join(Allowance._fields)}")
        return self.rows(name).total()

    def rows(self, name: str) -> Counter[_Call]:
        """The operations of one class with their units; of subrequests, those of the busiest invocation."""
        if name == "subrequests":
            return max(self._invocations(), key=Counter.total, default=Counter())
        return Counter({call: units for call, units in self._units.items() if _is_of(call, name)})

    def _invocations(self) -> Iterator[Counter[_Call]]:
        by_number: defaultdict[int, Counter[_Call]] = defaultdict(Counter)
        for call, units in self._units.items():
            if call.service in EXTERNAL_SERVICES and call.invocation:
                by_number[call.invocation][call] = units
        yield from by_number.values()

    def note(self, event: Operation) -> None:
        """Count an operation."""
        refusal = event.reason if event.outcome == "refused" else ""
        call = _Call(
            event.service,
            event.op,
            event.key,
            event.units > 0,
            refusal,
            event.invocation,
            user_call_site(),
        )
        self._units[call] += max(event.units, 1)


def _is_of(call: _Call, name: str) -> bool:
    if name == "refused":
        return bool(call.refusal)
    if name == "cache_operations":
        return call.service == "cache" and call.op in _CACHE_CALLS
    quota = QUOTA_OF.get((call.service, call.op))
    return call.charged and quota is not None and quota.name == name


@contextmanager
def counting(edge: Edge) -> Iterator[QuotaUsage]:
    """Count what an edge is asked for while the block runs."""
    spent = QuotaUsage()
    stop = edge.events.subscribe(Operation, spent.note)
    try:
        with origins_tracked():
            yield spent
    finally:
        stop()


class QuotaBudget:
    """The context manager that `edge_budget` gives."""

    def __init__(self, edge: Edge, allowed: Allowance) -> None:
        self._counting = counting(edge)
        self._allowed = allowed

    def __enter__(self) -> QuotaUsage:
        self._spent = self._counting.__enter__()
        return self._spent

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        __tracebackhide__ = True
        self._counting.__exit__(kind, error, trace)
        if kind is None and (text := report(self._allowed, self._spent)):
            raise QuotaBudgetExceeded(text)


def edge_budget(edge: Edge, **limits: int) -> QuotaBudget:
    """A budget for what one edge is asked for inside a `with` block. Classes and their meaning: `Allowance`.

    Gives a `QuotaUsage`, for exact checks:

        with edge_budget(edge, writes=4) as spent:
            await save(env)
        assert spent.reads == 1

    Raises QuotaBudgetExceeded at the end of the block, with every operation of the broken class, its key,
    how often, and the line of user code that asked for it. An exception of the block itself goes first.
    Raises ValueError at once for what is no budget.
    """
    if problem := problem_with(limits):
        raise ValueError(problem)
    return QuotaBudget(edge, Allowance(**limits))


def problem_with(limits: Mapping[str, int]) -> str:
    """Why these are no limits of a budget: none, an unknown class, or what is no count; "" if they are."""
    known = ", ".join(Allowance._fields)
    if not limits:
        return f"at least one limit is needed, of: {known}"
    for name, limit in limits.items():
        if name not in Allowance._fields:
            return f"there is no class {name!r}; there are: {known}"
        if isinstance(limit, bool) or not isinstance(limit, int) or limit < 0:
            return f"{name}={limit!r} is no number from 0 upwards"
    return ""


def report(allowed: Allowance, spent: QuotaUsage) -> str:
    """What was exceeded, and by which operations; "" if nothing was."""
    blocks = []
    for name, limit in allowed._asdict().items():
        rows = spent.rows(name) if limit is not None else Counter()
        used = rows.total()
        if limit is not None and used > limit:
            lines = [f"quota budget exceeded: {used} {name}, allowed {limit} ({used - limit} over)"]
            blocks.append("\n".join([*lines, *_table(rows)]))
    return "\n".join(blocks)


def _table(rows: Counter[_Call]) -> Iterator[str]:
    """One line for each operation, key and call site, the most frequent first."""
    merged: Counter[tuple[str, str, CallSite]] = Counter()
    for call, units in rows.items():
        refused = f" refused ({call.refusal})" if call.refusal else ""
        merged[f"{call.service} {call.op}", f"{call.key}{refused}", call.site] += units
    rows_shown = merged.most_common(_ROWS_SHOWN)
    wide = max(len(f"{op} {what}") for (op, what, _), _ in rows_shown)
    for (op, what, site), units in rows_shown:
        yield f"  {units:>4} x {f'{op} {what}':<{wide}}  {site}"
    if len(merged) > len(rows_shown):
        rest = merged.total() - sum(units for _, units in rows_shown)
        yield f"  {rest:>4} more, of {len(merged) - len(rows_shown)} other keys or call sites"
