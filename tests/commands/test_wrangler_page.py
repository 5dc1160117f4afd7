"""The page about the wrangler configuration: what it shows is what happens."""

import pytest

from edgeday.scenario.loader import load_text
from edgeday.wrangler import load_wrangler_config
from tests.documents import blocks, run_page

pytestmark = pytest.mark.usefixtures("forgotten_workers")

PAGE = "docs/wrangler.md"


@pytest.mark.slow
def test_the_page_shows_what_happens(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert run_page(PAGE, tmp_path) == 2


def test_every_way_to_name_a_worker_on_the_page_is_one(tmp_path, monkeypatch):
    (ways,) = [block.text for block in blocks(PAGE) if block.kind == "yaml"]
    config = next(block.text for block in blocks(PAGE) if block.path == "wrangler.jsonc")
    (tmp_path / "src").mkdir()
    for name in ("src/entry.py", "shop.py"):
        text = "class Shop:\n    async def fetch(self, request): ...\n"
        (tmp_path / name).write_text(text, encoding="utf-8")
    staged = config.replace('"triggers"', '"env": { "staging": {} }, "triggers"')
    (tmp_path / "wrangler.jsonc").write_text(staged, encoding="utf-8")
    assert load_wrangler_config(tmp_path / "wrangler.jsonc", "staging").environments == ("staging",)
    monkeypatch.chdir(tmp_path)
    for way in ways.splitlines():
        text = f"name: x\nstart: 2026-02-16T00:00:00Z\n{way}\n".replace("shop.worker:", "shop:")
        assert load_text(text, tmp_path / "day.yaml").worker.__name__ == "Shop"
