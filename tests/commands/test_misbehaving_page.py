"""The page on workers that misbehave: what it shows is what happens."""

from __future__ import annotations

import pytest

from tests.documents import run_page

pytestmark = pytest.mark.slow


def test_the_page_shows_what_becomes_of_a_worker_that_misbehaves(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert run_page("docs/misbehaving.md", tmp_path) == 3
