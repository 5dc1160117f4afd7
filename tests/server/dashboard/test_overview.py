"""The overview: gauges, invocations, and moving time."""

from __future__ import annotations

import re

import pytest

from edgeday.ledger import Op, Spend
from tests.server.conftest import START_S
from tests.server.dashboard.conftest import visiting


def words(html: str) -> str:
    """The text of a page, blanks as one."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


async def test_the_gauges_show_what_is_used_and_when_it_resets(visitor):
    await visitor.local.put("a")
    await visitor.local.kv("DELETE", "/values/a")
    text = words(await visitor.text("now"))
    assert "reset in 12 h , at 2026-03-02 00:00:00 UTC" in text
    assert "KV writes 1 of 1,000 999 left 0.1 %" in text
    assert "KV deletes 1 of 1,000" in text
    assert "KV reads 0 of 100,000" in text
    assert "KV lists 0 of 1,000" in text


async def test_a_spent_quota_is_said_to_be_spent_and_refusals_are_counted(visitor):
    edge = visitor.local.served.edge
    await edge.store.charge(Spend(Op.WRITE, 1000, edge.ledger.today, 1000))
    assert "KV writes 1,000 of 1,000 spent 100 %" in words(await visitor.text("now"))
    assert (await visitor.local.put("a")).status == 429
    assert "1 refused" in words(await visitor.text("now"))


async def test_a_paid_account_has_no_daily_limit():
    async with visiting(account="paid") as visitor:
        text = words(await visitor.text("now"))
        assert "KV reads 0 no daily limit" in text
        assert " left" not in text


async def test_an_invocation_is_shown_with_its_subrequests_against_the_limits(visitor):
    await visitor.local.request("GET", "/cache/max-age=60")
    text = words(await visitor.text("now"))
    assert "GET /cache/max-age=60 #1 · SOF 200 1 of 50 0 of 1,000" in text


async def test_an_exception_of_the_worker_is_shown_as_one(visitor):
    await visitor.local.request("GET", "/fails")
    assert "exception" in await visitor.text("now")


class Surrogate:
    """A worker that fails with half a surrogate pair in what it says."""

    async def fetch(self, request):
        raise RuntimeError("no \ud800")


async def test_an_error_that_utf8_cannot_hold_is_shown():
    async with visiting(Surrogate) as visitor:
        await visitor.local.request("GET", "/")
        assert "RuntimeError: no \ufffd" in words(await visitor.text(""))


async def test_an_untouched_server_says_that_nothing_has_happened(visitor):
    text = await visitor.text("")
    assert "Nothing has happened yet." in text
    assert "No request has reached the worker yet." in text


@pytest.mark.parametrize(
    ("fields", "now_s"),
    [
        ({"by": "1h"}, START_S + 3600),
        ({"by": "24h"}, START_S + 86_400),
        ({"by": "reset"}, START_S + 43_200),
        ({"to": "2026-03-05T06:00"}, START_S + 3 * 86_400 + 18 * 3600),
        ({"to": "2026-03-05T06:00:00+02:00"}, START_S + 3 * 86_400 + 16 * 3600),
        ({"to": "2026-03-01T12:00:00Z"}, START_S),
    ],
)
async def test_time_moves_forward_to_where_it_is_sent(visitor, fields, now_s):
    answer = await visitor.post("time", fields)
    assert answer.status == 200
    assert answer.headers["HX-Trigger"] == "moved"
    assert visitor.local.served.edge.clock.now() == now_s


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"to": "2026-03-01T11:59:59Z"}, "time does not go back"),
        ({"to": "2100-01-01T00:00:01Z"}, "time moves up to 2100-01-01"),
        ({"to": "<i>soon</i>"}, "&lt;i&gt;soon&lt;/i&gt;"),
        ({"to": ""}, "is no instant"),
        ({"by": "1y"}, "by 1h, by 24h"),
        ({}, "is no instant"),
    ],
)
async def test_time_that_cannot_be_reached_is_refused_and_the_clock_stays(visitor, fields, message):
    answer = await visitor.post("time", fields)
    assert answer.status == 400
    assert message in answer.body.decode()
    assert visitor.local.served.edge.clock.now() == START_S


async def test_after_the_reset_the_gauges_are_empty_again(visitor):
    await visitor.local.put("a")
    await visitor.post("time", {"by": "reset"})
    text = words(await visitor.text("now"))
    assert "KV writes 0 of 1,000" in text
    assert "reset in 1 d , at 2026-03-03 00:00:00 UTC" in text


async def test_the_head_of_a_page_says_how_far_ahead_the_account_is(visitor):
    assert "ahead" not in await visitor.text("clock")
    await visitor.post("time", {"by": "1h"})
    assert (
        words(await visitor.text("clock", headers={"HX-Request": "true"}))
        == "2026-03-01 13:00:00 UTC 1 h ahead"
    )


async def test_without_scripts_a_move_leads_back_to_the_overview(visitor):
    await visitor.get("")
    answer = await visitor.local.request(
        "POST",
        "/__edgeday/time",
        headers={"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"},
        data={"by": "1h", "edgeday-csrf": visitor.token},
    )
    assert (answer.status, answer.headers["Location"]) == (303, "/__edgeday/")
    assert visitor.local.served.gained_s == 3600


async def test_moved_time_lasts_longer_than_the_server(tmp_path):
    for moves in (1, 0):
        async with visiting(state=tmp_path / "day.sqlite") as visitor:
            if moves:
                await visitor.post("time", {"by": "24h"})
            assert visitor.local.served.gained_s == 86_400


async def test_the_address_without_its_slash_leads_to_the_overview(visitor):
    answer = await visitor.local.request("GET", "/__edgeday")
    assert (answer.status, answer.headers["Location"]) == (308, "/__edgeday/")
