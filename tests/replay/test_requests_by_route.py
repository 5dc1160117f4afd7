"""Requests by route in the result of a run, and in its JSON report."""

from __future__ import annotations

import json

import pytest

from edgeday.measure.results import RouteRow
from edgeday.report import json_report
from edgeday.web import Response
from tests.scenario_days import HEAD, SHOP_HEAD, replayed


class Nightly:
    """Fails every other time that its cron runs."""

    async def fetch(self, request):
        return Response("ok")

    async def scheduled(self, controller):
        if controller.scheduledTime // 3_600_000 % 2:
            raise ValueError("an odd hour")


DAY = """
traffic:
- {requests: 5, method: POST, path: /put/a, arrivals: even}
- {name: lost, requests: 3, path: /nowhere, arrivals: even}
- {name: failing, requests: 2, path: /fail, arrivals: even}
probes:
- {at: "+23h", request: {path: /get/a}, expect: {status: 200}}
"""


@pytest.fixture(scope="module")
def day():
    return replayed(DAY, SHOP_HEAD)


def test_a_result_has_a_row_for_each_route_probes_among_them(day):
    assert day.requests == [
        RouteRow("POST /put/a", 5, {200: 5}, 0, 0, 0),
        RouteRow("GET /nowhere", 3, {404: 3}, 0, 0, 0),
        RouteRow("GET /fail", 2, {500: 2}, 2, 0, 0),
        RouteRow("GET /get/a", 1, {200: 1}, 0, 0, 0),
    ]


def test_the_rows_add_up_to_the_metrics(day):
    values = day.metrics.values
    assert sum(row.started for row in day.requests) == values["requests.started"] == 11
    assert sum(row.failed for row in day.requests) == values["requests.failed"] == 2


def test_the_json_report_has_the_rows_with_statuses_as_text(day):
    (scenario,) = json.loads(json_report.render([day]))["scenarios"]
    numbers = {"started": 3, "by_status": {"404": 3}, "failed": 0, "refused": 0, "cut_off": 0}
    assert scenario["requests"][1] == {"route": "GET /nowhere", **numbers}


def test_runs_of_a_cron_are_a_row_of_their_own():
    head = f'{HEAD}worker: {{entry: "tests.replay.test_requests_by_route:Nightly"}}\n'
    assert replayed('traffic: [{cron: "0 * * * *"}]\n', head).requests == [
        RouteRow("cron 0 * * * *", 24, {0: 24}, 12, 0, 0)
    ]
