"""The dashboard in Chromium, where there is one: live, with the keyboard, on a phone, in light and dark."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio

from tests.server.conftest import NAMESPACE, START_S
from tests.server.dashboard.conftest import BASE, Visitor, plan, visiting
from tests.server.dashboard.page_checks import COLUMNS, HEIGHTS, POOR_CONTRAST, SPILLED, UNNAMED
from worker_port import AiDietWorker
from worker_port.profile.stand_in import AiStandIn

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
try:
    from playwright.async_api import Page, async_playwright, expect
except ImportError:
    MISSING = "Playwright is not installed (make test-browser does it)"
else:
    MISSING = "" if CHROMIUM else "there is no Chromium (make test-browser installs it)"
if MISSING and os.environ.get("EDGEDAY_REQUIRE_BROWSER"):
    raise RuntimeError(MISSING)
pytestmark = [
    pytest.mark.skipif(bool(MISSING), reason=MISSING),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.slow,
]

NASTY = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
VIEWS = (
    "",
    "logs",
    "kv",
    f"kv?namespace={NAMESPACE}&prefix=",
    f"kv/new?namespace={NAMESPACE}",
    "cache",
    "replay",
)


@dataclass
class Browsing:
    """A page of a browser at a server; `complaints`: what the browser has complained about."""

    page: Any
    visitor: Visitor
    context: Any
    complaints: list[str] = field(default_factory=list)

    async def go(self, path: str = "") -> None:
        await self.page.goto(f"{self.visitor.local.origin}{BASE}{path}")

    def watch(self, page: Page) -> None:
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda message: (
                self.complaints.append(message.text) if message.type in {"error", "warning"} else None
            ),
        )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Any]:
    """One Chromium for all tests."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def browsing(browser, scenarios) -> AsyncIterator[Browsing]:
    """A new window at a server with the diet-plan worker; nothing but that server can be reached."""
    async with visiting(AiDietWorker, scenarios, ai=AiStandIn()) as visitor:
        context = await browser.new_context(viewport={"width": 1280, "height": 900})
        origin = visitor.local.origin
        await context.route(lambda url: not url.startswith(origin), lambda route: route.abort())
        page = await context.new_page()
        browsing = Browsing(page, visitor, context)
        browsing.watch(page)
        try:
            yield browsing
        finally:
            await context.close()


async def fill(visitor: Visitor) -> None:
    """Texts that would run if they were not escaped, in every store; logs, and a long key."""
    pairs = [
        {"key": NASTY, "value": NASTY, "metadata": {"m": NASTY}},
        {"key": "long/" * 90, "value": "v"},
        {"key": "ai_error_log:x", "value": json.dumps({"id": NASTY, "sessionId": NASTY, "prompt": NASTY,
                                                       "stepName": NASTY, "error": NASTY})},
    ]  # fmt: skip
    await visitor.local.kv("PUT", "/bulk", data=json.dumps(pairs))
    await plan(visitor)


async def test_gauges_and_events_move_while_the_page_is_open(browsing):
    page, visitor = browsing.page, browsing.visitor
    await browsing.go()
    await expect(page.get_by_text("Nothing has happened yet.")).to_be_visible()
    await expect(page.locator("[data-live]")).to_have_text("live")
    await visitor.local.put("seen-live")
    await expect(page.locator("#event-list li").first).to_contain_text("seen-live")
    await expect(page.locator(".gauges li", has_text="KV writes")).to_contain_text("1 of 1,000")
    await expect(page.get_by_text("Nothing has happened yet.")).to_be_hidden()
    await plan(visitor)
    await expect(page.locator(".invocations")).to_contain_text("POST /api/generate-plan")
    assert browsing.complaints == []


