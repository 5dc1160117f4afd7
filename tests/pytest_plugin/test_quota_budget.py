"""Quota budgets: what they count, whom they name, and what they cost."""

from __future__ import annotations

import asyncio
import inspect
import sys
from contextlib import suppress

import pytest

from edgeday.errors import QuotaExceeded, TooManySubrequests
from edgeday.limits import Switches
from edgeday.pytest_plugin import QuotaBudgetExceeded, edge_budget
from edgeday.runtime.edge import Edge
from edgeday.web import Response, caches, fetch

pytest_plugins = ["pytester"]


@pytest.fixture
def edge(clock) -> Edge:
    async def answer(request, invocation) -> Response:
        return Response("pong")

    return Edge(clock=clock, namespaces={"KV": "KV"}, outbound={"*": answer})


def line_of(function, text: str) -> int:
    """The number of the line of a function that has this text."""
    lines, first = inspect.getsourcelines(function)
    return first + next(number for number, line in enumerate(lines) if text in line)


async def save(kv, key: str) -> None:
    await kv.put(key, "x")


async def one_of_each(edge: Edge) -> None:
    kv = edge.env.KV
    await kv.get("a")
    await kv.getWithMetadata("a")
    await kv.put("a", "1")
    await kv.delete("a")
    await kv.list(prefix="a")
    await edge.caches.default.match("https://a.example/")
    await edge.caches.default.put("https://a.example/", Response("x"))
    await edge.caches.default.delete("https://a.example/")


SPENT = {"reads": 2, "writes": 1, "deletes": 1, "lists": 1, "refused": 0, "cache_operations": 3}


@pytest.mark.parametrize(("name", "units"), SPENT.items())
async def test_a_budget_of_exactly_what_is_spent_holds(edge, name, units):
    with edge_budget(edge, **{name: units}) as spent:
        await one_of_each(edge)
    assert getattr(spent, name) == units


@pytest.mark.parametrize(("name", "units"), [pair for pair in SPENT.items() if pair[1]])
async def test_a_budget_of_one_less_is_exceeded(edge, name, units):
    pattern = f"^quota budget exceeded: {units} {name}, allowed"
    with pytest.raises(QuotaBudgetExceeded, match=pattern), edge_budget(edge, **{name: units - 1}):
        await one_of_each(edge)


async def test_only_what_the_block_asks_for_counts(edge):
    await save(edge.env.KV, "before")
    with edge_budget(edge, writes=1) as spent:
        await save(edge.env.KV, "inside")
    await save(edge.env.KV, "after")
    assert spent.writes == 1


async def test_only_the_given_edge_counts(edge, clock):
    other = Edge(clock=clock, namespaces={"KV": "KV"})
    with edge_budget(edge, writes=0) as spent:
        await save(other.env.KV, "a")
    assert spent.writes == 0


async def test_a_bulk_read_counts_each_of_its_keys(edge):
    with edge_budget(edge, reads=3) as spent:
        await edge.env.KV.get(["a", "b", "c"])
    assert spent.reads == 3


async def save_three(kv, clock) -> None:
    for _ in range(2):
        await save(kv, "log:1")
        clock.advance(seconds=1)
    await kv.put("index", "[]")
    await kv.get("index")


async def test_the_failure_lists_operations_keys_counts_and_call_sites(edge, clock):
    with pytest.raises(QuotaBudgetExceeded) as failure, edge_budget(edge, writes=2, reads=5):
        await save_three(edge.env.KV, clock)
    lines = str(failure.value).splitlines()
    here = "tests/pytest_plugin/test_quota_budget.py"
    assert lines == [
        "quota budget exceeded: 3 writes, allowed 2 (1 over)",
        f"     2 x kv put log:1  {here}:{line_of(save, 'kv.put')} in save",
        f"     1 x kv put index  {here}:{line_of(save_three, 'put')} in save_three",
    ]


async def test_every_broken_class_is_reported(edge):
    with pytest.raises(QuotaBudgetExceeded) as failure, edge_budget(edge, reads=1, writes=0, lists=9):
        await one_of_each(edge)
    lines = [line for line in str(failure.value).splitlines() if not line.startswith(" ")]
    assert lines == [
        "quota budget exceeded: 2 reads, allowed 1 (1 over)",
        "quota budget exceeded: 1 writes, allowed 0 (1 over)",
    ]


async def read_keys(kv, count: int) -> None:
    for number in range(count):
        await kv.get(f"key:{number}")


