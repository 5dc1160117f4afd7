"""A served account that does what production does, as the `platform` of its scenario says."""

from __future__ import annotations

from collections import Counter

import pytest

from edgeday.commands.served_worker import ServeOptions, read_served
from edgeday.events import InvocationStarted
from edgeday.scenario.production import ScenarioProduction
from edgeday.web import Response
from tests.server.conftest import local_server

SCENARIO = """
name: day
start: 2026-02-16T00:00:00Z
worker: {entry: "tests.server.test_served_production:Sessions"}
namespaces: {page_content: page_content}
platform: {colos: {FRA: 1, IAD: 3}, propagation: true}
traffic:
  - {requests: 1, path: /}
  - {cron: "*/5 * * * *"}
"""


class Sessions:
    """Signs in with a POST, out with a DELETE, and says which it is."""

    async def fetch(self, request):
        kv = self.env.page_content
        if request.method == "POST":
            await kv.put("session", "in")
        elif request.method == "DELETE":
            await kv.delete("session")
        return Response(await kv.get("session") or "out")


def test_the_platform_and_the_crons_of_a_scenario_are_served(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "day.yaml").write_text(SCENARIO, "utf-8")
    settings = read_served(ServeOptions(scenario=tmp_path / "day.yaml")).settings
    assert settings.production == ScenarioProduction(colos={"FRA": 1, "IAD": 3}, propagation=True)
    assert settings.crons == ("*/5 * * * *",)


def listening(server) -> Counter[str]:
    """Counts the data centres that requests arrive at from now on."""
    colos: Counter[str] = Counter()
    server.served.edge.events.subscribe(InvocationStarted, lambda event: colos.update([event.colo]))
    return colos


async def test_requests_arrive_at_the_data_centres_by_weight():
    production = ScenarioProduction(colos={"FRA": 1, "IAD": 3})
    async with local_server(production=production) as server:
        colos = listening(server)
        for _ in range(60):
            await server.request("GET", "/")
    assert set(colos) == {"FRA", "IAD"}
    assert colos["FRA"] < colos["IAD"]


async def test_without_a_platform_all_requests_arrive_at_one_place(server):
    colos = listening(server)
    await server.request("GET", "/")
    assert colos == {"SOF": 1}


@pytest.mark.parametrize(("propagation", "seen"), [(True, {b"in", b"out"}), (False, {b"out"})])
async def test_who_has_signed_out_is_still_signed_in_elsewhere(propagation, seen):
    production = ScenarioProduction(colos={"FRA": 1, "IAD": 1}, propagation=propagation)
    async with local_server(Sessions, production=production) as server:

        async def pages():
            return {(await server.request("GET", "/")).body for _ in range(30)}

        await server.request("POST", "/")
        await server.served.advance(2)
        assert await pages() == {b"in"}
        await server.request("DELETE", "/")
        assert await pages() == seen
        await server.served.advance(60)
        assert await pages() == {b"out"}
