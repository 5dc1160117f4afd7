from __future__ import annotations

from datetime import date

import pytest

from edgeday.clock import DAY_S
from edgeday.events import EventStream, Operation
from edgeday.limits import account_limits
from edgeday.replay.judge import RunEnd, RunStart
from edgeday.replay.runner import replay
from edgeday.replay.timeline import MAX_FAMILIES, OTHER_FAMILIES, Timeline, width_for
from edgeday.report.html import plots
from tests.report.days import KV_LOG, scenario

START = 1_771_200_000.0


@pytest.fixture(scope="module")
def two_days(tmp_path_factory):
    """Two days of plans that log to KV, each beyond the day's writes."""
    timeline = Timeline()
    loaded = scenario(
        tmp_path_factory.mktemp("days"),
        days=2,
        worker=KV_LOG,
        traffic=[{"plans": 70, "arrivals": "even"}],
    )
    return timeline, replay(loaded, observers=[timeline])


def series(plot, label):
    return next(one for one in plot.series if one.label == label)


def test_the_quota_fills_to_its_limit_and_begins_again_at_midnight(two_days):
    timeline, _ = two_days
    plot = plots.quota(timeline)
    writes = dict(zip(plot.x, series(plot, "KV writes").values, strict=True))
    assert [max(share for at, share in writes.items() if at // DAY_S == day) for day in (20500, 20501)] == [
        100,
        100,
    ]
    midnight = START + DAY_S
    before = max(at for at in writes if at < midnight)
    assert (writes[before], writes[midnight]) == (100, 0)
    spent_at = min(at for at, share in writes.items() if share == 100)
    marks = [(mark.axis, mark.label) for mark in plot.marks]
    assert marks == [("x", "reset"), ("x", "writes spent"), ("y", "daily limit")]
    assert plot.marks[0].at == midnight
    assert spent_at <= plot.marks[1].at < spent_at + timeline.quota_width_s


def test_every_refusal_is_a_point_at_the_level_of_its_class(two_days):
    timeline, result = two_days
    plot = plots.quota(timeline)
    refused = series(plot, "refused writes")
    points = [place for place, level in enumerate(refused.values) if level is not None]
    assert sum(int(refused.texts[place]) for place in points) == result.metrics.values["kv.writes.refused"]
    assert {refused.values[place] for place in points} == {100}


def test_the_operations_of_all_hours_and_families_are_those_of_the_run(two_days):
    timeline, result = two_days
    plot = plots.operations(timeline)
    total = sum(sum(one.values) for one in plot.series if one.label.startswith("kv"))
    values = result.metrics.values
    assert total == values["kv.reads.asked"] + values["kv.writes.asked"]
    assert len(plot.x) == 48
    assert plot.width == 3600


def test_the_invocations_of_all_bins_are_those_of_the_run(two_days):
    timeline, result = two_days
    plot = plots.subrequests(timeline)
    assert sum(plot.series[0].values) == result.metrics.values["requests.started"] == 140
    sizes = [at for at, count in zip(plot.x, plot.series[0].values, strict=True) if count]
    assert max(sizes) == result.metrics.values["subrequests.max_per_invocation"]
    assert [(mark.axis, mark.at) for mark in plot.marks] == [("x", 50.5)]


def test_cache_logs_are_gone_a_day_after_the_last_and_kv_logs_are_not(timelines, two_days):
    cached = plots.entries(timelines.runs[0])
    assert series(cached, "readable in Cache API").values[-1] == 0
    assert series(cached, "stored so far, in all").values[-1] > 0
    plot = plots.entries(two_days[0])
    assert (
        series(plot, "readable in Workers KV").values[-1] == series(plot, "stored so far, in all").values[-1]
    )


def test_every_series_has_a_value_for_each_place_and_every_row_a_cell_for_each_column(timelines, two_days):
    for timeline in (*timelines.runs, two_days[0]):
        for plot in plots.plots_of(timeline):
            assert plot.x == sorted(plot.x)
            assert all(len(one.values) == len(plot.x) for one in plot.series)
            assert all(one.texts is None or len(one.texts) == len(plot.x) for one in plot.series)
            assert all(len(row) == len(table.head) for table in plot.tables for row in table.rows)
            assert bool(plot.series) is bool(plot.tables)


def test_what_kv_holds_rises_with_puts_and_falls_when_entries_expire(tmp_path):
    timeline, events = Timeline(), EventStream()
    loaded = scenario(tmp_path, traffic=[])
    timeline.begin(RunStart(loaded.scenario, 0, account_limits("free", date(2026, 2, 16))), events)
    for at_s, key, size, ends in ((0, "a", 599_999_999, None), (3600, "b", 499_999_999, START + 7200)):
        put = Operation(START + at_s, "kv", "put", "KV", key, "stored", "", 1, size, 1, "GET /", "SOF", ends)
        events.emit(put)
    timeline.end(RunEnd(START, False))
    plot = plots.storage(timeline)
    assert plot.title == "KV storage in GB"
    assert plot.says == "The most that KV held was 1.1 GB, 110 % of 1 GB."
    held = dict(zip(plot.x, series(plot, "held in KV").values, strict=True))
    assert [held[START + at_s] for at_s in (0, 3600, 7260)] == [0.6, 1.1, 0.6]
    assert [(mark.axis, mark.at) for mark in plot.marks] == [("y", 1)]


@pytest.mark.parametrize(("size", "share"), [(99_999, "less than 0.01 %"), (100_000, "0.01 %")])
def test_little_that_kv_holds_is_said_without_powers_of_ten(tmp_path, size, share):
    timeline, events = Timeline(), EventStream()
    loaded = scenario(tmp_path, traffic=[])
    timeline.begin(RunStart(loaded.scenario, 0, account_limits("free", date(2026, 2, 16))), events)
    events.emit(Operation(START, "kv", "put", "KV", "a", "stored", "", 1, size - 1, 1, "GET /", "SOF", None))
    timeline.end(RunEnd(START, False))
    assert plots.storage(timeline).says.endswith(f", {share} of 1 GB.")


def test_an_account_without_quotas_is_shown_in_units(tmp_path):
    timeline = Timeline()
    loaded = scenario(tmp_path, account="paid", worker=KV_LOG)
    result = replay(loaded, observers=[timeline])
    plot = plots.quota(timeline)
    assert plot.y_label == "units since 00:00 UTC"
    assert plot.marks == []
    assert max(series(plot, "KV writes").values) == result.metrics.values["kv.writes.accepted"]
    assert plots.subrequests(timeline).marks == []  # 10,000 is far out of sight


@pytest.mark.parametrize(
    ("days", "width_s"), [(1, 60), (2, 300), (30, 1800), (60, 3600), (61, 3 * 3600), (400, 86_400)]
)
def test_buckets_widen_with_the_length_of_the_run(days, width_s):
    assert width_for(days * DAY_S, 1440) == width_s


def test_a_worker_with_endless_key_families_does_not_fill_the_memory(tmp_path):
    timeline, events = Timeline(), EventStream()
    loaded = scenario(tmp_path, traffic=[])
    timeline.begin(RunStart(loaded.scenario, 0, account_limits("free", date(2026, 2, 16))), events)
    for number in range(MAX_FAMILIES * 3):
        key = f"key-{number}"
        events.emit(Operation(START, "kv", "get", "KV", key, "miss", "", 1, 0, 1, "GET /", "SOF"))
    timeline.end(RunEnd(START, False))
    assert len(timeline.operations) == MAX_FAMILIES + 1
    assert timeline.operations["kv", OTHER_FAMILIES].total() == MAX_FAMILIES * 2
    drawn = plots.operations(timeline).series
    assert len(drawn) == 8
    assert sum(sum(one.values) for one in drawn) == MAX_FAMILIES * 3