async def test_events_can_be_filtered_and_held(browsing):
    page, visitor = browsing.page, browsing.visitor
    await browsing.go()
    await expect(page.locator("[data-live]")).to_have_text("live")
    await plan(visitor)
    await page.select_option("#event-filter", "cache")
    await expect(page.locator('#event-list li[data-kind="cache"]').first).to_be_visible()
    await expect(page.locator('#event-list li[data-kind="fetch"]').first).to_be_hidden()
    await page.select_option("#event-filter", "kv")
    await expect(page.get_by_text("None of the events here is of that kind.")).to_be_visible()
    await page.get_by_role("button", name="Pause").click()
    await visitor.local.put("held")
    await expect(page.locator("[data-live]")).to_have_text("paused, 1 new")
    await expect(page.get_by_text("held", exact=True)).to_have_count(0)
    await page.get_by_role("button", name="Go on").click()
    await expect(page.locator("#event-list li:visible")).to_contain_text(["held"])
    assert browsing.complaints == []


async def test_a_list_of_events_stays_bounded(browsing):
    page, visitor = browsing.page, browsing.visitor
    await browsing.go()
    await expect(page.locator("[data-live]")).to_have_text("live")
    pairs = [{"key": f"k{number:03}", "value": "v"} for number in range(450)]
    await visitor.local.kv("PUT", "/bulk", data=json.dumps(pairs))
    await expect(page.locator("#event-list li").first).to_contain_text("k449")
    assert await page.locator("#event-list li").count() <= 300


async def test_the_page_says_that_the_server_is_away_and_goes_on_where_it_was(browsing):
    page, visitor = browsing.page, browsing.visitor
    await browsing.go()
    await expect(page.locator("[data-live]")).to_have_text("live")
    await visitor.local.put("before")
    await expect(page.locator("#event-list li")).to_have_count(1)
    await browsing.context.set_offline(True)
    await expect(page.locator("#offline")).to_be_visible()
    await visitor.local.put("meanwhile")
    await browsing.context.set_offline(False)
    await expect(page.locator("#offline")).to_be_hidden()
    await visitor.local.put("after")
    await expect(page.locator("#event-list .key")).to_have_text(["after", "meanwhile", "before"])


async def test_time_is_moved_and_the_views_follow(browsing):
    page, visitor = browsing.page, browsing.visitor
    await plan(visitor)
    await browsing.go("cache")
    await expect(page.get_by_text("1 d left").first).to_be_visible()
    await page.locator("details.time summary").click()
    await page.get_by_role("button", name="+1 h").click()
    await expect(page.get_by_text("Moved by 1 h.")).to_be_visible()
    await expect(page.get_by_text("23 h left").first).to_be_visible()
    await expect(page.locator(".clock")).to_contain_text("1 h ahead")
    assert visitor.local.served.edge.clock.now() == START_S + 3600
    assert browsing.complaints == []
    await page.get_by_label("To an instant (UTC)").fill("2020-01-01T00:00:00")
    await page.get_by_role("button", name="Move", exact=True).click()
    await expect(page.get_by_role("alert")).to_contain_text("time does not go back")
    await page.keyboard.press("Escape")
    await expect(page.locator(".panel")).to_be_hidden()
    await expect(page.locator("details.time summary")).to_be_focused()


async def test_a_key_is_made_changed_and_deleted_with_what_it_costs(browsing):
    page, visitor = browsing.page, browsing.visitor
    page.on("dialog", lambda dialog: dialog.accept())
    await browsing.go("kv")
    await page.get_by_role("link", name="New key").click()
    await page.get_by_label("Key", exact=True).fill(NASTY)
    await page.get_by_label("Value").fill("\nfirst line\nsecond\n")
    await page.get_by_label("Metadata").fill('{"by": "me"}')
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved: 1 write.")).to_be_visible()
    await browsing.go("kv")
    await page.get_by_label("Prefix").fill("<script>")
    await page.get_by_role("button", name="List keys").click()
    await page.get_by_role("link", name="<script>").click()
    await expect(page.get_by_label("Value")).to_have_value("\nfirst line\nsecond\n")
    visitor.local.clock.advance(seconds=2)
    await page.get_by_label("Value").fill("changed")
    await page.get_by_label("after", exact=True).check()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("in 1 h", exact=False).first).to_be_visible()
    await page.get_by_role("button", name="Delete").click()
    await expect(page.get_by_text("Deleted: 1 delete.")).to_be_visible()
    await expect(page.locator(".spent")).to_have_text(
        ["1 of 100,000 reads", "2 of 1,000 writes", "1 of 1,000 deletes", "1 of 1,000 lists"]
    )
    assert browsing.complaints == []


