"""Crons with their button, and what the worker threw, on the overview."""

from __future__ import annotations

import pytest

from edgeday.server.dashboard.cron_views import cron_row
from edgeday.web import Response
from tests.server.conftest import START_S
from tests.server.dashboard.conftest import visiting
from tests.server.dashboard.test_overview import words

CRONS = ("*/5 * * * *", "0 3 * * 1-5", "0 0 * * 0")


class Monitor:
    """Keeps the cron it was run for, and fails as its path says."""

    async def fetch(self, request):
        if request.url.endswith("/fails"):
            raise ValueError("<i>no price</i>")
        return Response("page")

    async def scheduled(self, controller, env, ctx):
        if controller.cron.startswith("0 3"):
            raise ValueError("no feed")
        await self.env.page_content.put("last", controller.cron)


@pytest.fixture
async def visitor():
    async with visiting(Monitor, crons=CRONS) as visitor:
        yield visitor


async def test_crons_are_listed_with_their_next_run_and_what_is_to_be_said_of_them(visitor):
    text = words(await visitor.text(""))
    assert "*/5 * * * * Run now due at 2026-03-01 12:05:00 UTC, in 5 min" in text
    assert "means Sunday to Thursday on Cloudflare" in text
    assert "0 0 * * 0 Run now Cloudflare refuses it invalid cron string: 0 0 * * 0" in text


async def test_a_button_runs_a_cron_and_says_how_it_ended(visitor):
    answer = await visitor.post("cron", {"cron": "*/5 * * * *"})
    assert answer.status == 200
    assert words(answer.body.decode()) == "*/5 * * * *: ok"
    assert (await visitor.local.kv("GET", "/values/last")).body == b"*/5 * * * *"
    assert "cron */5 * * * * #1" in words(await visitor.text("now"))


async def test_a_cron_that_fails_says_why(visitor):
    answer = await visitor.post("cron", {"cron": "0 3 * * 1-5"})
    assert words(answer.body.decode()) == "0 3 * * 1-5: exception · ValueError: no feed"


@pytest.mark.parametrize("cron", ["1 * * * *", "", "0 0 * * 0"])
async def test_other_crons_are_not_run(visitor, cron):
    assert (await visitor.post("cron", {"cron": cron})).status == 400


async def test_a_cron_is_not_run_by_a_page_of_others(visitor):
    answer = await visitor.post("cron", {"cron": CRONS[0]}, **{"edgeday-csrf": "guessed"})
    assert answer.status == 403


async def test_without_scripts_the_button_leads_back_to_the_overview(visitor):
    answer = await visitor.post("cron", {"cron": CRONS[0]}, **{"HX-Request": "false"})
    assert (answer.status, answer.headers["Location"]) == (303, "/__edgeday/")


async def test_a_worker_without_crons_has_no_list_of_them():
    async with visiting(Monitor) as visitor:
        assert "Crons" not in await visitor.text("")


async def test_an_uncaught_error_is_shown_with_its_line_and_how_often_it_came(visitor):
    await visitor.local.request("GET", "/fails")
    await visitor.local.request("GET", "/fails")
    html = await visitor.text("now")
    text = words(html)
    assert "Uncaught errors ValueError: &lt;i&gt;no price&lt;/i&gt; GET /fails" in text
    assert "test_crons_and_failures.py:" in text
    assert "2 times" in text
    assert "raise ValueError(" in text
    assert "<i>" not in html


async def test_where_nothing_was_thrown_nothing_is_said_of_errors(visitor):
    await visitor.local.request("GET", "/")
    assert "Uncaught errors" not in await visitor.text("")


async def test_without_a_worker_the_page_says_so():
    async with visiting(None) as visitor:
        assert "No worker runs here; KV is served alone." in words(await visitor.text(""))


@pytest.mark.parametrize(
    ("cron", "refused", "next_at"),
    [("0 13 * * *", False, START_S + 3600), ("0 0 31 2 *", False, None), ("@daily", True, None)],
)
def test_a_row_says_when_a_cron_is_due(cron, refused, next_at):
    row = cron_row(cron, START_S)
    assert (row.refused, row.next_at) == (refused, next_at)
