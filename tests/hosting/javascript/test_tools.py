"""What the tests of JavaScript workers are run with."""

from __future__ import annotations

import subprocess

import pytest


def test_workerd_says_its_version(workerd):
    said = subprocess.run([workerd, "--version"], capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout.startswith("workerd 20")


@pytest.mark.slow
def test_wrangler_says_its_version(wrangler):
    said = subprocess.run([wrangler, "--version"], capture_output=True, text=True, check=True, timeout=60)
    assert "4." in said.stdout
