from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from edgeday.commands.cli import main
from edgeday.limits import LIMITS
from edgeday.measure.budgets import budget_of
from edgeday.measure.metrics import METRICS


def run(*arguments):
    return CliRunner().invoke(main, ["explain", *arguments])


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_is_explained_with_budgets_that_work(name):
    result = run(name)
    assert result.exit_code == 0
    metric = METRICS[name]
    assert result.output.startswith(f"{name} ({metric.unit})\n  {metric.meaning}\n")
    assert "Counted: " in result.output
    examples = re.findall(r"^    (\S.*): (.+)$", result.output, re.MULTILINE)
    assert examples
    for key, text in examples:
        assert budget_of(key, text).selector.metric is metric


@pytest.mark.parametrize("name", ["kv.writes.accepted", "kv.writes.used_percent"])
def test_limits_are_shown_with_their_date_and_source(name):
    output = run(name).output
    row = next(row for row in LIMITS if (row.name, row.account) == ("kv_writes_per_day", "free"))
    assert f"Limit on Free: 1,000 keys a UTC day, since {row.since} ({row.source})." in output
    assert "Limit on Paid: no limit" in output


def test_a_selection_is_explained():
    output = run("kv.writes.accepted{family!=background:*}").output
    assert "Only: key family is not background:*." in output


def test_a_misspelt_metric_gives_the_nearest_one():
    result = run("kv.writes.acepted")
    assert result.exit_code == 2
    assert 'did you mean "kv.writes.accepted"?' in result.output


def test_without_a_metric_all_are_listed():
    output = run().output
    assert all(name in output for name in METRICS)


@pytest.mark.parametrize(
    ("metric", "line"),
    [
        (
            "logs.readable",
            "Counted: by the audit at the end of the run; no data without `platform: {audit: true}`.",
        ),
        ("kv.writes.asked", "Counted: KV put however it ended."),
        ("kv.writes.accepted", "Counted: KV put that did not end as refused."),
        ("kv.writes.refused", "Counted: KV put that ended as refused."),
        ("requests.refused", "Counted: request that ended as refused."),
    ],
)
def test_it_says_which_endings_count(metric, line):
    assert f"  {line}\n" in run(metric).output
