"""The answer to a request whose worker threw, in development and as in production."""

from __future__ import annotations

import pytest

from edgeday.web import Response, sleep
from tests.server.conftest import local_server


class Fails:
    """Throws as its path says."""

    async def fetch(self, request):
        path = request.url.split("/", 3)[3]
        if path == "spends":
            for number in range(1001):
                await self.env.page_content.put(f"k{number}", "x")
        if path == "later":
            self.ctx.waitUntil(sleep(0.2))
        if path == "unsendable":
            return Response.error()
        if path == "own":
            return Response("error code: 1101", status=500)
        raise ValueError("<b>no price</b>")


@pytest.fixture
async def server():
    async with local_server(Fails, shows_tracebacks=True) as server:
        yield server


async def test_the_text_begins_as_in_production_and_names_the_line(server):
    answer = await server.request("GET", "/")
    assert answer.status == 500
    assert answer.headers["Content-Type"].startswith("text/plain")
    text = answer.body.decode()
    assert text.startswith("error code: 1101\n\nTraceback (most recent call last):\n")
    assert 'raise ValueError("<b>no price</b>")' in text
    assert text.endswith("ValueError: <b>no price</b>\n")


async def test_a_browser_gets_a_page_without_anything_of_the_workers_in_it_as_html(server):
    answer = await server.request("GET", "/a<i>", headers={"Accept": "text/html,*/*"})
    text = answer.body.decode()
    assert (answer.status, answer.headers["Content-Type"]) == (500, "text/html; charset=utf-8")
    assert "ValueError: &lt;b&gt;no price&lt;/b&gt;" in text
    assert "<b>" not in text
    assert "<i>" not in text
    assert ":root{color-scheme:light dark}" in text  # of the body alone, the canvas would stay white
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


async def test_a_spent_quota_is_said_in_numbers(server):
    text = (await server.request("GET", "/spends")).body.decode()
    assert "KV put() limit exceeded for the day: 1000 of 1000 writes spent, resets in 12 h" in text


async def test_work_that_goes_on_does_not_hold_the_page_back(server):
    answer = await server.request("GET", "/later")
    assert "ValueError" in answer.body.decode()


async def test_an_answer_that_cannot_be_sent_says_why(server):
    answer = await server.request("GET", "/unsendable")
    assert "a network error is no response" in answer.body.decode()


async def test_a_workers_own_answer_is_left_alone(server):
    answer = await server.request("GET", "/own")
    assert answer.body == b"error code: 1101"


@pytest.mark.parametrize("path", ["/", "/spends", "/unsendable"])
async def test_in_production_it_says_nothing(path):
    async with local_server(Fails) as server:
        answer = await server.request("GET", path, headers={"Accept": "text/html"})
    assert (answer.status, answer.body) == (500, b"error code: 1101")
