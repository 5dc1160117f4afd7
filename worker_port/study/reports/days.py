"""The document's days beside code and platform: on a terminal of 80 columns, as Markdown, as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from edgeday import Grid, ScenarioResult, as_markdown, as_table, headline_of, number_in_words
from worker_port.study.days import CODE_CALLS, ThreeTimes
from worker_port.study.reports.lines import print_lines

SCHEMA = 1
_HEAD = ("", "the document", "its model", "code and platform")
_NOTHING = "-"
"""Where the document says nothing."""
_INTRODUCTION = f"""\
The document: what its text says. Its model, replayed: a plan makes nine AI calls, a failed one stops nothing,
and the limit of subrequests is unknown, so it is counted and refuses nothing. Code and platform, replayed: a
plan makes {CODE_CALLS} AI calls, the first that fails ends it, unless it is the summary, and every limit is
enforced."""
_OVER = "subrequests.invocations_over_limit"


def grid(day: ThreeTimes) -> Grid:
    """The table of a day."""
    model, code = day.model, day.code
    rows = [
        ("plans", _count(_started(model)), *_both(day, _started)),
        ("plans failed by an error", _count(day.error_plans), *_both(day, _failed)),
        ("AI calls", _count(day.counted_calls), *_both(day, lambda run: run.metrics.values["ai.calls"])),
        ("KV writes", _writes_said(day), _writes(model), _writes(code)),
        ("cache operations", _said(day, "cache.operations"), *_both(day, _cached)),
        ("subrequests of a plan", _NOTHING, _subrequests(model), _subrequests(code)),
        ("plans lost to a limit", _said(day, _OVER), _lost(day.model), _lost(day.code)),
        ("fits the account", "yes" if day.says.get(_OVER) == 0 else _NOTHING, _fits(model), _fits(code)),
    ]
    return Grid(f"{model.name}: {model.description}", "", _HEAD, "lrrr", rows)


def _both(day: ThreeTimes, measure: Callable[[ScenarioResult], Any]) -> tuple[str, str]:
    return _count(measure(day.model)), _count(measure(day.code))


def _count(value: Any) -> str:
    return str(number_in_words(value))


def _said(day: ThreeTimes, metric: str) -> str:
    return _count(day.says[metric]) if metric in day.says else _NOTHING


def _started(run: ScenarioResult) -> Any:
    return run.metrics.values["plans.started"]


def _failed(run: ScenarioResult) -> int:
    """Plans that failed for another reason than a limit."""
    return sum(one.requests for one in run.findings if not one.of_account)


def _cached(run: ScenarioResult) -> Any:
    return run.metrics.values["cache.operations"]


def _writes_said(day: ThreeTimes) -> str:
    writes, limit = day.says.get("kv.writes.accepted"), day.model.metrics.limits.get("kv.writes.accepted")
    if writes is None:
        return _NOTHING
    return _count(writes) + (f" ({100 * writes / limit:g} %)" if limit else "")


def _writes(run: ScenarioResult) -> str:
    used = run.metrics.values.get("kv.writes.used_percent")
    writes = _count(run.metrics.values["kv.writes.accepted"])
    return writes if used is None else f"{writes} ({_count(used)} %)"


def _subrequests(run: ScenarioResult) -> str:
    most = run.metrics.values["subrequests.max_per_invocation"]
    return f"{_count(most)} of {_count(run.metrics.limits['subrequests.max_per_invocation'])}"


def _lost(run: ScenarioResult) -> str:
    lost = sum(one.requests for one in run.findings if one.of_account)
    if not lost:
        return "0"
    share = f"{_count(lost)} of {_count(_started(run))}"
    return share if run.metrics.values["subrequests.refused"] else f"{share} would be"


def _fits(run: ScenarioResult) -> str:
    return "yes" if run.fits else "no"


def show(console: Console, days: Sequence[ThreeTimes]) -> None:
    """Print what the columns are, then a table for each day with the headlines of its runs."""
    print_lines(console, " ".join(_INTRODUCTION.split()), style="dim")
    for day in days:
        console.print()
        table = grid(day)
        console.print(Text(table.title, style="bold"))
        console.print(as_table(table))
        console.print()
        for name, headline in _headlines(day):
            print_lines(console, f"{name}: {headline}")
    for note in _notes(days):
        console.print()
        print_lines(console, note, style="dim")


def _notes(days: Sequence[ThreeTimes]) -> Iterator[str]:
    """What no day has and production had, once for all days."""
    for one in dict.fromkeys(day.corrected for day in days):
        yield (
            f"What these days leave out: a plan of {CODE_CALLS} calls that is corrected once, from its first "
            f"step on, needs {one.subrequests} subrequests of {one.limit} and answers {one.status}."
        )


def _headlines(day: ThreeTimes) -> Iterator[tuple[str, str]]:
    yield "its model", headline_of(day.model).text
    yield "code and platform", headline_of(day.code).text


def markdown(days: Sequence[ThreeTimes]) -> str:
    """Every table as Markdown text."""
    lines = ["# The document's days", "", _INTRODUCTION, ""]
    for day in days:
        lines += [*as_markdown(grid(day)), ""]
        lines += [f"- {name}: {headline}" for name, headline in _headlines(day)]
        lines += [""]
    return "\n".join([*lines, *_notes(days)]) + "\n"


def render(days: Sequence[ThreeTimes]) -> str:
    """The report as JSON text."""
    plain = {
        "schema": SCHEMA,
        "days": [
            {
                "scenario": day.model.name,
                "document": {"ai.calls": day.counted_calls, "error_plans": day.error_plans, **day.says},
                "model": _plain(day.model),
                "code": _plain(day.code),
                "corrected": day.corrected._asdict(),
            }
            for day in days
        ],
    }
    return json.dumps(plain, indent=2, ensure_ascii=False) + "\n"


def _plain(run: ScenarioResult) -> dict[str, Any]:
    return {
        "verdict": run.verdict,
        "fits": run.fits,
        "headline": headline_of(run).text,
        "metrics": dict(run.metrics.values),
    }
