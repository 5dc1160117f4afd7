"""The page for a worker of one's own: it gets from a project to an answer in the steps that it shows."""

from __future__ import annotations

import pytest

from tests.documents import run_page

pytestmark = pytest.mark.slow


def test_the_page_gets_from_a_project_to_its_answer(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert run_page("docs/your-worker.md", tmp_path) == 4