async def test_a_long_list_is_cut_and_its_rest_counted(edge):
    with pytest.raises(QuotaBudgetExceeded) as failure, edge_budget(edge, reads=0):
        await read_keys(edge.env.KV, 23)
    lines = str(failure.value).splitlines()
    assert len(lines) == 22
    assert lines[-1] == "     3 more, of 3 other keys or call sites"


async def test_operations_of_gathered_tasks_are_traced_to_where_they_were_made(edge):
    kv = edge.env.KV
    with pytest.raises(QuotaBudgetExceeded) as failure, edge_budget(edge, writes=0):
        await asyncio.gather(kv.put("bare", "1"), save(kv, "wrapped"))
    own = test_operations_of_gathered_tasks_are_traced_to_where_they_were_made
    message = str(failure.value)
    assert f":{line_of(own, 'gather(kv')} in {own.__name__}" in message
    assert f":{line_of(save, 'kv.put')} in save" in message


async def test_a_call_site_inside_a_worker_is_the_workers_own_line(clock):
    class Worker:
        async def fetch(self, request):
            await self.env.KV.put("a", "1")
            return Response("ok")

    from edgeday.web import Request

    edge = Edge(clock=clock, namespaces={"KV": "KV"}, worker=Worker)
    with pytest.raises(QuotaBudgetExceeded) as failure, edge_budget(edge, writes=0):
        await edge.dispatch(Request("https://a.example/"))
    assert f":{line_of(Worker.fetch, 'KV.put')} in fetch" in str(failure.value)


async def save_or_lose(kv, key: str) -> None:
    with suppress(QuotaExceeded):
        await save(kv, key)


async def test_a_refused_write_counts_as_a_write_and_as_refused(edge):
    for number in range(1000):
        await edge.env.KV.put(f"filler:{number}", "x")
    with pytest.raises(QuotaBudgetExceeded) as failure, edge_budget(edge, writes=0, refused=0):
        await save_or_lose(edge.env.KV, "one more")
    blocks = str(failure.value).split("quota budget exceeded: ")
    assert [block.partition(",")[0] for block in blocks] == ["", "1 writes", "1 refused"]
    assert "kv put one more refused (KV put() limit exceeded for the day.)" in blocks[2]


async def test_a_read_that_the_subrequest_limit_refuses_asks_for_no_quota(edge):
    limit = edge.limits.internal_subrequests
    with edge_budget(edge, reads=limit) as spent:
        async with edge.invocation():
            for _ in range(limit):
                await edge.env.KV.get("a")
            with pytest.raises(TooManySubrequests):
                await edge.env.KV.get("a")
    assert (spent.reads, spent.refused) == (limit, 1)


async def test_subrequests_are_those_of_the_busiest_invocation(edge):
    with edge_budget(edge, subrequests=3) as spent:
        for fetches in (1, 2):
            async with edge.invocation("GET /"):
                await caches.default.match("https://a.example/")
                await edge.env.KV.get("a")
                for _ in range(fetches):
                    await fetch("https://b.example/")
    assert spent.subrequests == 3
    assert spent.cache_operations == 2


async def fetch_51_times(edge: Edge) -> None:
    async with edge.invocation("GET /"):
        for _ in range(50):
            await fetch("https://b.example/")
        with suppress(TooManySubrequests):
            await fetch("https://b.example/")


async def test_subrequests_that_were_refused_count_too(edge):
    with pytest.raises(QuotaBudgetExceeded) as failure, edge_budget(edge, subrequests=50, refused=0):
        await fetch_51_times(edge)
    message = str(failure.value)
    assert "quota budget exceeded: 51 subrequests, allowed 50 (1 over)" in message
    assert "quota budget exceeded: 1 refused, allowed 0 (1 over)" in message


async def save_and_break(kv) -> None:
    await save(kv, "a")
    raise LookupError("own")


async def test_an_exception_of_the_block_goes_before_its_budget(edge):
    with pytest.raises(LookupError, match="own"), edge_budget(edge, writes=0):
        await save_and_break(edge.env.KV)


async def test_nothing_is_traced_before_or_after_a_block(edge, monkeypatch):
    calls = []
    monkeypatch.setattr("edgeday.pytest_plugin.quota.user_call_site", lambda: calls.append(1))
    depth = sys.get_coroutine_origin_tracking_depth()
    await save(edge.env.KV, "before")
    with edge_budget(edge, writes=1):
        assert sys.get_coroutine_origin_tracking_depth() > depth
        await save(edge.env.KV, "inside")
    assert sys.get_coroutine_origin_tracking_depth() == depth
    await save(edge.env.KV, "after")
    assert calls == [1]