async def test_a_refused_save_keeps_what_was_typed(browsing):
    page = browsing.page
    await browsing.go(f"kv/new?namespace={NAMESPACE}")
    await page.get_by_label("Key", exact=True).fill("k")
    await page.get_by_label("Value").fill("typed")
    await page.get_by_label("Metadata").fill("{")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("alert")).to_contain_text("the metadata is no JSON")
    await expect(page.get_by_label("Value")).to_have_value("typed")


async def test_a_call_is_loaded_when_it_is_opened(browsing):
    page = browsing.page
    await plan(browsing.visitor)
    await browsing.go("logs")
    await page.locator(".calls summary").first.click()
    await expect(page.get_by_role("region", name="Prompt")).to_be_visible()
    await expect(page.get_by_text("Loading").first).to_be_hidden()
    await expect(page.locator("details[open] .loading")).to_have_count(0)
    await page.get_by_role("link", name="With errors").click()
    await expect(page.get_by_text("No logged call has an error.")).to_be_visible()
    assert browsing.complaints == []


async def test_logs_are_exported_as_files(browsing):
    await plan(browsing.visitor)
    await browsing.go("logs")
    async with browsing.page.expect_download() as started:
        await browsing.page.get_by_role("link", name="JSON").click()
    download = await started.value
    assert download.suggested_filename == "ai-logs-2026-03-01T12-00-00Z.json"


async def test_a_replay_draws_its_plots_and_ends_with_its_verdict(browsing):
    page = browsing.page
    await browsing.go("replay")
    await page.get_by_label("Scenario").select_option("large/long.yaml")
    await page.get_by_role("button", name="Replay").click()
    await expect(page.locator(".plot canvas").first).to_be_visible(timeout=30_000)
    assert await page.get_by_role("progressbar").count() == 1
    await page.get_by_role("button", name="Stop").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(
        re.compile("^PARTIAL long: interrupted at"), timeout=30_000
    )
    await browsing.go("replay")
    await page.get_by_label("Scenario").select_option("small.yaml")
    await page.get_by_role("button", name="Replay").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^PASS small"), timeout=30_000)
    await expect(page.locator(".plot canvas")).to_have_count(3)
    assert browsing.complaints == []


async def test_texts_of_others_never_run(browsing):
    page = browsing.page
    await fill(browsing.visitor)
    for path in VIEWS:
        await browsing.go(path)
        await page.wait_for_timeout(150)
        assert "owned" not in await page.title(), path
        assert await page.locator("img").count() == 0
    await browsing.go("logs")
    await page.locator(".calls summary").last.click()
    await page.wait_for_timeout(300)
    assert await page.title() == "AI logs - edgeday"
    assert browsing.complaints == []


