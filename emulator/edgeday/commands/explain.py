"""`edgeday explain`: what a metric means, how it is counted, and which limit it is measured against."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

import click

from edgeday.commands.cli import EXIT_CODES
from edgeday.commands.console import refuse
from edgeday.errors import Problem

if TYPE_CHECKING:
    from edgeday.measure.budgets import Selector
    from edgeday.measure.metrics import Metric


@click.command("explain", epilog=EXIT_CODES)
@click.argument("metric", required=False)
def command(metric: str | None) -> None:
    """Say what a metric means, how it is counted, its limits, and a budget for it.

    Without METRIC: the table of all metrics.

    Example: edgeday explain kv.writes.accepted
    """
    from edgeday.measure.budgets import BudgetSyntaxError, Selector, parse_selector
    from edgeday.scenario.profile import all_metrics

    if metric is None:
        _table()
        return
    try:
        whole = all_metrics().get(metric)
        selector = parse_selector(metric, all_metrics()) if whole is None else Selector(metric, whole)
    except BudgetSyntaxError as error:
        refuse([Problem("METRIC", str(error), "edgeday explain shows them all")], "nothing was explained")
    for line in explanation(selector):
        click.echo(line)


def _table() -> None:
    from rich.console import Console

    from edgeday.report.columns import Columns
    from edgeday.scenario.profile import all_metrics

    table = Columns(("metric", "unit", "meaning"), "lll")
    for metric in all_metrics().values():
        table.add(metric.name, metric.unit, metric.meaning)
    Console(highlight=False).print(table)


def explanation(selector: Selector) -> Iterator[str]:
    """Lines about one metric, or about the part of it that is selected."""
    metric = selector.metric
    yield f"{selector.text} ({metric.unit})"
    yield f"  {metric.meaning}"
    yield f"  Counted: {_counted(metric)}."
    labels = (("key family", selector.family), ("route", selector.route), ("status", selector.status))
    for label, condition in labels:
        if condition is not None:
            yield f"  Only: {label} {'is not' if condition.negated else 'is'} {condition.text}."
    yield from _limits(metric)
    yield "  Budgets:"
    for example in _examples(metric):
        yield f"    {example}"


def _counted(metric: Metric) -> str:
    from edgeday.measure.metrics import (
        Answers,
        Configured,
        Ends,
        MostStored,
        Operations,
        Sessions,
        ShareOfDay,
        Starts,
    )

    if metric.is_audited:
        return "by the audit at the end of the run; no data without `platform: {audit: true}`"
    match metric.counted:
        case Operations(service, ops, outcomes):
            which = f" {', '.join(sorted(ops))}" if ops else ""
            return f"{_in_words(service)}{which} {_ended(service, outcomes)}"
        case Starts():
            return "when a request reaches the worker"
        case Ends(largest=True):
            return "the largest value of any request, when it is over with all its waitUntil work"
        case Ends() if metric.by:
            return f"for each {metric.by} alone, when a request is over with all its waitUntil work"
        case Ends():
            return "when a request is over with all its waitUntil work"
        case Answers():
            return "when an answer that the traffic expects something of has been read"
        case Sessions(outcome):
            return "when a session begins" if outcome == "started" else "when a session is over"
        case ShareOfDay(of):
            return f"{of} of the busiest UTC day, in percent of the day's limit"
        case MostStored():
            return "after each KV put, with what has been deleted, replaced or has expired taken off"
        case Configured():
            return "in the scenario and the worker's configuration, before the run"


def _in_words(service: str) -> str:
    from edgeday.scenario.profile import profiles

    for profile in profiles().values():
        hosts = [host for host, counted in profile.hosts.items() if counted == service]
        if hosts:
            return f"fetches to {', '.join(hosts)}"
    return "KV" if service == "kv" else service


def _ended(service: str, outcomes: frozenset[str]) -> str:
    """How the operations that count ended, or how they did not, whichever is shorter."""
    from edgeday.measure.metrics import Operations
    from edgeday.scenario.profile import all_metrics

    counted = [metric.counted for metric in all_metrics().values()]
    every = {
        one for by in counted if isinstance(by, Operations) and by.service == service for one in by.outcomes
    }
    others = sorted(every - outcomes)
    if not others and len(every) > 1:
        return "however it ended"
    if 0 < len(others) < len(outcomes):
        return f"that did not end as {' or '.join(others)}"
    return f"that ended as {' or '.join(sorted(outcomes))}"


def _limits(metric: Metric) -> Iterator[str]:
    from edgeday.limits import source_of
    from edgeday.measure.metrics import METRICS, ShareOfDay

    if isinstance(metric.counted, ShareOfDay):
        metric = METRICS[metric.counted.of]
    if not metric.limit:
        yield "  Limit: none of the account's limits is measured by it."
        return
    for account in ("free", "paid"):
        row = source_of(metric.limit, account, date.max)
        value = "no limit" if row.value is None else f"{row.value:,} {row.unit}"
        period = " a UTC day" if metric.is_daily and row.value is not None else ""
        yield f"  Limit on {account.capitalize()}: {value}{period}, since {row.since} ({row.source})."


def _examples(metric: Metric) -> Iterator[str]:
    from edgeday.measure.metrics import Sessions

    name = metric.name
    if metric.by:
        yield f"{name}{{status=5xx}}: == 0"
        yield f"{name}{{status=404, route=GET /item/*}}: max over 1h <= 20 or no data"
        return
    if metric.unit == "%":
        yield f"{name}: <= 80"
    elif metric.limit:
        yield f"{name}: <= 80%"
    elif name.endswith(("refused", "errors", "failed", "over_limit", "not_stored")):
        yield f"{name}: == 0"
    else:
        yield f"{name}: <= 1000"
    if metric.is_sum and metric.has_families:
        yield f"{name}{{family=session:*}}: max over 1h <= 20 or no data"
    elif isinstance(metric.counted, Sessions):
        yield f"{name}: max over 1h <= 20"
    elif metric.is_sum and not metric.is_audited and not metric.of_route:
        yield f"{name}{{route=POST /api/orders}}: <= 100 or no data"
