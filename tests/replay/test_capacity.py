from __future__ import annotations

import io
import json
import math
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from edgeday.commands.cli import main
from edgeday.limits import account_limits
from edgeday.replay.capacity import measure_capacity
from edgeday.replay.capacity_days import scaled, shares, written
from edgeday.replay.runner import ReplayFailed, replay
from edgeday.report.capacity import sentences
from edgeday.scenario.loader import load_one, load_text
from edgeday.web import Request, Response, fetch
from tests.replay.capacity_days import random_scenario
from tests.scenario_days import SCENARIOS, SHOP, loaded

NINE_CALLS = """
worker: {variant: %s}
limits: {subrequests: %s}
traffic:
  - {plans: 100, ai_calls: 9, ai: {seconds: 8}}
"""


def nine_calls(variant, subrequests="off"):
    return loaded(NINE_CALLS % (variant, subrequests))


def use(capacity, limit):
    return next(one for one in capacity.uses if one.limit == limit)


@pytest.mark.parametrize(
    ("variant", "fits", "writes", "reads", "deletes"),
    [("kv_only_v1", 37, 27, 9, 18), ("kv_only", 35, 28, 18, 0)],
)
def test_kv_variants_fit_as_many_whole_plans_as_their_writes_allow(variant, fits, writes, reads, deletes):
    capacity = measure_capacity(nine_calls(variant))
    assert capacity.fits == fits == 1000 // writes
    assert (capacity.first.limit, capacity.first.number) == ("kv_writes_per_day", fits + 1)
    assert capacity.first.what == "KV put"
    assert use(capacity, "kv_writes_per_day").each == writes
    assert use(capacity, "kv_reads_per_day").each == reads
    assert use(capacity, "kv_deletes_per_day").each == pytest.approx(deletes, abs=0.06)


def test_behind_the_writes_of_the_first_form_lie_its_deletes():
    capacity = measure_capacity(nine_calls("kv_only_v1"))
    assert (capacity.behind.limit, capacity.behind.binds_at) == ("kv_deletes_per_day", 56)
    assert not capacity.behind.measured


@pytest.mark.parametrize("variant", ["kv_only_v1", "kv_only"])
def test_a_day_that_fits_is_refused_nothing_and_one_plan_more_is(variant):
    fits = measure_capacity(nine_calls(variant)).fits
    for plans, refused in ((fits, False), (fits + 1, True)):
        text = (NINE_CALLS % (variant, "observe")).replace("plans: 100", f"plans: {plans}")
        assert (replay(loaded(text)).metrics.values["kv.refused"] > 0) is refused


def test_nine_calls_fit_not_once_where_the_subrequest_limit_is_enforced():
    capacity = measure_capacity(nine_calls("hybrid", "enforce"), up_to=100)
    assert capacity.fits == 0
    assert (capacity.first.limit, capacity.first.number) == ("external_subrequests", 1)
    assert (capacity.first.what, capacity.first.family) == ("cache match", "ai_communication_session_index")
    assert use(capacity, "external_subrequests").each >= 55


@pytest.mark.parametrize("mode", ["enforce", "observe"])
def test_a_limit_binds_whether_it_is_enforced_or_observed(mode):
    capacity = measure_capacity(nine_calls("hybrid", mode), up_to=30)
    assert (capacity.fits, capacity.first.limit) == (0, "external_subrequests")
    assert use(capacity, "external_subrequests").each >= 55
    assert not replay(loaded((NINE_CALLS % ("hybrid", mode)).replace("plans: 100", "plans: 1"))).fits


def test_a_limit_that_is_off_is_not_looked_at_but_named():
    capacity = measure_capacity(nine_calls("hybrid", "off"), up_to=30)
    assert (capacity.fits, capacity.tried) == (None, 30)
    assert any("Not looked at" in line and "at plan 1." in line for line in sentences(capacity))
    assert any(line.startswith("Nothing binds") for line in sentences(capacity))


@pytest.mark.parametrize("seed", range(30))
def test_a_day_that_is_written_as_a_file_is_the_day_that_was_replayed(seed):
    one, _ = random_scenario(seed)
    day = scaled(one.scenario, 37)
    again = load_text(written(one.scenario, one.source.value, None, 37), Path("day.yaml")).scenario
    assert [part.model_dump() for part in again.traffic] == [part.model_dump() for part in day.traffic]
    same = ("start", "days", "account", "seed", "namespaces", "limits", "background", "platform", "values")
    for field in same:
        assert getattr(again, field) == getattr(day, field), field


