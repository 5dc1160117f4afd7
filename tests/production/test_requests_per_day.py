"""The requests of a day, and what those beyond them get."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest

from edgeday.clock import VirtualClock
from edgeday.events import InvocationStarted, Operation
from edgeday.limits import Switches, account_limits
from edgeday.production.requests_per_day import DailyRequests
from edgeday.runtime.edge import Edge
from edgeday.web.messages import Request, Response


class Greeting:
    async def fetch(self, request):
        return Response("hello")


def limits(count):
    return dataclasses.replace(
        account_limits("free", date.fromisoformat("2026-03-01")), requests_per_day=count
    )


@pytest.mark.parametrize(("mode", "admitted"), [("enforce", 3), ("observe", 5), ("off", 5)])
def test_the_limit_admits_so_many_where_it_is_enforced(clock, mode, admitted):
    requests = DailyRequests(clock, limits(3), mode)
    assert sum([requests.admit() for _ in range(5)]) == admitted


def test_the_next_utc_day_begins_with_all_its_requests():
    clock = VirtualClock("2026-03-01T23:59:59Z")
    requests = DailyRequests(clock, limits(1), "enforce")
    assert [requests.admit(), requests.admit()] == [True, False]
    clock.advance(seconds=1)
    assert requests.admit()


def test_a_paid_account_has_no_such_limit(clock):
    requests = DailyRequests(clock, limits(None), "enforce")
    assert all(requests.admit() for _ in range(10))


async def test_a_request_beyond_the_limit_gets_error_1027_and_never_reaches_the_worker(clock):
    edge = Edge(clock=clock, worker=Greeting)
    edge._requests = DailyRequests(clock, limits(1), "enforce")
    started, refused = [], []
    edge.events.subscribe(InvocationStarted, started.append)
    edge.events.subscribe(Operation, refused.append)
    request = Request("https://site.example/path?x=1")
    assert (await edge.dispatch(request)).status == 200
    answer = await edge.dispatch(request)
    assert (answer.status, await answer.text()) == (429, "error code: 1027")
    assert len(started) == 1
    assert [(event.service, event.outcome, event.route) for event in refused] == [
        ("request", "refused", "GET /path")
    ]


def test_the_free_account_has_100_000_requests_a_day(clock):
    edge = Edge(clock=clock, switches=Switches(requests="enforce"))
    assert edge.limits.requests_per_day == 100_000


@pytest.mark.parametrize(
    ("account", "day", "external", "internal", "shared"),
    [
        ("paid", "2026-02-10", 1_000, 1_000, 0),
        ("paid", "2026-02-11", 10_000, 10_000, 1),
        ("free", "2026-02-10", 50, 1_000, 0),
        ("free", "2026-02-11", 50, 1_000, 0),
    ],
)
def test_the_change_of_2026_gives_paid_accounts_one_counter_of_10_000_and_leaves_free_ones(
    account, day, external, internal, shared
):
    allowance = account_limits(account, date.fromisoformat(day))
    assert (allowance.external_subrequests, allowance.internal_subrequests) == (external, internal)
    assert allowance.subrequests_shared == shared
