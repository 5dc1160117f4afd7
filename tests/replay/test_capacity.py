from __future__ import annotations

import io
import json
import math
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from edgeday.commands.cli import main
from edgeday.limits import account_limits
from edgeday.replay.capacity import counts_as_error, measure_capacity
from edgeday.replay.runner import ReplayFailed, replay
from edgeday.report.capacity import sentences
from edgeday.scenario.loader import load_one
from edgeday.web import Request, Response, fetch
from tests.scenario_days import SCENARIOS, SHOP, loaded

NINE_CALLS = """
worker: {variant: %s}
limits: {subrequests: %s}
traffic:
  - {plans: 100, ai_calls: 9, ai: {seconds: 8}}
"""


def nine_calls(variant, subrequests="observe"):
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


def test_an_observed_limit_does_not_bind_but_is_named():
    capacity = measure_capacity(nine_calls("hybrid", "observe"), up_to=30)
    assert capacity.fits is None
    assert capacity.tried == 30
    assert any("Not enforced" in line and "at plan 1." in line for line in sentences(capacity))
    assert any(line.startswith("Nothing binds") for line in sentences(capacity))


def writes_left(units):
    """Background code that leaves so many writes of the day."""
    return f"background: [{{writes: [{1000 - units}, {', '.join('0' * 23)}]}}]\n"


ERRORS = """
account: free
worker: {variant: hybrid}
limits: {subrequests: observe}
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
    """One error plan in two, and a background that leaves 30 writes: 30 / (writes / 2) plans."""
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
    capacity = measure_capacity(
        day._replace(scenario=day.scenario.model_copy(update={"background": background}))
    )
    whole_error_plans = left // writes
    assert capacity.fits == whole_error_plans * 20 + 9  # of every twenty plans the tenth has errors
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


def test_other_traffic_is_charged_before_the_plans():
    text = (NINE_CALLS % ("kv_only", "observe")) + (
        "  - {name: chat, requests: 20, method: POST, path: /api/chat, body: {message: hello}}\n"
    )
    capacity = measure_capacity(loaded(text))
    writes = use(capacity, "kv_writes_per_day")
    assert writes.before == 20 * 4  # of a chat message: entry, index, session list, response
    assert capacity.fits == (1000 - 80) // 28
    assert use(capacity, "requests_per_day").before == 20


def test_what_comes_before_the_plans_can_pass_a_limit_alone():
    capacity = measure_capacity(loaded(NINE_CALLS % ("hybrid", "observe") + "background: [{lists: 42}]\n"))
    assert (capacity.fits, capacity.first.limit, capacity.first.number) == (0, "kv_lists_per_day", 0)
    assert any("What comes before them" in line for line in sentences(capacity))


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


@given(st.integers(0, 40), st.integers(1, 40), st.integers(1, 400))
def test_error_plans_are_counted_out_to_the_nearest_whole_number(part, whole, plans):
    share = Fraction(min(part, whole), whole)
    failing = sum(counts_as_error(number, share) for number in range(1, plans + 1))
    assert failing == math.floor(plans * share + Fraction(1, 2))


def test_the_state_of_a_run_that_grows_does_not_grow(monkeypatch):
    from edgeday.replay import capacity as module

    stores = []

    class Watched(module.RecentStore):
        def __init__(self):
            super().__init__(500)
            stores.append(self)

    monkeypatch.setattr(module, "RecentStore", Watched)
    assert measure_capacity(nine_calls("hybrid"), up_to=100).tried == 100  # 28 entries each
    assert stores[0].held_entries() <= 500


def test_the_same_scenario_gives_the_same_capacity():
    assert measure_capacity(nine_calls("kv_only")) == measure_capacity(nine_calls("kv_only"))


def test_progress_is_told_after_each_plan():
    steps = []
    measure_capacity(nine_calls("kv_only"), up_to=5, progress=lambda *values: steps.append(values))
    assert [(done, total) for done, total, _ in steps] == [(number, 5) for number in range(1, 6)]


def test_a_worker_that_raises_is_named():
    with pytest.raises(ReplayFailed, match="GET /fail"):
        measure_capacity(loaded(SHOP + "traffic: [{requests: 1, path: /fail}]"))


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
        scenario_file(tmp_path, NINE_CALLS % ("hybrid", "observe")), "--variant", "all", "--up-to", 40
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

    monkeypatch.setattr("edgeday.replay.capacity.measure_capacity", measured)
    path = scenario_file(tmp_path, NINE_CALLS % ("hybrid", "observe"))
    main(["capacity", str(path), "--variant", "all", "--up-to", "40"], standalone_mode=False)
    assert len(printed_before) > 1
    for (variant, _), (_, printed) in pairwise(printed_before):
        assert f"day {variant}\n" in printed
        assert "Fits a day on Free" in printed


def test_the_json_report_of_all_variants_is_one_document(tmp_path):
    path = scenario_file(tmp_path, NINE_CALLS % ("hybrid", "observe"))
    result = run(path, "--variant", "all", "--up-to", 40, "--json")
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

    monkeypatch.setattr("edgeday.replay.capacity.measure_capacity", interrupted_at_the_second)
    result = run(scenario_file(tmp_path, NINE_CALLS % ("hybrid", "observe")), "--variant", "all")
    assert result.exit_code == 130
    assert "37 plans" in result.output
    assert "interrupted; 1 of 6 were measured" in result.output


class Fragile:
    """A worker of two variants, of which the second raises."""

    variants = ("good", "bad")

    async def fetch(self, request):
        if self.env.VARIANT == "bad":
            raise ValueError("a defect")
        return Response("ok")


def test_what_was_measured_before_a_worker_raises_is_shown(tmp_path):
    worker = "worker: {entry: 'tests.replay.test_capacity:Fragile', variant: good}\n"
    path = scenario_file(tmp_path, worker + "traffic: [{requests: 1, path: /}]")
    result = run(path, "--variant", "all", "--up-to", 5)
    assert result.exit_code == 3
    assert "5 requests were tried" in result.stdout
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
