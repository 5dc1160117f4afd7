"""The comparison of variants: on a terminal of 80 columns, as Markdown, as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console

from edgeday import KV_QUOTAS, LIMIT_NAMES, Capacity, Grid, LimitUse, as_markdown, as_table, number_in_words
from worker_port.study.features import FEATURES, Share
from worker_port.study.reports.lines import print_lines
from worker_port.study.testbed import Cost
from worker_port.study.variant_comparison import Month, SideBySide

SCHEMA = 1
Features = Mapping[str, Mapping[str, Share]]
"""variant -> feature -> what was found."""

_GENERATED = "<!-- Made by `edgeday variants --markdown PATH`; every number in it was measured. -->"
_INTRODUCTION = (
    "Plans were made, time passed, and the worker's own routes were asked. The largest days are those of "
    "`edgeday capacity`. *Reckoned* is what a limit would allow by the average of the plans that were made."
)
_COST_HEAD = ("variant", "reads", "writes", "deletes", "lists", "puts", "matches", "subrequests")


def show(console: Console, comparisons: Sequence[SideBySide], features: Features) -> None:
    """Print every table."""
    for grid in grids(comparisons, features):
        print_lines(console, grid.title, style="bold")
        if grid.note:
            print_lines(console, grid.note, style="dim")
        console.print(as_table(grid))
        console.print()


def markdown(comparisons: Sequence[SideBySide], features: Features) -> str:
    """Every table as Markdown text; for the design document's days this is docs/comparison.md."""
    lines = [_GENERATED, "", "# The variants side by side", "", _INTRODUCTION, ""]
    for grid in grids(comparisons, features):
        lines += [*as_markdown(grid), ""]
    return "\n".join(lines[:-1]) + "\n"


def render(comparisons: Sequence[SideBySide], features: Features) -> str:
    """The report as JSON text."""
    plain = {
        "schema": SCHEMA,
        "comparisons": [_plain(comparison) for comparison in comparisons],
        "features": {
            variant: {name: share._asdict() for name, share in row.items()}
            for variant, row in features.items()
        },
    }
    return json.dumps(plain, indent=2, ensure_ascii=False) + "\n"


def _plain(comparison: SideBySide) -> dict[str, Any]:
    return {
        "scenario": comparison.scenario,
        "description": comparison.description,
        "account": comparison.account,
        "calls": comparison.calls,
        "variants": [
            {
                "variant": row.variant,
                "plan": _plain_cost(row.plan),
                "error_plan": _plain_cost(row.error_plan),
                "capacity": {
                    "fits": row.capacity.fits,
                    "tried": row.capacity.tried,
                    "binds": None if row.capacity.first is None else row.capacity.first.limit,
                    "behind": None if row.capacity.behind is None else row.capacity.behind._asdict(),
                },
                "replay": dict(row.day.values),
                "month": {
                    **asdict(row.month),
                    "fits_free": row.month.fits_free,
                    "usd": float(row.month.usd),
                },
            }
            for row in comparison.variants
        ],
    }


def _plain_cost(cost: Cost) -> dict[str, int]:
    return {
        **{quota.metric: cost.kv(quota.name) for quota in KV_QUOTAS},
        "cache.puts": cost.puts,
        "cache.matches": cost.matches,
        "cache.operations": cost.cached,
        "ai.calls": cost.fetches,
        "subrequests": cost.external,
        "kv.calls": cost.internal,
    }


def grids(comparisons: Sequence[SideBySide], features: Features) -> Iterator[Grid]:
    """The tables, in the order in which they are read."""
    for comparison in comparisons:
        yield from _of_scenario(comparison)
    yield from _features(features)


def _of_scenario(comparison: SideBySide) -> Iterator[Grid]:
    calls, limits = comparison.calls, comparison.limits
    name = f"{comparison.scenario}: "
    limit = (
        "Reads, writes, deletes and lists are of KV, puts and matches of the cache. Fetches, puts and "
        f"matches are subrequests: {comparison.account} allows {limits.external_subrequests:,} a request."
    )
    yield Grid(
        f"{name}a plan of {calls} calls that succeeds",
        limit,
        _COST_HEAD,
        "lrrrrrrr",
        [(row.variant, *_costs(row.plan)) for row in comparison.variants],
    )
    yield Grid(
        f"{name}a plan stopped by its third call",
        "",
        _COST_HEAD,
        "lrrrrrrr",
        [(row.variant, *_costs(row.error_plan)) for row in comparison.variants],
    )
    yield Grid(
        f"{name}the largest day that fits",
        f"{comparison.description}; {comparison.account} account.",
        ("variant", "fit", "binds first", "behind it"),
        "lrll",
        [(row.variant, *_capacity(row.capacity)) for row in comparison.variants],
    )
    plans = comparison.variants[0].month.plans
    yield Grid(
        f"{name}a month of {plans:,} plans",
        "In proportion to the replayed days. Lost: the plans that failed because a limit refused something. "
        "Free costs nothing: the column says whether its limits are kept. Paid: the subscription, and what "
        "goes beyond what it includes; CPU time and stored data are left out.",
        ("variant", "KV reads", "writes", "deletes", "failed", "lost", "on Free", "on Paid"),
        "lrrrrrlr",
        [(row.variant, *_month(row.month)) for row in comparison.variants],
    )


def _month(month: Month) -> tuple[str, ...]:
    units = [
        number_in_words(round(month.units[f"kv.{name}.accepted"])) for name in ("reads", "writes", "deletes")
    ]
    plans = (number_in_words(round(count)) for count in (month.failed, month.lost))
    return (*units, *plans, _on_free(month), f"${float(month.usd):,.2f}")


def _on_free(month: Month) -> str:
    if month.fits_free:
        return "fits"
    if month.exceeded:
        return f"does not fit: {', '.join(month.exceeded)}"
    if month.over:
        return f"does not fit: KV {', '.join(month.over)} a day"
    return f"does not fit: {number_in_words(round(month.refused))} KV operations refused"


def _costs(cost: Cost) -> tuple[str, ...]:
    counts = (*(cost.kv(quota.name) for quota in KV_QUOTAS), cost.puts, cost.matches, cost.external)
    return tuple(number_in_words(count) for count in counts)


def _capacity(capacity: Capacity) -> tuple[str, str, str]:
    first = "nothing that was tried" if capacity.first is None else LIMIT_NAMES[capacity.first.limit]
    behind = "" if capacity.behind is None else _behind(capacity.behind)
    fits = f"{capacity.tried:,} or more" if capacity.fits is None else number_in_words(capacity.fits)
    return fits, first, behind


def _behind(use: LimitUse) -> str:
    how = "" if use.measured else " (reckoned)"
    return f"{LIMIT_NAMES[use.limit]}, from {number_in_words(use.binds_at)} plans{how}"


def _features(features: Features) -> Iterator[Grid]:
    middle = len(FEATURES) // 2
    for title, half in (("Features", FEATURES[:middle]), ("Features, continued", FEATURES[middle:])):
        yield Grid(
            title,
            "",
            ("variant", *(feature.name for feature in half)),
            "l" + "r" * len(half),
            [(variant, *(str(row[feature.name]) for feature in half)) for variant, row in features.items()],
        )
    rows = [(feature.name, feature.meaning) for feature in FEATURES]
    yield Grid(
        "How each feature was tried", "", ("feature", "what was done, and what was counted"), "ll", rows
    )
