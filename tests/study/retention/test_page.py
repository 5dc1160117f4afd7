"""The page on retention shows what the commands do."""

from __future__ import annotations

import pytest

from tests.documents import run_page

pytestmark = pytest.mark.slow


def test_the_page_on_retention_does_what_it_shows(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert run_page("worker_port/study/docs/retention.md", tmp_path) == 6
