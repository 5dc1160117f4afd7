"""Crons and uncaught errors on the overview in Chromium, where there is one."""

from __future__ import annotations

import pytest

from tests.server.dashboard.page_checks import POOR_CONTRAST, SPILLED, UNNAMED
from tests.server.dashboard.test_browser import BASE, CHROMIUM, MISSING, visiting
from tests.server.dashboard.test_crons_and_failures import CRONS, Monitor

pytestmark = [pytest.mark.skipif(bool(MISSING), reason=MISSING), pytest.mark.slow]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
async def test_a_cron_is_run_by_its_button_and_an_error_opens_to_its_traceback(scheme, width):
    from playwright.async_api import async_playwright, expect

    async with (
        visiting(Monitor, crons=CRONS) as visitor,
        async_playwright() as playwright,
        await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"]) as browser,
    ):
        await visitor.local.request("GET", "/fails")
        page = await browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        await page.goto(f"{visitor.local.origin}{BASE}")
        await page.get_by_role("button", name=f"Run {CRONS[0]} now").click()
        await expect(page.locator("#cron-answer")).to_have_text(f"{CRONS[0]}: ok")
        await expect(page.get_by_role("button", name=f"Run {CRONS[2]} now")).to_be_disabled()
        await page.locator(".failures summary").click()
        await page.wait_for_timeout(2200)  # while the page asks for its parts anew
        await expect(page.locator(".failures pre")).to_contain_text("raise ValueError(")
        assert await page.evaluate(POOR_CONTRAST) == []
        assert await page.evaluate(UNNAMED) == []
        assert await page.evaluate("document.documentElement.scrollWidth") == width
        if width < 1000:
            assert await page.evaluate(SPILLED) == []
