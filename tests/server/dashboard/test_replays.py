"""Replaying a scenario from the pages: progress, verdict, stopping, and what cannot be replayed."""

from __future__ import annotations

import asyncio
import html
import itertools
import json
import re

import pytest

from edgeday.server.dashboard.replays import MAX_RUNS, Run, scenarios_in
from tests.report.days import ROUTES_DAY
from tests.server.dashboard.conftest import visiting
from tests.server.dashboard.test_overview import words


async def start(visitor, name: str) -> str:
    """Begin a replay; gives the path of its run."""
    answer = await visitor.post("replay", {"scenario": name})
    assert answer.status == 303, answer.body
    return answer.headers["Location"].removeprefix("/__edgeday/")


async def ended(visitor, path: str) -> str:
    """The page of a run once it is over."""
    async with asyncio.timeout(60):
        while True:
            progress = await visitor.get(path.replace("/run", "/progress"), headers={"HX-Request": "true"})
            if progress.headers.get("HX-Refresh") == "true":
                return await visitor.text(path)
            await asyncio.sleep(0.02)


async def test_the_scenarios_of_the_directory_can_be_chosen(scenarios):
    async with visiting(scenarios=scenarios) as visitor:
        text = await visitor.text("replay")
    assert re.findall("<option>(.*)</option>", text) == ["small.yaml", "wrong.yaml", "large/long.yaml"]


async def test_without_scenarios_the_page_says_how_to_get_some(visitor):
    assert "There are no scenarios to choose from." in await visitor.text("replay")


async def test_a_replay_ends_with_its_verdict_budgets_and_plots(scenarios):
    async with visiting(scenarios=scenarios) as visitor:
        text = await ended(visitor, await start(visitor, "small.yaml"))
        assert "PASS small, FITS the free account 1 of 1 budget kept" in words(text)
        assert "plans.started within == 5 5" in words(text)
        plots = [json.loads(html.unescape(data)) for data in re.findall(r'data-plot="([^"]*)"', text)]
        assert [plot["title"] for plot in plots] == [
            "Operations by hour and key family", "Subrequests per invocation", "Entries stored and readable"
        ]  # fmt: skip
        assert "pass run 1 · 5 requests" in words(await visitor.text("replay"))


async def test_a_replay_shows_requests_by_route_and_what_does_not_fit(scenarios):
    (scenarios / "routes.yaml").write_text(ROUTES_DAY, "utf-8")
    async with visiting(scenarios=scenarios) as visitor:
        text = await ended(visitor, await start(visitor, "routes.yaml"))
        runs = words(await visitor.text("replay"))
    assert "routes.yaml fail does not fit run 1" in runs
    assert "Does not fit the Free account KV writes a day: 1,200 asked for" in words(text)
    assert "route started 200 404 500 failed POST /put/order 1,200 1,000 0 200 200" in words(text)


async def test_a_run_that_ends_while_its_page_is_made_is_shown_as_it_was_before(scenarios, monkeypatch):
    async with visiting(scenarios=scenarios) as visitor:
        path = await start(visitor, "small.yaml")
        await ended(visitor, path)
        looks = itertools.count()  # at the first look at it the run goes on, at any later one it is over
        states = property(lambda _: "done" if next(looks) else "running")
        results = property(lambda run: vars(run)["result"] if next(looks) else None)
        monkeypatch.setattr(Run, "state", states, raising=False)
        monkeypatch.setattr(Run, "result", results, raising=False)
        assert "Stop" in words(await visitor.text(path))
        assert "PASS small" in words(await visitor.text(path))


async def test_the_report_of_a_replay_can_be_downloaded(scenarios):
    async with visiting(scenarios=scenarios) as visitor:
        path = await start(visitor, "small.yaml")
        await ended(visitor, path)
        answer = await visitor.get(path.replace("/run", "/report"))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="edgeday-replay-1.html"'
    assert "<title>PASS small, FITS the free account - edgeday report</title>" in answer.body.decode()


async def test_a_replay_does_not_touch_the_served_account(scenarios):
    async with visiting(scenarios=scenarios) as visitor:
        store = visitor.local.served.edge.store
        before = store.held_entries()
        await ended(visitor, await start(visitor, "small.yaml"))
        assert store.held_entries() == before
        assert "No request has reached the worker yet." in await visitor.text("now")


async def test_a_replay_shows_progress_and_plots_while_it_goes_on_and_can_be_stopped(scenarios):
    async with visiting(scenarios=scenarios) as visitor:
        path = await start(visitor, "large/long.yaml")
        progress = path.replace("/run", "/progress")
        text = ""
        async with asyncio.timeout(60):
            while 'class="plot"' not in text:
                text = await visitor.text(progress, headers={"HX-Request": "true"})
        done, total = re.search(r"<strong>([\d,]+)</strong> of ([\d,]+) requests", text).groups()
        assert 0 < int(done.replace(",", "")) < 20_000
        assert total == "20,000"
        busy = await visitor.post("replay", {"scenario": "small.yaml"})
        assert busy.status == 409
        assert "large/long.yaml is being replayed" in busy.body.decode()
        assert (await visitor.post(path.replace("/run", "/stop"))).status == 303
        text = words(await ended(visitor, path))
        assert "so that this is a part of the run" in text
        assert (await visitor.post("replay", {"scenario": "small.yaml"})).status == 303


async def test_a_scenario_that_is_wrong_is_refused_with_its_problems(scenarios):
    async with visiting(scenarios=scenarios) as visitor:
        text = await ended(visitor, await start(visitor, "wrong.yaml"))
    assert "It could not be replayed" in text
    assert "wrong.yaml:2:1" in text
    assert "trafic" in text
    assert "<b>wrong" not in text


@pytest.mark.parametrize(
    "name",
    ["", "notes.txt", "../secret.yaml", "/etc/passwd", "large", "./small.yaml", "large/../small.yaml", "\0"],
)
async def test_only_the_scenarios_of_the_list_can_be_replayed(scenarios, name):
    (scenarios.parent / "secret.yaml").write_text("name: secret", "utf-8")
    async with visiting(scenarios=scenarios) as visitor:
        answer = await visitor.post("replay", {"scenario": name})
        assert answer.status == 404
        assert "Runs of this server" not in await visitor.text("replay")


async def test_a_file_that_came_after_the_start_cannot_be_replayed(scenarios):
    async with visiting(scenarios=scenarios) as visitor:
        (scenarios / "late.yaml").write_text("name: late", "utf-8")
        assert (await visitor.post("replay", {"scenario": "late.yaml"})).status == 404


async def test_the_oldest_of_too_many_runs_is_forgotten(scenarios):
    async with visiting(scenarios=scenarios) as visitor:
        paths = []
        for _ in range(MAX_RUNS + 1):
            paths.append(await start(visitor, "wrong.yaml"))
            await ended(visitor, paths[-1])
        assert (await visitor.get(paths[0])).status == 404
        assert (await visitor.get(paths[1])).status == 200


async def test_a_server_that_is_told_to_stop_stops_its_replay(scenarios):
    loop = asyncio.get_running_loop()
    async with visiting(scenarios=scenarios) as visitor:
        await start(visitor, "large/long.yaml")
        await asyncio.sleep(0.3)
        began = loop.time()
    await loop.shutdown_default_executor()
    assert loop.time() - began < 10


def test_links_out_of_the_directory_and_other_files_are_no_scenarios(scenarios):
    assert sorted(scenarios_in(scenarios)) == ["large/long.yaml", "small.yaml", "wrong.yaml"]