def writes_left(units):
    """Background code that leaves so many writes of the day."""
    return f"background: [{{writes: [{1000 - units}, {', '.join('0' * 23)}]}}]\n"


ERRORS = """
account: free
worker: {variant: hybrid}
limits: {subrequests: off}
traffic:
  - plans: 2
    ai_calls: %d
    ai: {seconds: 1}
    errors: {plans: 1, %s}
"""


@pytest.mark.parametrize(
    ("calls", "errors", "writes"),
    [
        (9, "request_errors: 1, response_errors: 2, then: continue", 3),
        (9, "response_errors: 1, then: abort", 1),
        (7, "response_errors: 1, then: abort", 1),
    ],
)
def test_error_plans_spend_what_the_model_of_the_design_document_or_the_code_says(calls, errors, writes):
    """One error plan in two, rounded upwards, and a background that leaves 30 writes."""
    left = 30
    capacity = measure_capacity(loaded(ERRORS % (calls, errors) + writes_left(left)))
    assert use(capacity, "kv_writes_per_day").before == 1000 - left
    assert capacity.fits == left / writes * 2
    assert capacity.first.family == "ai_error_log:*"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scenario", "left", "writes"),
    [("high-load-day", 100, 3), ("capacity-day", 50, 1)],
    ids=["document", "code"],
)
def test_of_five_percent_error_plans_as_many_fit_as_their_writes_allow(scenario, left, writes):
    """A tenth or a twentieth of the writes: 666 plans of the document's model, 1,000 of the code's."""
    day = load_one(SCENARIOS / f"{scenario}.yaml")
    background = loaded(writes_left(left)).scenario.background
    alone = {"background": background, "limits": replace(day.scenario.limits, subrequests="off")}
    capacity = measure_capacity(day._replace(scenario=day.scenario.model_copy(update=alone)))
    whole_error_plans = left // writes
    assert (
        capacity.fits == whole_error_plans * 20 + 9
    )  # one more error plan comes with the tenth of the next twenty
    assert abs(capacity.fits - left / (0.05 * writes)) < 10
    assert (capacity.behind.limit, capacity.behind.binds_at) == ("requests_per_day", 100_001)


def test_the_requests_of_a_day_can_bind(monkeypatch):
    def few_requests(account, on):
        return replace(account_limits(account, on), requests_per_day=50)

    monkeypatch.setattr("edgeday.runtime.edge.account_limits", few_requests)
    text = SHOP + "traffic: [{name: a, requests: 5, path: /get/x}, {name: b, requests: 1, path: /nowhere}]"
    capacity = measure_capacity(loaded(text))
    assert (capacity.first.limit, capacity.fits, capacity.noun) == ("requests_per_day", 50, "requests")
    assert (capacity.behind.limit, capacity.behind.measured) == ("kv_reads_per_day", False)


@pytest.mark.parametrize(
    ("traffic", "noun", "fits", "route"),
    [
        ("{requests: 5, path: /get/x}", "Request", 50, "GET /get/x"),
        ("{requests: 5, mix: [{get: '/get/{n}'}]}", "Request", 50, "GET /get/{n}"),
        ("{sessions: 5, steps: [{get: /get/x}, {get: /get/y}]}", "Session", 25, "GET /get/x"),
    ],
)
def test_a_request_that_is_turned_away_is_one_of_those_that_grow(monkeypatch, traffic, noun, fits, route):
    def few_requests(account, on):
        return replace(account_limits(account, on), requests_per_day=50)

    monkeypatch.setattr("edgeday.runtime.edge.account_limits", few_requests)
    capacity = measure_capacity(loaded(f"{SHOP}values: {{n: [1, 2]}}\ntraffic: [{traffic}]"))
    said = " ".join(sentences(capacity))
    assert (capacity.fits, use(capacity, "requests_per_day").before) == (fits, 0)
    assert f"{noun} {fits + 1} passes the limit of requests a day: request in {route}, at" in said


