"""The scenarios of production: what they promise, and that all of it is off where nobody asks."""

from __future__ import annotations

import dataclasses
from collections import Counter
from pathlib import Path

import pytest

from edgeday.events import Operation
from edgeday.replay.runner import replay
from edgeday.report import json_report
from edgeday.scenario.loader import load_one
from edgeday.scenario.production import ScenarioProduction

ROOT = Path(__file__).parents[2] / "scenarios"
PRODUCTION = sorted((ROOT / "production").glob("*.yaml"))


def result_of(name, **changes):
    day = load_one(ROOT / f"{name}.yaml")
    scenario = day.scenario.model_copy(update=changes)
    return replay(day._replace(scenario=scenario))


def platform(**parts):
    return ScenarioProduction.model_validate(parts)


def findings(result, id):
    return [finding.text for finding in result.findings if finding.id == id]


@pytest.mark.slow
@pytest.mark.parametrize("path", PRODUCTION, ids=lambda path: path.stem)
def test_a_scenario_of_production_keeps_its_budgets_and_says_what_became_of_every_log(path):
    result = replay(load_one(path))
    values = result.metrics.values
    assert [row.metric for row in result.budgets if not row.ok] == []
    assert result.verdict == "pass"
    ends = ("readable", "elsewhere", "orphaned", "expired", "evicted", "deleted")
    assert sum(values[f"logs.{name}"] for name in ends) == values["logs.written"]


@pytest.mark.parametrize("name", ["normal-day", "subrequest-limit-day"])
def test_with_all_switches_off_a_report_is_the_plain_one_byte_for_byte(name):
    plain = json_report.render([result_of(name)])
    assert json_report.render([result_of(name, platform=platform())]) == plain


def test_with_everything_on_the_same_seed_gives_the_same_report_and_another_seed_another_one():
    everything = platform(
        colos={"SOF": 6, "FRA": 3, "IAD": 1},
        isolates={},
        propagation=True,
        eviction={"megabytes": 1, "per_hour": 0.05},
        latency=True,
        faults=[{"service": "kv", "at": "+1h", "lasts": "2h", "share": 0.5}],
        moves=[{"at": "+12h", "colo": "SOF"}],
        purges=["+20h"],
        audit=True,
    )
    first = result_of("normal-day", platform=everything)
    assert json_report.render([result_of("normal-day", platform=everything)]) == json_report.render([first])
    other = result_of("normal-day", platform=everything, seed=1)
    assert other.metrics.values != first.metrics.values
    assert len(first.assumptions) >= 8


@pytest.mark.slow
@pytest.mark.parametrize(
    ("parts", "moved"),
    [
        ({"colos": {"SOF": 1, "FRA": 1}}, {"cache.hits", "cache.misses"}),
        ({"eviction": {"megabytes": 0.05}}, {"cache.evicted"}),
        ({"eviction": {"per_hour": 0.9}}, {"cache.evicted", "cache.hits"}),
        ({"cache_works": False}, {"cache.not_stored", "cache.hits"}),
        ({"moves": [{"at": "+20h", "colo": "SOF"}]}, {"cache.evicted", "cache.hits"}),
        ({"faults": [{"service": "kv", "at": "+0s", "lasts": "1d"}]}, {"kv.errors"}),
        ({"faults": [{"service": "cache", "at": "+0s", "lasts": "1d"}]}, {"cache.not_stored", "cache.hits"}),
        ({"faults": [{"service": "fetch", "at": "+0s", "lasts": "1d"}]}, {"ai.errors", "plans.failed"}),
    ],
)
def test_each_part_can_be_switched_on_alone_and_shows(parts, moved):
    plain = result_of("normal-day").metrics.values
    changed = result_of("normal-day", platform=platform(**parts)).metrics.values
    assert moved <= {name for name, value in changed.items() if value != plain[name]}


def test_the_incident_loses_every_plan_at_the_limit_and_keeps_no_error_that_can_be_debugged():
    result = result_of("production/incident")
    assert "133 of 140 plans (95 %) were lost to the subrequest limit" in findings(result, "plans-lost")
    assert findings(result, "error-logs") == [
        "0 of 140 error logs in KV hold prompt, session, model and error"
    ]


def test_the_incident_loses_plans_at_the_ninth_call_and_at_the_eighth_where_attempts_were_repeated():
    answered, lost_at = Counter(), Counter()

    class Fetches:
        def begin(self, start, events):
            events.subscribe(Operation, self.note)

        def end(self, end):
            pass

        def note(self, event):
            if event.service == "fetch" and event.outcome == "ok":
                answered[event.invocation] += 1
            elif event.service == "fetch" and event.outcome == "refused":
                lost_at[answered[event.invocation] + 1] += 1

    replay(load_one(ROOT / "production" / "incident.yaml"), observers=[Fetches()])
    assert lost_at == {9: 126, 8: 7}


def test_the_same_week_fixed_and_as_promised_loses_no_plan_to_a_limit():
    for name in ("fix", "promise"):
        result = result_of(f"production/{name}")
        (lost,) = findings(result, "plans-lost")
        assert lost.startswith("7 of 140 plans (5 %) failed, and no limit is to blame")


@pytest.mark.slow
def test_after_writes_are_spent_routes_go_on_and_midnight_brings_them_back():
    (text,) = findings(result_of("production/quota-at-noon"), "after-kv-writes-spent")
    assert "GET /api/admin/get-ai-logs: 12 went on untouched" in text
    assert "POST /api/chat: 5 degraded" in text
    assert "came back at 2026-02-16T00:00:00Z, first used again at 2026-02-16T00:40:00Z" in text


def test_the_race_orphans_logs_only_where_storage_takes_time():
    racing = result_of("production/racing-index").metrics.values
    calm = result_of("production/racing-index", platform=platform(audit=True)).metrics.values
    assert racing["logs.orphaned"] > 0
    assert calm["logs.orphaned"] == 0
    assert racing["logs.written"] == calm["logs.written"] == 70


def test_a_month_has_a_price_and_a_day_has_none():
    one_a_day = [load_one(ROOT / "month.yaml").scenario.traffic[0].model_copy(update={"plans": (1,)})]
    (paid,) = findings(result_of("production/month-paid", traffic=one_a_day, budgets={}), "cost")
    assert paid.startswith("30 days like these cost $5.00 on Paid")
    assert findings(result_of("production/fix"), "cost") == []


def test_an_audit_costs_no_quota_and_no_subrequest():
    without = dataclasses.replace(result_of("production/workers-dev", platform=None), findings=[])
    audited = result_of("production/workers-dev", platform=platform(audit=True))
    plain = {name: value for name, value in audited.metrics.values.items() if not name.startswith("logs.")}
    assert plain == without.metrics.values
