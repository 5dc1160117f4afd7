"""docs/javascript-workers.md: its examples, as they stand there."""

from __future__ import annotations

import pytest

from tests.documents import run_page

pytestmark = [pytest.mark.workerd, pytest.mark.slow]


def test_the_page_shows_what_happens(workerd, tmp_path):
    assert run_page("docs/javascript-workers.md", tmp_path) == 3