def test_other_traffic_is_charged_before_the_plans():
    text = (NINE_CALLS % ("kv_only", "observe")) + (
        "  - {name: chat, requests: 20, method: POST, path: /api/chat,\n"
        "     body: {message: hello, userData: {name: Ana}, userPlan: {day1: 1}}}\n"
    )
    capacity = measure_capacity(loaded(text))
    writes = use(capacity, "kv_writes_per_day")
    assert writes.before == 20 * 4  # of a chat message: entry, index, session list, response
    assert capacity.fits == (1000 - 80) // 28
    assert use(capacity, "requests_per_day").before == 20


def test_what_comes_beside_the_plans_can_pass_a_limit_alone():
    capacity = measure_capacity(loaded(NINE_CALLS % ("hybrid", "off") + "background: [{lists: 42}]\n"))
    assert (capacity.fits, capacity.first.limit, capacity.first.number) == (0, "kv_lists_per_day", 0)
    assert [(day.size, day.fits) for day in capacity.checked] == [(0, False)]
    assert any("What comes besides them does not fit" in line for line in sentences(capacity))


def test_several_traffics_grow_in_their_proportion():
    text = """
    worker: {variant: kv_only}
    traffic:
      - {name: short, plans: 30, ai_calls: 7}
      - {name: long, plans: 10, ai_calls: 9}
    limits: {subrequests: observe}
    """
    capacity = measure_capacity(loaded(text))
    assert use(capacity, "kv_writes_per_day").each == pytest.approx((3 * 22 + 28) / 4, abs=0.2)
    assert capacity.fits == 42


@given(st.integers(0, 40), st.integers(1, 40), st.integers(0, 400))
def test_exact_numbers_of_failing_requests_go_with_the_day_to_the_nearest_whole_number(part, whole, plans):
    part = min(part, whole)
    text = f"worker: {{variant: hybrid}}\ntraffic: [{{plans: {whole}, errors: {{plans: {part}}}}}]"
    (traffic,) = scaled(loaded(text).scenario, plans).traffic
    assert traffic.plans == (plans,)
    assert traffic.errors.plans == math.floor(plans * Fraction(part, whole) + Fraction(1, 2))


@given(st.integers(0, 400), st.lists(st.integers(0, 50), min_size=1, max_size=8))
def test_a_day_is_shared_out_in_proportion_and_none_of_it_is_lost(count, weights):
    given = shares(count, weights)
    assert sum(given) == count
    whole = sum(weights)
    assert not whole or all(
        abs(one - Fraction(count * weight, whole)) < 1 for one, weight in zip(given, weights, strict=True)
    )


def test_a_day_of_another_size_is_the_first_day_and_all_else_as_it_is_written():
    text = """
    days: 3
    worker: {entry: "tests.scenario_days:Shop"}
    namespaces: {page_content: pages}
    traffic:
      - {name: a, requests: [30, 50, 70], path: /get/a, arrivals: poisson}
      - {name: b, requests: 10, path: /get/b}
      - {cron: "0 0 * * *"}
    probes:
      - {at: +1h, request: {path: /get/a}, expect: {status: 200}}
      - {at: +2d, request: {path: /get/a}, expect: {status: 200}}
    platform: {purges: [+1h, +30h]}
    """
    whole = loaded(text).scenario
    day = scaled(whole, 8)
    assert (day.days, [part.requests for part in day.traffic[:2]]) == (1, [(6,), (2,)])
    assert [part.arrivals for part in day.traffic[:2]] == [part.arrivals for part in whole.traffic[:2]]
    assert day.traffic[2] == whole.traffic[2]
    assert [probe.at for probe in day.probes] == ["+1h"]
    assert day.platform.purges == ["+1h"]
    assert (day.start, day.seed, day.worker, day.limits) == (
        whole.start, whole.seed, whole.worker, whole.limits,
    )  # fmt: skip


def test_the_same_scenario_gives_the_same_capacity():
    assert measure_capacity(nine_calls("kv_only")) == measure_capacity(nine_calls("kv_only"))


def test_progress_is_told_after_each_request_of_each_replay():
    steps = []
    capacity = measure_capacity(nine_calls("kv_only"), up_to=5, progress=lambda *values: steps.append(values))
    assert capacity.replays == 1
    assert [(done, total) for done, total, _ in steps] == [(number, 5) for number in range(1, 6)]


