"""Every recorded case, on every store."""

from __future__ import annotations

import pytest

from .notation import NoCounterpart
from .runner import run


async def test_what_was_recorded_happens(case, store, request):
    try:
        wrong = await run(case, store)
    except NoCounterpart as reason:
        pytest.skip(str(reason))
    assert not wrong, "\n".join(wrong)
