"""The page about state files: what it shows is what happens."""

import pytest

from edgeday.storage.json_lines import export_lines, import_lines
from tests.commands.conftest import SCENARIOS
from tests.documents import blocks, run_page

PAGE = "docs/state.md"


@pytest.mark.slow
def test_the_page_shows_what_happens(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    (tmp_path / "scenarios").symlink_to(SCENARIOS)
    assert run_page(PAGE, tmp_path) == 4


def test_the_export_on_the_page_can_be_imported_and_exported_again(tmp_path):
    (export,) = [block.text for block in blocks(PAGE) if block.kind == "json"]
    lines = export.encode().splitlines()
    assert import_lines(tmp_path / "day.sqlite", lines, PAGE) == {"kv": 1, "cache": 1, "counters": 1}
    assert len(list(export_lines(tmp_path / "day.sqlite"))) == len(lines)
