"""What the tests of JavaScript workers are run with."""

from __future__ import annotations

import re
import subprocess

import pytest

from edgeday.hosting.javascript.binary import find_workerd


def test_workerd_says_its_version(workerd):
    said = subprocess.run([workerd, "--version"], capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout.startswith("workerd 20")


@pytest.mark.slow
def test_wrangler_says_its_version(wrangler):
    said = subprocess.run([wrangler, "--version"], capture_output=True, text=True, check=True, timeout=60)
    assert re.search(r"\b[34]\.\d+\.\d+\b", said.stdout)


def test_a_date_that_workerd_does_not_know_is_brought_down_to_its_newest(workerd):
    found = find_workerd(workerd.parent, str(workerd))
    assert found.date_for(found.version) == (found.version, ())
    newest, (warning,) = found.date_for("2999-01-01")
    assert found.version <= newest < "2999"
    assert found.date_for(newest) == (newest, ())
    assert f"takes no compatibility date after {newest}" in warning
