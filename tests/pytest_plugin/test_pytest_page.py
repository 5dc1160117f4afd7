"""The pages about testing, and the worker API, which is shown by tests: what they show is what happens."""

from __future__ import annotations

import pytest

from tests.documents import blocks, mismatch, run_page

COMMANDS = {"docs/pytest.md": 7, "docs/time-travel.md": 5, "docs/worker-api.md": 4}


@pytest.mark.slow
@pytest.mark.parametrize(("page", "commands"), COMMANDS.items())
def test_a_page_shows_what_happens(tmp_path, page, commands):
    assert run_page(page, tmp_path) == commands


@pytest.mark.parametrize("page", COMMANDS)
def test_no_code_on_a_page_is_left_out_of_its_run(page):
    code_blocks = [block for block in blocks(page) if block.kind not in {"sh", "console"}]
    assert [block.text for block in code_blocks if not block.path] == []
    assert len(code_blocks) >= 6


@pytest.mark.parametrize(
    ("expected", "printed", "wrong"),
    [
        (["a", "b"], ["a", "b"], ""),
        (["a"], ["b"], "a"),
        (["a"], ["a", "b"], "nothing more, but there was: b"),
        (["a", "..."], ["a", "b", "c"], ""),
        (["...", "c"], ["a", "b", "c"], ""),
        (["...", "b"], ["a", "b", "c"], "nothing more, but there was: c"),
        (["b", "..."], ["a", "b"], "b"),
        (["1 passed in 0.12s"], ["1 passed in 3.40s"], ""),
    ],
)
def test_a_shown_output_is_compared_line_by_line(expected, printed, wrong):
    assert mismatch(expected, printed) == wrong