async def test_a_script_that_got_into_a_page_is_not_run(browsing):
    page = browsing.page
    await browsing.go()
    await page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "document.title = 'owned'";
          document.body.append(script);
          const image = "<img src='x' onerror=\\"document.title = 'owned'\\">";
          document.body.insertAdjacentHTML("beforeend", image);
        }"""
    )
    await page.wait_for_timeout(200)
    assert await page.title() == "Overview - edgeday"
    assert any("Content Security Policy" in complaint for complaint in browsing.complaints)


async def test_what_belongs_together_is_in_line(browsing):
    page = browsing.page
    await plan(browsing.visitor)
    body = {"id": "slow", "type": "combined", "sessionId": "s", "duration": 123_456, "success": True}
    await browsing.visitor.local.put("ai_communication_log:slow", json.dumps(body).encode())
    await browsing.go("logs")
    assert len(await page.evaluate(COLUMNS, ".calls .where")) == 1
    await browsing.go("kv")
    assert len(await page.evaluate(HEIGHTS, ".finder select, .finder input, .finder button")) == 1
    await browsing.go("cache")
    assert len(await page.evaluate(HEIGHTS, ".search input:not(.unseen), .search button, #theme")) == 1


async def test_spaces_in_a_key_are_seen(browsing):
    for key in ("%20key", "key"):
        await browsing.visitor.local.put(key)
    await browsing.go(VIEWS[3])
    widths = await browsing.page.locator("a.key").evaluate_all(
        """(links) => links.map((link) => {
          const range = document.createRange();
          range.selectNodeContents(link);
          return range.getBoundingClientRect().width;
        })"""
    )
    assert widths[0] > widths[1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_view_fits_a_phone(browsing, scheme):
    page = browsing.page
    await fill(browsing.visitor)
    await page.emulate_media(color_scheme=scheme)
    await page.set_viewport_size({"width": 390, "height": 844})
    for path in VIEWS:
        await browsing.go(path)
        assert await page.evaluate("document.documentElement.scrollWidth") == 390, path
        assert await page.evaluate(SPILLED) == [], path
    await page.locator("details.time summary").click()
    panel = await page.locator(".panel").bounding_box()
    assert panel["x"] >= 0
    assert panel["x"] + panel["width"] <= 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_all_text_has_the_contrast_that_wcag_asks_for(browsing, scheme):
    page = browsing.page
    await fill(browsing.visitor)
    await browsing.visitor.local.kv("GET", "/values/missing")
    await page.emulate_media(color_scheme=scheme)
    for path in (*VIEWS, "nowhere", "kv/key?namespace=none"):
        await browsing.go(path)
        assert await page.evaluate(POOR_CONTRAST) == [], path


async def test_the_keyboard_reaches_everything_and_shows_where_it_is(browsing):
    page = browsing.page
    await browsing.go("kv")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    await expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    await page.keyboard.press("Enter")
    await expect(page.locator("main")).to_be_focused()
    names = []
    for _ in range(4):
        await page.keyboard.press("Tab")
        names.append(
            await page.evaluate("document.activeElement.textContent.trim() || document.activeElement.name")
        )
        outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid", names
    assert names[0] == "New key"
    assert names[2] == "prefix"
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("No key is in this namespace.")).to_be_visible()


async def test_focus_stays_where_it_is_while_the_page_lives(browsing):
    page = browsing.page
    await browsing.go()
    await page.locator("#event-pause").focus()
    await page.wait_for_timeout(2500)
    await expect(page.locator("#event-pause")).to_be_focused()


async def test_every_field_and_button_has_a_name_and_every_view_a_heading(browsing):
    page = browsing.page
    await fill(browsing.visitor)
    for path in VIEWS:
        await browsing.go(path)
        assert await page.locator("h1").count() == 1, path
        unnamed = await page.evaluate(UNNAMED)
        assert unnamed == [], path
        ids = await page.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
        assert len(ids) == len(set(ids)), path


async def test_the_theme_is_chosen_and_remembered(browsing):
    page = browsing.page
    await browsing.go()
    for theme in ("light", "dark"):
        await page.locator("#theme").click()
        await expect(page.locator("html")).to_have_attribute("data-theme", theme)
    await browsing.go("kv")
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await expect(page.locator("#theme")).to_have_text("Theme: dark")


async def test_the_pages_work_without_scripts(browsing):
    context = await browsing.context.browser.new_context(java_script_enabled=False)
    browsing.page = page = await context.new_page()
    await plan(browsing.visitor)
    await browsing.go()
    await expect(page.locator(".invocations")).to_contain_text("POST /api/generate-plan")
    await page.locator("details.time summary").click()
    await page.get_by_role("button", name="+1 h").click()
    await expect(page.locator(".clock")).to_contain_text("1 h ahead")
    await browsing.go(f"kv/new?namespace={NAMESPACE}")
    await page.get_by_label("Key", exact=True).fill("k")
    await page.get_by_label("Value").fill("two\nlines")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved: 1 write.")).to_be_visible()
    assert (await browsing.visitor.local.kv("GET", "/values/k")).body == b"two\nlines"
    await browsing.go("logs")
    await page.locator(".calls summary").first.click()
    await page.get_by_role("link", name="open it on its own page").first.click()
    await expect(page.get_by_role("region", name="Prompt")).to_be_visible()
    await context.close()
