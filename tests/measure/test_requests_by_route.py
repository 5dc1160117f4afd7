from __future__ import annotations

import pytest

from edgeday.events import EventStream
from edgeday.measure.requests_by_route import MAX_ROUTES, OTHER_ROUTES, RequestsByRoute, in_class, together
from edgeday.measure.results import RouteRow
from tests.replay.runs import ended, operation, started


def rows(*events):
    """The rows after these events, by route in their order."""
    stream = EventStream()
    routes = RequestsByRoute(stream)
    for event in events:
        stream.emit(event)
    return {row.route: row for row in routes.rows()}


def request(route, **end):
    return started(route), ended(route, **end)


def test_nothing_that_came_gives_no_rows():
    assert rows() == {}


def test_each_route_has_what_became_of_its_requests():
    assert rows(
        *request("GET /a"),
        *request("GET /a", status=404),
        *request("GET /a"),
        *request("GET /b", status=302, cut_off=2),
    ) == {
        "GET /a": RouteRow("GET /a", 3, {200: 2, 404: 1}, 0, 0, 0),
        "GET /b": RouteRow("GET /b", 1, {302: 1}, 0, 0, 1),
    }


@pytest.mark.parametrize(
    ("end", "failed"),
    [
        ({"status": 499}, 0),
        ({"status": 500}, 1),
        ({"status": 500, "outcome": "exception"}, 1),
        ({"status": 0}, 0),
        ({"status": 0, "outcome": "cancelled"}, 1),
        ({"status": 200, "outcome": "exception"}, 1),
    ],
)
def test_a_request_of_a_route_fails_as_in_the_metric(end, failed):
    assert rows(*request("GET /a", **end))["GET /a"].failed == failed


def test_a_run_of_a_cron_is_a_row_and_ends_without_a_status():
    assert rows(*request("cron */5 * * * *", status=0)) == {
        "cron */5 * * * *": RouteRow("cron */5 * * * *", 1, {0: 1}, 0, 0, 0)
    }


def test_a_request_that_was_turned_away_is_not_among_those_that_started():
    refused = operation("request", "GET", "refused", route="GET /a")
    assert rows(*request("GET /a"), refused, refused)["GET /a"] == RouteRow("GET /a", 1, {200: 1}, 0, 2, 0)


def test_an_operation_that_a_quota_refused_is_no_refused_request():
    assert rows(operation("kv", "put", "refused", route="GET /a")) == {}


def test_a_request_that_goes_on_has_started_and_no_status_yet():
    assert rows(started("GET /a"))["GET /a"] == RouteRow("GET /a", 1, {}, 0, 0, 0)


def test_routes_with_more_requests_come_first_and_equal_ones_by_name():
    refused = operation("request", "GET", "refused", route="GET /d")
    events = [*request("GET /b"), *request("GET /a"), *request("GET /c"), *request("GET /c"), *[refused] * 3]
    assert list(rows(*events)) == ["GET /d", "GET /c", "GET /a", "GET /b"]


def test_statuses_stand_in_their_order_whatever_came_first():
    row = rows(*request("GET /a", status=500), *request("GET /a", status=200))["GET /a"]
    assert list(row.by_status) == [200, 500]


@pytest.mark.parametrize(("routes", "others"), [(MAX_ROUTES, 0), (MAX_ROUTES + 1, 1), (MAX_ROUTES + 7, 7)])
def test_routes_beyond_the_most_count_together_and_stand_last(routes, others):
    events = [event for number in range(routes) for event in (*request(f"GET /{number}"),) * 2]
    counted = rows(*events)
    assert len(counted) == MAX_ROUTES + bool(others)
    assert sum(row.started for row in counted.values()) == 2 * routes
    if others:
        assert list(counted)[-1] == OTHER_ROUTES
        assert counted[OTHER_ROUTES] == RouteRow(OTHER_ROUTES, 2 * others, {200: 2 * others}, 0, 0, 0)


@pytest.mark.parametrize(("first", "answered"), [(200, 3), (300, 0), (400, 4)])
def test_a_class_of_statuses_is_a_hundred_of_them(first, answered):
    row = RouteRow("GET /a", 9, {0: 1, 199: 1, 200: 1, 299: 2, 400: 3, 499: 1, 500: 1}, 1, 0, 0)
    assert in_class(row, first) == answered


def test_several_rows_add_up_to_one():
    several = [RouteRow("a", 3, {200: 2, 404: 1}, 0, 1, 0), RouteRow("b", 2, {500: 1, 200: 1}, 1, 2, 1)]
    assert together("2 more", several) == RouteRow("2 more", 5, {200: 3, 404: 1, 500: 1}, 1, 3, 1)
