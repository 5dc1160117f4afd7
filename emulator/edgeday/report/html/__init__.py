"""The HTML report: one file that needs nothing else, with interactive plots.

Scenario names, keys, routes and errors are untrusted text. Jinja2 escapes them in the page; in the data of
the plots no character remains that could end a script; and the page's Content-Security-Policy runs exactly
the one script and the one style that are written here, by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from importlib.metadata import version
from importlib.resources import files
from typing import Any, NamedTuple

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from edgeday.measure.baseline_changes import BaselineChanges
from edgeday.measure.results import ScenarioResult
from edgeday.replay.timeline import Timeline
from edgeday.report import wording
from edgeday.report.headline import headline_of, headline_of_all, tone_of_all
from edgeday.report.html.plot import Plot, Table
from edgeday.report.html.plots import metrics_beside, plots_of
from edgeday.report.requests_table import requests_table
from edgeday.report.wording import number

_ROUTES = 100
"""Routes that are told apart in the table of requests."""


class Tile(NamedTuple):
    """A number that matters at a glance. of: what it is measured against. tone: "bad" or ""."""

    label: str
    value: str
    of: str = ""
    tone: str = ""


def render(results: Sequence[ScenarioResult], timelines: Sequence[Timeline] = ()) -> str:
    """The report as one HTML page.

    timelines: of the same scenarios, in their order; without them there are no plots over time.
    """
    plots: dict[str, Any] = {}
    scenarios = [
        _scenario(result, timelines[place] if timelines else None, f"plot-{place + 1}", plots)
        for place, result in enumerate(results)
    ]
    beside, all_metrics = metrics_beside(results)
    script = "\n".join(map(_part, ("vendor/uPlot.iife.min.js", "plots.js", "page.js")))
    style = _part("vendor/uPlot.min.css") + "\n" + _part("page.css")
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    environment.filters["number"] = number
    return environment.from_string(_part("page.html")).render(
        policy=_policy(script, style),
        style=Markup(style),
        script=Markup(script),
        data=_as_data({"plots": plots, "compare": beside}),
        headline=headline_of_all(results),
        tone=tone_of_all(results),
        kept=wording.kept(results),
        scenarios=scenarios,
        heads=_heads(results),
        comparison=all_metrics,
        why=wording.why_not_kept,
        problem_lines=wording.problem_lines,
        compared=wording.compared,
        does_not_fit=wording.does_not_fit,
        instant=wording.instant,
        version=version("edgeday"),
    ) + "\n"  # fmt: skip


def _part(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _policy(script: str, style: str) -> str:
    def hashed(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    return (
        f"default-src 'none'; script-src {hashed(script)}; style-src {hashed(style)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _as_data(value: Any) -> Markup:
    """JSON for a script element: `<`, `>`, `&` and everything beyond ASCII are written as escapes."""
    text = json.dumps(value, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def _scenario(
    result: ScenarioResult, timeline: Timeline | None, prefix: str, plots: dict[str, Any]
) -> dict[str, Any]:
    drawn: list[dict[str, Any]] = []
    for place, plot in enumerate([] if timeline is None else plots_of(timeline)):
        name = f"{prefix}-{place + 1}"
        if plot.series:
            plots[name] = plot.drawn()
        drawn.append(_for_page(plot, name))
    return {
        "result": result,
        "headline": headline_of(result),
        "setting": wording.setting(result),
        "tiles": tiles(result),
        "budgets": sorted(result.budgets, key=lambda row: row.ok),
        "routes": _routes(result),
        "changes": None if result.comparison is None else _changes(result.comparison),
        "plots": drawn,
        "metrics": _metrics(result),
    }


def _for_page(plot: Plot, name: str) -> dict[str, Any]:
    return {
        "id": name, "title": plot.title, "says": plot.says, "series": plot.series, "tables": plot.tables
    }  # fmt: skip


def tiles(result: ScenarioResult) -> list[Tile]:
    """What matters of a run at a glance."""
    values, limits = result.metrics.values, result.metrics.limits
    noun = result.noun
    budgets = len(result.budgets)
    kept = sum(row.ok for row in result.budgets)
    writes_percent = values.get("kv.writes.used_percent")
    most, limit = values["subrequests.max_per_invocation"], limits["subrequests.max_per_invocation"]
    refused = values["kv.refused"] + values["subrequests.refused"]
    return [
        Tile("budgets kept", number(kept), f"of {budgets}", "bad" if kept < budgets else ""),
        Tile(
            f"{noun.plural} completed",
            number(noun.completed_in(values)),
            f"of {number(values[noun.started])}",
        ),
        Tile(
            "KV writes",
            number(values["kv.writes.accepted"]),
            "" if writes_percent is None else f"busiest day {number(writes_percent)} %",
        ),
        Tile("most subrequests", number(most), f"limit {number(limit)}", "bad" if most > limit else ""),
        Tile("refused operations", number(refused), "", "bad" if refused else ""),
    ]


def _heads(results: Sequence[ScenarioResult]) -> list[str]:
    """What the tiles of several runs are called in one table; runs may be about different things."""
    labels = zip(*([tile.label for tile in tiles(result)] for result in results), strict=True)
    return [label if len({label, *others}) == 1 else "completed" for label, *others in labels]


def _routes(result: ScenarioResult) -> Table | None:
    table = requests_table(result, _ROUTES)
    return (
        None
        if table is None
        else Table("Requests by route", ["route", *table.head[1:]], [*map(list, table.rows)])
    )


def _changes(comparison: BaselineChanges) -> Table:
    return Table(
        "Metrics that have changed",
        ["metric", "before", "now", "difference"],
        [
            [change.metric, number(change.before), number(change.after), wording.difference(change)]
            for change in comparison.changes
        ],
    )


def _metrics(result: ScenarioResult) -> Table:
    return Table(
        "All metrics",
        ["metric", "measured", "account limit", "unit"],
        [
            [
                name,
                number(result.metrics.values.get(name)),
                number(result.metrics.limits.get(name)),
                metric.unit,
            ]
            for name, metric in result.metrics.metrics.items()
        ],
    )