FAILING = SHOP + "traffic: [{name: a, requests: 3, path: /get/x}, {name: b, requests: 1, path: /fail}]"


def test_what_the_worker_raises_is_a_failed_request_as_in_a_replay():
    capacity = measure_capacity(loaded(FAILING), up_to=8)
    assert (capacity.fits, capacity.void) == (None, "")
    assert capacity.uncaught == {"GET /fail": 2}


def test_a_strict_search_ends_with_the_first_exception():
    with pytest.raises(ReplayFailed, match="GET /fail"):
        measure_capacity(loaded(FAILING), strict_worker=True)


def test_a_worker_that_misbehaves_ends_the_search():
    with pytest.raises(ReplayFailed, match="exit"):
        measure_capacity(loaded(SHOP + "traffic: [{requests: 1, path: /exit}]"))


@pytest.mark.parametrize(
    ("paths", "why"),
    [
        (["/nowhere"], "every request was answered 404 or 405"),
        (["/fail"], "every request failed"),
        (["/fail", "/get/x"], ""),
    ],
)
def test_a_day_on_which_nothing_is_served_measures_nothing(paths, why):
    parts = ", ".join(f"{{name: p{n}, requests: 1, path: {path}}}" for n, path in enumerate(paths))
    capacity = measure_capacity(loaded(SHOP + f"traffic: [{parts}]"), up_to=10)
    assert capacity.void == why
    assert any(line.startswith("Nothing could be measured") for line in sentences(capacity)) is bool(why)


class CallsOut:
    """Answers, and calls a host that cannot be reached under another path."""

    async def fetch(self, request):
        if request.url.endswith("/out"):
            await fetch(Request("https://nobody.example/"))
        await self.env.page_content.get("menu")
        return Response("ok")


def test_what_the_platform_refused_and_the_worker_does_not_catch_is_counted_beside_the_capacity():
    text = """
    worker: {entry: "tests.replay.test_capacity:CallsOut"}
    origins: {nobody.example: {unreachable: true}}
    namespaces: {page_content: pages}
    traffic: [{requests: 1, path: /}, {name: out, requests: 3, path: /out}]
    """
    capacity = measure_capacity(loaded(text), up_to=8)
    assert capacity.uncaught == {"GET /out": 6}
    assert any(
        line.startswith(
            "6 requests ended with an error that the worker does not catch, in GET /out; the first is Error: "
        )
        for line in sentences(capacity)
    )


def test_a_limit_that_a_day_of_any_size_exceeds_has_words_and_no_place():
    crons = ", ".join(f"{{cron: '{minute} 0 * * *'}}" for minute in range(6))
    text = SHOP + f"traffic: [{{requests: 1, path: /get/x}}, {crons}]"
    capacity = measure_capacity(loaded(text), up_to=30)
    assert (capacity.fits, capacity.first) == (0, None)
    assert list(capacity.exceeded) == ["cron_triggers"]
    assert "What comes besides them does not fit: cron triggers: 6, 5 allowed." in list(sentences(capacity))
    assert use(capacity, "kv_reads_per_day").each == 1


def test_a_capacity_whose_requests_all_went_well_says_nothing_of_errors():
    capacity = measure_capacity(loaded(SHOP + "traffic: [{requests: 1, path: /get/x}]"), up_to=3)
    assert capacity.uncaught == {}
    assert not any("does not catch" in line for line in sentences(capacity))


# the command


def run(*arguments):
    return CliRunner().invoke(main, ["capacity", *map(str, arguments)])


def scenario_file(tmp_path, text):
    path = tmp_path / "day.yaml"
    path.write_text("name: day\nstart: 2026-02-16T00:00:00Z\n" + text, encoding="utf-8")
    return path


def test_the_command_shows_what_binds_where_and_what_lies_behind(tmp_path):
    result = run(scenario_file(tmp_path, NINE_CALLS % ("kv_only", "observe")))
    assert result.exit_code == 0
    for part in ("35 plans", "Plan 36 passes the limit of KV writes a day", "Behind it: KV reads a day"):
        assert part in result.output


