"""The original worker and the port, side by side on whole days; skipped where the original is not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.oracle import days
from tests.oracle.__main__ import held_against_each_other
from tests.oracle.kept import differences, path_of, read
from tests.oracle.originals import why_missing

pytestmark = [pytest.mark.workerd, pytest.mark.slow]


@pytest.mark.parametrize("day", days.DAYS)
@pytest.mark.parametrize("variant", days.VARIANTS)
def test_the_port_does_what_the_original_does_and_what_it_did_when_it_was_recorded(
    variant: str, day: str, workerd: Path
) -> None:
    if missing := why_missing(variant):
        if os.environ.get("EDGEDAY_REQUIRE_ORIGINAL"):
            pytest.fail(missing)
        pytest.skip(missing)
    comparison, original = held_against_each_other(day, variant, workerd)
    assert not comparison.differing, "\n".join(comparison.lines())
    assert list(differences(read(path_of(day, variant)), original)) == []
