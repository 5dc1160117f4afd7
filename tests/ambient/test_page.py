"""The page about time and randomness: what it shows is what happens."""

from __future__ import annotations

import time
import uuid

import pytest

from edgeday.ambient.randomness import random_functions
from edgeday.ambient.time_functions import time_functions
from tests.documents import blocks, run_page
from tests.test_documents import text_of

PAGE = "docs/time-and-randomness.md"


@pytest.mark.slow
def test_the_page_shows_what_happens(tmp_path):
    assert run_page(PAGE, tmp_path) == 6


def test_no_code_on_the_page_is_left_out_of_its_run():
    assert [block.text for block in blocks(PAGE) if block.kind != "console" and not block.path] == []


def test_the_page_names_all_that_is_the_invocations():
    text = text_of(PAGE)
    places = time_functions() | random_functions()
    names = {name.removesuffix("_ns") for owner, name in places if owner in {time, uuid}}
    assert [name for name in names if name not in text] == []