async def test_blocks_nest_and_each_keeps_its_own_count(edge):
    with edge_budget(edge, writes=2) as outer:
        await save(edge.env.KV, "a")
        with edge_budget(edge, writes=1) as inner:
            await save(edge.env.KV, "b")
        depth_inside = sys.get_coroutine_origin_tracking_depth()
    assert (outer.writes, inner.writes) == (2, 1)
    assert depth_inside > sys.get_coroutine_origin_tracking_depth()


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({}, "at least one limit is needed, of: reads, writes"),
        ({"wites": 3}, "there is no class 'wites'; there are: reads, writes"),
        ({"writes": -1}, "writes=-1 is no number from 0 upwards"),
        ({"writes": "4"}, "writes='4' is no number from 0 upwards"),
        ({"writes": True}, "writes=True is no number from 0 upwards"),
    ],
)
def test_what_is_no_budget_is_refused_before_the_block(edge, limits, message):
    with pytest.raises(ValueError, match=message):
        edge_budget(edge, **limits)


async def test_what_was_spent_has_no_other_classes(edge):
    with edge_budget(edge, writes=0) as spent:
        pass
    with pytest.raises(AttributeError, match="no class 'puts'"):
        _ = spent.puts


async def test_an_observed_limit_does_not_stop_a_budget(clock):
    edge = Edge(clock=clock, namespaces={"KV": "KV"}, switches=Switches(daily_kv="off"))
    with pytest.raises(QuotaBudgetExceeded), edge_budget(edge, writes=0):
        await save(edge.env.KV, "a")


BY_MARKER = """
import pytest

@pytest.mark.quota_budget(writes=1)
class TestMarked:
    async def test_within(self, kv):
        await kv.put("a", "1")

    async def test_over(self, kv):
        await kv.put("a", "1")
        await kv.put("b", "1")

    @pytest.mark.quota_budget(reads=0)
    async def test_both_markers_apply(self, kv):
        await kv.get("a")

@pytest.fixture
async def seeded(kv):
    await kv.put("seed", "1")

@pytest.mark.quota_budget(writes=0)
async def test_what_fixtures_spend_is_free(seeded, kv):
    assert await kv.get("seed") == "1"

@pytest.mark.quota_budget(writes=0)
async def test_a_failing_test_fails_for_its_own_reason(kv):
    await kv.put("a", "1")
    assert await kv.get("a") == "2"
"""


def test_the_marker_fails_the_tests_that_spend_more(project):
    project.makepyfile(BY_MARKER)
    result = project.runpytest_inprocess()
    result.assert_outcomes(passed=2, failed=3)
    result.stdout.fnmatch_lines(
        [
            "*TestMarked.test_over*",
            "quota budget exceeded: 2 writes, allowed 1 (1 over)",
            "     1 x kv put a  *.py:9 in test_over",
            "     1 x kv put b  *.py:10 in test_over",
            "*TestMarked.test_both_markers_apply*",
            "quota budget exceeded: 1 reads, allowed 0 (1 over)",
            "E*AssertionError: assert '1' == '2'",
        ]
    )


def test_the_fixture_fails_the_test_at_its_with_line(project):
    project.makepyfile(
        """
def test_over(run, kv, quota_budget):
    with quota_budget(writes=0):
        run(kv.put("a", "1"))
"""
    )
    result = project.runpytest_inprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            ">       with quota_budget(writes=0):",
            "E       *QuotaBudgetExceeded: quota budget exceeded: 1 writes, allowed 0 (1 over)",
            "E            1 x kv put a  *.py:3 in test_over",
        ]
    )
    assert "quota.py" not in result.stdout.str().partition("E       ")[0]


@pytest.mark.parametrize(
    ("marker", "argument", "message"),
    [
        ("writes=-1", "edge", "writes=-1 is no number from 0 upwards"),
        ("", "edge", "at least one limit is needed, of: reads,*"),
        ("4", "edge", "it takes names only, as in quota_budget(writes=4)"),
        ("writes=1", "", "it watches the test's edge, which nothing here asks for:*"),
    ],
)
def test_a_marker_that_cannot_work_says_why(project, marker, argument, message):
    project.makepyfile(
        f"""
import pytest

@pytest.mark.quota_budget({marker})
def test_never_run({argument}):
    raise AssertionError
"""
    )
    result = project.runpytest_inprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"@pytest.mark.quota_budget: {message}"])
