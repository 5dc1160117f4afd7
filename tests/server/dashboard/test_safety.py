"""Safety of the pages: who may change something, what a browser may run, and that all text is only text."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from io import BytesIO
from urllib.parse import quote

import pytest

from edgeday.server.dashboard.routes import STATIC
from tests.server.conftest import NAMESPACE, START_S
from tests.server.dashboard.conftest import BASE, kv_path, plan, visiting
from worker_port import AiDietWorker

TEMPLATES = sorted(path.name for path in files("edgeday.server.dashboard").joinpath("templates").iterdir())
CHANGES = ["time", kv_path("save", "k"), kv_path("delete", "k"), "replay", "replay/stop?number=1"]
LOOKS = [
    "", "now", "clock", "logs", "logs/export", "kv", kv_path("new"), kv_path("key", "k"), "cache", "replay",
    "nowhere", "static/dashboard.js", "static/nothing.js",
]  # fmt: skip
NASTY = "<script>document.title='owned'</script><img src=x onerror=alert(1)>\"'`{{7*7}}"


@pytest.mark.parametrize("path", LOOKS)
async def test_every_answer_forbids_foreign_and_inline_scripts_and_framing(visitor, path):
    answer = await visitor.get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_the_stream_forbids_them_too(visitor):
    async with visitor.local.session.get(f"{visitor.local.origin}{BASE}stream") as answer:
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", CHANGES)
@pytest.mark.parametrize(
    "headers",
    [
        {"edgeday-csrf": ""},
        {"edgeday-csrf": "guessed"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_a_change_that_no_page_of_the_server_asked_for_is_refused(visitor, path, headers):
    await visitor.local.put("k", b"old")
    answer = await visitor.post(path, {"by": "1h", "value": "new"}, **headers)
    assert answer.status == 403
    assert visitor.local.served.edge.clock.now() == START_S
    assert (await visitor.local.kv("GET", "/values/k")).body == b"old"


@pytest.mark.parametrize("path", CHANGES)
async def test_a_change_is_not_made_by_looking(visitor, path):
    assert (await visitor.get(path)).status in {405, 200}
    assert visitor.local.served.edge.clock.now() == START_S


@pytest.mark.parametrize("body", [b"\xff\xfe=1", b"a=%zz&edgeday-csrf=%ff", b"x" * 2_000_000, b""])
async def test_a_form_that_cannot_be_read_is_refused_without_harm(visitor, body):
    headers = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
    answer = await visitor.local.request("POST", f"{BASE}time", headers=headers, data=BytesIO(body))
    assert answer.status == 403
    await visitor.get("")
    answer = await visitor.local.request(
        "POST", f"{BASE}time", headers={**headers, "edgeday-csrf": visitor.token}, data=BytesIO(body)
    )
    assert answer.status in {400, 413}


async def test_a_server_for_others_shows_its_pages_only_with_the_token():
    async with visiting(host="0.0.0.0", token="secret") as visitor:
        assert (await visitor.get("")).status == 401
        assert (await visitor.get("stream")).status == 401
        assert (await visitor.get("", headers={"edgeday-token": "secret"})).status == 200


async def test_pages_under_a_foreign_host_name_are_refused(visitor):
    assert (await visitor.get("", headers={"Host": "evil.example"})).status == 421


def tags(text: str) -> list[str]:
    """The tags of a page that could run or load something they should not."""
    return re.findall(
        r"<(?:script(?![^>]*src=\"/__edgeday/static/)|img|iframe|style|object|embed)[^>]*>", text
    )


async def test_texts_of_others_are_shown_as_text_everywhere():
    async with visiting(AiDietWorker) as visitor:
        pair = {"key": NASTY, "value": NASTY, "metadata": {"m": NASTY}}
        await visitor.local.kv("PUT", "/bulk", data=json.dumps([pair]))
        await visitor.local.request("POST", f"/{quote(NASTY)}")
        entry = {"id": NASTY, "type": "combined", "sessionId": NASTY, "stepName": NASTY, "prompt": NASTY,
                 "error": NASTY, "timestamp": NASTY, "modelName": NASTY, "duration": NASTY}  # fmt: skip
        await visitor.local.put("ai_error_log:x", json.dumps(entry).encode())
        await plan(visitor)
        pages = [
            await visitor.text(path)
            for path in ("", "now", "logs", "cache", "kv", f"kv?namespace={NAMESPACE}&prefix=%3C")
        ]
        nasty = {"namespace": NAMESPACE, "key": NASTY, "id": NASTY}
        for path in ("kv/key", "logs/call"):
            async with visitor.local.session.get(
                f"{visitor.local.origin}{BASE}{path}", params=nasty
            ) as answer:
                assert answer.status == 200
                pages.append(await answer.text())
        q = quote(NASTY, safe="")
        for path in (
            f"cache?q={q}",
            f"kv?namespace={NAMESPACE}&prefix={q}",
            q,
            f"logs?from={q}",
            f"kv?namespace={q}",
        ):
            answer = await visitor.get(path)
            pages.append(answer.body.decode())
    for page in pages:
        assert tags(page) == []
        assert "49" not in re.findall(r"`(\d+)", page)
    assert sum("&lt;script&gt;document.title=&#39;owned&#39;" in page for page in pages) >= 6


@pytest.mark.parametrize(
    "path",
    [
        "static/../routes.py", "static/..%2froutes.py", "static/%2e%2e/routes.py", "static//etc/passwd",
        "static/vendor/htmx.LICENSE", "templates/layout.html", "static/",
        "../__edgeday/static/../../pyproject.toml",
    ],
)  # fmt: skip
async def test_no_other_file_is_served(visitor, path):
    answer = await visitor.get(path)
    assert answer.status == 404
    assert b"import" not in answer.body


@pytest.mark.parametrize("name", sorted(STATIC))
async def test_every_static_file_is_served_with_its_type(visitor, name):
    answer = await visitor.get(f"static/{name}")
    assert answer.status == 200
    kind = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}[name.rpartition(".")[2]]
    assert answer.headers["Content-Type"] == f"{kind}; charset=utf-8"
    assert answer.body


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_template_has_inline_scripts_styles_or_handlers_or_turns_escaping_off(name):
    text = files("edgeday.server.dashboard").joinpath(f"templates/{name}").read_text("utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|hx-on|javascript:", text)
    assert not re.search(r"\|\s*safe|autoescape|Markup|hx-vals=.js", text)
    assert not re.search(r"https?://", text)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_other_methods_are_refused(visitor, method):
    await visitor.get("")
    headers = {"Sec-Fetch-Site": "same-origin", "edgeday-csrf": visitor.token}
    answer = await visitor.local.request(method, f"{BASE}kv", headers=headers)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET")


async def test_a_head_request_is_answered_without_a_body(visitor):
    for path in ("", "stream", "kv"):
        answer = await visitor.local.request("HEAD", BASE + path, headers={})
        assert (answer.status, answer.body) == (200, b"")


@pytest.mark.parametrize("query", ["%ff", "q=%ff", "from=%00", "q=%00", "&".join(["a=b"] * 200)])
async def test_odd_queries_never_break_a_page(visitor, query):
    for path in ("", "logs", "kv", "kv/key", "cache", "replay", "replay/run"):
        assert (await visitor.get(f"{path}?{query}")).status < 500


def test_the_licences_of_vendored_files_stand_beside_them():
    vendor = files("edgeday.server.dashboard").joinpath("static/vendor")
    for name in ("htmx", "htmx-sse"):
        assert "Permission to use, copy, modify" in vendor.joinpath(f"{name}.LICENSE").read_text("utf-8")
        assert vendor.joinpath(f"{name}.min.js").is_file()