def test_all_variants_are_shown_side_by_side(tmp_path):
    result = run(
        scenario_file(tmp_path, NINE_CALLS % ("hybrid", "off")),
        "--variant",
        "all",
        "--up-to",
        40,
        "--jobs",
        1,
    )
    assert result.exit_code == 0
    overview = result.output[result.output.index("variant  ") :]
    assert next(line.split()[0] for line in overview.splitlines()[1:]) == "kv_only_v1"
    assert "37" in overview
    assert "40 or more" in overview


def test_each_variant_is_shown_before_the_next_is_measured(tmp_path, monkeypatch):
    printed_before = []

    out = io.StringIO()
    monkeypatch.setattr("sys.stdout", out)

    def measured(loaded, *, variant, **options):
        printed_before.append((variant, out.getvalue()))
        return measure_capacity(loaded, variant=variant, **options)

    monkeypatch.setattr("edgeday.commands.capacity_searches.measure_capacity", measured)
    path = scenario_file(tmp_path, NINE_CALLS % ("hybrid", "off"))
    main(["capacity", str(path), "--variant", "all", "--up-to", "40", "--jobs", "1"], standalone_mode=False)
    assert len(printed_before) > 1
    for (variant, _), (_, printed) in pairwise(printed_before):
        assert f"day {variant}\n" in printed
        assert "Fits a day on Free" in printed


def test_the_json_report_of_all_variants_is_one_document(tmp_path):
    path = scenario_file(tmp_path, NINE_CALLS % ("hybrid", "off"))
    result = run(path, "--variant", "all", "--up-to", 40, "--json", "--jobs", 1)
    assert result.exit_code == 0
    assert [row["variant"] for row in json.loads(result.output)["capacities"]][:2] == [
        "kv_only_v1",
        "kv_only",
    ]


def test_the_json_report_holds_every_limit(tmp_path):
    result = run(
        scenario_file(tmp_path, NINE_CALLS % ("hybrid", "enforce")), "--variant", "kv_only", "--json"
    )
    (capacity,) = json.loads(result.output)["capacities"]
    assert (capacity["variant"], capacity["fits"]) == ("kv_only", 35)
    assert capacity["first"]["at"].startswith("2026-02-16T")
    assert {row["limit"] for row in capacity["uses"]} >= {"kv_writes_per_day", "requests_per_day"}


def test_what_was_measured_before_an_interruption_is_shown(tmp_path, monkeypatch):
    def interrupted_at_the_second(loaded, *, variant, **options):
        if variant == "kv_only":
            raise KeyboardInterrupt
        return measure_capacity(loaded, variant=variant, **options)

    monkeypatch.setattr("edgeday.commands.capacity_searches.measure_capacity", interrupted_at_the_second)
    day = scenario_file(tmp_path, NINE_CALLS % ("hybrid", "off"))
    result = run(day, "--variant", "all", "--jobs", 1)
    assert result.exit_code == 130
    assert "37 plans" in result.output
    assert "interrupted; 1 of 6 were measured" in result.output


class Fragile:
    """A worker of two variants, of which the second raises what it should not."""

    variants = ("good", "bad")

    async def fetch(self, request):
        if self.env.VARIANT == "bad":
            raise ValueError("a defect")
        return Response("ok")


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_was_measured_before_a_worker_raises_is_shown(tmp_path, jobs):
    worker = "worker: {entry: 'tests.replay.test_capacity:Fragile', variant: good}\n"
    path = scenario_file(tmp_path, worker + "traffic: [{requests: 1, path: /}]")
    result = run(path, "--variant", "all", "--up-to", 5, "--strict-worker", "--jobs", jobs)
    assert result.exit_code == 3
    assert "a day of 5 requests fits" in result.stdout
    assert "ValueError: a defect" in result.stderr
    assert result.stderr.endswith("; 1 of 2 were measured\n")


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("", [], "no traffic that could grow"),
        ("traffic: [{plans: 1}]", ["--variant", "hybird"], 'did you mean "hybrid"?'),
        ("traffic: [{plan: 1}]", [], 'unknown key "plan"'),
    ],
)
def test_what_cannot_be_measured_is_bad_input(tmp_path, text, options, message):
    result = run(scenario_file(tmp_path, text), *options)
    assert result.exit_code == 2
    assert message in result.output
