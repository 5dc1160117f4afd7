"""The variants side by side: what is measured of each, and the page that is made of it."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from worker_port.study.features import FEATURES
from worker_port.study.reports import variant_comparison as report
from worker_port.study.variant_comparison import DOCUMENT_PLANS, compare, document_days, features_side_by_side

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
VARIANTS = ["kv_only_v1", "kv_only", "cache_only", "hybrid", "hybrid_batched", "hybrid_designed"]


@pytest.fixture(scope="module")
def days():
    """The design document's days, with nine and with seven calls."""
    return [compare(day, month_plans=DOCUMENT_PLANS) for day in document_days()]


@pytest.fixture(scope="module")
def features():
    return features_side_by_side(document_days()[0])


def of_variants(day, measure):
    return [measure(row) for row in day.variants]


def test_all_variants_are_there(days):
    assert [of_variants(day, lambda row: row.variant) for day in days] == [VARIANTS, VARIANTS]
    assert [day.calls for day in days] == [9, 7]


def test_the_cost_of_a_plan_is_counted_by_class(days):
    nine, seven = (
        of_variants(day, lambda row: (row.plan.reads, row.plan.writes, row.plan.deletes, row.plan.cached))
        for day in days
    )
    assert nine == [
        (9, 27, 16, 0),
        (18, 28, 0, 0),
        (0, 0, 0, 46),
        (0, 0, 0, 46),
        (0, 0, 0, 11),
        (0, 0, 0, 12),
    ]
    assert seven == [
        (7, 21, 12, 0),
        (14, 22, 0, 0),
        (0, 0, 0, 36),
        (0, 0, 0, 36),
        (0, 0, 0, 9),
        (0, 0, 0, 10),
    ]


def test_subrequests_are_fetches_and_cache_operations(days):
    assert of_variants(days[0], lambda row: row.plan.external) == [9, 9, 55, 55, 20, 21]
    assert of_variants(days[1], lambda row: row.plan.external) == [7, 7, 43, 43, 16, 17]


def test_an_error_plan_writes_once_where_errors_are_kept(days):
    assert of_variants(days[1], lambda row: row.error_plan.writes) == [9, 10, 0, 1, 1, 1]


def test_the_largest_day_of_each_variant_is_found(days):
    nine, seven = (of_variants(day, lambda row: row.capacity.fits) for day in days)
    assert nine == [37, 36, 0, 0, 20_009, 20_009]  # the 1,001st error plan is plan 20,010
    assert seven == [47, 45, None, 20_009, 20_009, 20_009]
    assert days[0].variants[3].capacity.first.limit == "external_subrequests"
    assert days[1].variants[3].capacity.first.limit == "kv_writes_per_day"


def test_the_month_has_900_plans_and_fits_the_kv_quotas_of_free_in_every_form(days):
    months = [row.month for day in days for row in day.variants]
    assert {month.plans for month in months} == {900}
    assert all(not month.over and not month.refused and month.usd == 5 for month in months)


def test_a_month_whose_plans_are_lost_to_the_subrequest_limit_does_not_fit(days):
    nine, seven = (of_variants(day, lambda row: (row.month.fits_free, row.month.lost)) for day in days)
    lost = (False, 855)  # the others of the 900 fail by an error of their own
    assert nine == [(True, 0), (True, 0), lost, lost, (True, 0), (True, 0)]
    assert seven == [(True, 0)] * 6
    assert days[0].variants[3].month.exceeded == ["external subrequests of one invocation"]


def test_the_month_is_the_replayed_day_in_proportion(days):
    kv_only = days[1].variants[1]
    assert kv_only.month.units["kv.writes.accepted"] == kv_only.day.values["kv.writes.accepted"] * 900 / 20
    assert days[0].variants[3].month.failed == 900  # nine calls under the limit of 50: none comes through


FOUND = {
    "normal logs": [1, 7, 7, 7, 7, 7],
    "error logs": [1, 1, 1, 1, 1, 1],
    "23:59:59": [1, 7, 7, 7, 7, 7],
    "24:00:00": [1, 7, 0, 0, 0, 0],
    "error, 3 days": [0, 1, 0, 0, 0, 1],
    "in KV, 3 days": [0, 0, 0, 1, 1, 1],
    "enough": [0, 4, 0, 0, 4, 4],
    "admin": [1, 50, 20, 20, 25, 50],
    "export": [1, 7, 7, 7, 0, 7],
    "history": [1, 70, 70, 70, 70, 84],
    "other city": [1, 7, 0, 0, 0, 0],
    "token": [0, 0, 0, 0, 0, 1],
}


@pytest.mark.parametrize("name", FOUND)
def test_features_are_found_by_trying_them(features, name):
    assert [features[variant][name].found for variant in VARIANTS] == FOUND[name]


def test_every_feature_is_tested_here():
    assert [feature.name for feature in FEATURES] == list(FOUND)


def test_the_page_on_the_comparison_is_up_to_date(days, features):
    page = (ROOT / "worker_port" / "study" / "docs" / "comparison.md").read_text("utf-8")
    assert page == report.markdown(days, features), (
        "run: edgeday variants --markdown worker_port/study/docs/comparison.md"
    )


def test_the_report_is_80_columns_wide_and_breaks_no_name(days, features):
    output = io.StringIO()
    report.show(Console(width=80, file=output), days, features)
    lines = output.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    assert sum(line.startswith("hybrid_designed ") for line in lines) == 2 * 4 + 2


def test_the_json_report_has_the_same_numbers(days, features):
    data = json.loads(report.render(days, features))
    hybrid = data["comparisons"][1]["variants"][3]
    assert hybrid["variant"] == "hybrid"
    assert hybrid["plan"] == {
        "kv.reads": 0, "kv.writes": 0, "kv.deletes": 0, "kv.lists": 0, "cache.puts": 22, "cache.matches": 14,
        "cache.operations": 36, "ai.calls": 7, "subrequests": 43, "kv.calls": 0,
    }  # fmt: skip
    assert (hybrid["capacity"]["fits"], hybrid["capacity"]["binds"]) == (20_009, "kv_writes_per_day")
    assert hybrid["month"]["units"]["kv.writes.accepted"] == 45
    assert data["features"]["hybrid"]["admin"] == {"found": 20, "of": 50}
