"""The page on crons: what it shows is what happens."""

from __future__ import annotations

import pytest

from tests.documents import run_page


@pytest.mark.slow
def test_the_page_shows_what_happens(tmp_path):
    assert run_page("docs/crons.md", tmp_path) == 2
