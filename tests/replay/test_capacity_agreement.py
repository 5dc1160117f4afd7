"""What `capacity` says is what `replay` shows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edgeday.limits import account_limits
from edgeday.replay.capacity import measure_capacity
from edgeday.replay.capacity_days import scaled
from edgeday.replay.runner import replay
from edgeday.report.capacity import sentences
from tests.replay.capacity_days import COUNTS, STEADY, random_scenario
from tests.scenario_days import loaded

THIN_ABOVE = 0.02
"""So small that most days are thinned, where their costs repeat."""
UP_TO = 5_000


def fits(one, count):
    COUNTS.clear()
    return replay(one._replace(scenario=scaled(one.scenario, count))).fits


def agrees(one, capacity):
    """Whether full replays of the days that are named show what is said of them."""
    return all(fits(one, day.size) is day.fits for day in capacity.checked)


def is_an_answer(capacity):
    days = [(day.size, day.fits) for day in capacity.checked]
    if capacity.fits is None:
        return days == [(capacity.tried, True)]
    found = [(capacity.fits, True), (capacity.fits + 1, False)]
    return days == found or (capacity.fits == 0 and days == [(0, False)])


def smaller(limits):
    def on_free(account, on):
        whole = account_limits(account, on)
        return whole if account == "paid" else replace(whole, **limits)

    return on_free


@pytest.mark.slow
@pytest.mark.parametrize("tens", range(20))
def test_full_replays_agree_with_the_capacity_of_random_scenarios(tens, monkeypatch):
    for seed in range(10 * tens, 10 * tens + 10):
        one, limits = random_scenario(seed)
        monkeypatch.setattr("edgeday.runtime.edge.account_limits", smaller(limits))
        capacity = measure_capacity(one, up_to=UP_TO, thin_above=THIN_ABOVE)
        assert is_an_answer(capacity), seed
        assert agrees(one, capacity), seed


ONE_PART = """
worker: {entry: "tests.replay.capacity_days:Odd"}
namespaces: {K: k}
traffic: [{requests: 5, path: %s, arrivals: %s}]
"""


@pytest.mark.parametrize("kind", STEADY)
def test_days_of_requests_whose_costs_repeat_are_thinned_and_agree(kind, monkeypatch):
    limits = {
        "kv_reads_per_day": 1500,
        "kv_writes_per_day": 1400,
        "kv_deletes_per_day": 1300,
        "kv_lists_per_day": 1200,
    }
    monkeypatch.setattr("edgeday.runtime.edge.account_limits", smaller(limits))
    one = loaded(ONE_PART % (f"/{kind}/1", "diurnal"))
    capacity = measure_capacity(one, up_to=UP_TO, thin_above=THIN_ABOVE)
    assert capacity.no_thinning == ""
    assert [day.whole for day in capacity.checked] == [False, False]
    assert is_an_answer(capacity)
    assert agrees(one, capacity)


@pytest.mark.parametrize(
    ("kind", "number", "why"),
    [
        ("same_key", 1, "requests read what others have written (total)"),
        ("hourly", 100, "requests read what others have written (hour:*)"),
        ("page", 30, "the costs of GET /page/30 differ from request to request"),
        ("page", 1440, "the costs of GET /page/1440 differ from request to request"),
        ("cached_count", 1000, "requests count or collect something in the cache (https://c.example/count:"),
        ("collects", 900, "requests count or collect something in the cache (https://c.example/names)"),
        ("in_memory", 900, "the worker keeps something in memory from request to request"),
        ("in_isolate", 900, "the worker keeps something in memory from request to request"),
        ("numbered", 10_000, "the worker keeps something in memory from request to request"),
        ("at_noon", 20, "the costs of GET /at_noon/20 differ from request to request"),
        ("after_noon", 2, "the costs of GET /after_noon/2 differ from request to request"),
        ("at_random", 50, "differ from request to request"),
        ("retries", 8, "the costs of GET /retries/8 differ from request to request"),
    ],
)
def test_days_of_requests_whose_costs_do_not_repeat_are_run_in_full_and_agree(kind, number, why, monkeypatch):
    assert kind not in STEADY
    limits = {"kv_reads_per_day": 1500, "kv_writes_per_day": 1400}
    monkeypatch.setattr("edgeday.runtime.edge.account_limits", smaller(limits))
    one = loaded(ONE_PART % (f"/{kind}/{number}", "even"))
    capacity = measure_capacity(one, up_to=1_600, thin_above=THIN_ABOVE)
    assert why in capacity.no_thinning
    assert all(day.whole for day in capacity.checked)
    assert is_an_answer(capacity)
    assert agrees(one, capacity)


def test_a_cron_that_cleans_up_what_requests_write_has_all_of_them_run(monkeypatch):
    monkeypatch.setattr("edgeday.runtime.edge.account_limits", smaller({"kv_deletes_per_day": 100}))
    part = ONE_PART % ("/writes/1", "even")
    one = loaded(part.replace("]\n", ", {cron: '0 * * * *'}]\n"))
    capacity = measure_capacity(one, up_to=800, thin_above=THIN_ABOVE)
    assert capacity.no_thinning == "keys are listed, and requests write some"
    assert capacity.first.number == 0
    assert all(day.whole for day in capacity.checked)
    assert is_an_answer(capacity)
    assert agrees(one, capacity)


def test_a_rate_limiter_fits_what_a_replay_of_that_day_shows():
    one = loaded(
        """
        worker: {entry: "tests.replay.front_door:HourlyV"}
        namespaces: {COUNTERS: c}
        traffic: [{requests: 1152, path: /abc}]
        """
    )
    capacity = measure_capacity(one)
    assert capacity.fits < 1152
    assert not fits(one, 1152)
    assert is_an_answer(capacity)
    assert agrees(one, capacity)


def test_sixty_pages_of_a_cache_fit_what_a_replay_of_that_day_shows():
    parts = "".join(f"  - {{name: p{page}, requests: 100, path: /page/{page}}}\n" for page in range(60))
    one = loaded(
        f'worker: {{entry: "tests.replay.front_door:Pages"}}\nnamespaces: {{K: k}}\ntraffic:\n{parts}'
    )
    capacity = measure_capacity(one)
    assert (fits(one, 6000), capacity.fits) == (False, 1000)
    assert is_an_answer(capacity)
    assert agrees(one, capacity)


def test_a_day_that_fits_although_a_smaller_one_does_not_is_said(monkeypatch):
    """A page is fresh for 40 minutes: of up to 36 requests a day each one misses, of 45 every second one."""
    monkeypatch.setattr("edgeday.runtime.edge.account_limits", smaller({"kv_reads_per_day": 30}))
    one = loaded(ONE_PART.replace("requests: 5", "requests: 45") % ("/page/40", "even"))
    capacity = measure_capacity(one, up_to=3_000)
    small, large = capacity.not_monotone
    assert (small, fits(one, small), fits(one, large)) == (31, False, True)
    assert capacity.fits >= large >= 45
    assert is_an_answer(capacity)
    assert agrees(one, capacity)
    assert any(line.startswith("More can fit where less does not") for line in sentences(capacity))


def test_a_day_fits_the_storage_that_its_values_leave():
    text = """
    worker: {entry: "tests.scenario_days:Shop"}
    namespaces: {page_content: pages}
    values: {n: {sequence: 1}}
    account: paid
    traffic: [{requests: 10, put: "/put/{n}", body: %s}]
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "edgeday.runtime.edge.account_limits",
            lambda account, on: replace(account_limits(account, on), kv_storage_bytes=100_000),
        )
        one = loaded(text % ("x" * 1_000))
        capacity = measure_capacity(one, up_to=1_000)
        assert 90 < capacity.fits < 100
        assert list(capacity.exceeded) == ["kv_storage_bytes"]
        assert is_an_answer(capacity)
        assert agrees(one, capacity)
