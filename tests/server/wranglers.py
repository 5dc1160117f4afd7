"""The real wranglers that `make test-wrangler` installs."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
VERSIONS = {"3": "3.114.17", "4": "4.86.0"}
"""Major version -> the version that is installed."""


def wrangler_command(major: str) -> str:
    """The command of a version; skips the test where it is missing, or fails it where it has to be there."""
    command = _ROOT / ".wrangler-test" / major / "node_modules" / ".bin" / "wrangler"
    missing = "Node is not installed" if shutil.which("node") is None else ""
    if not missing and not command.exists():
        missing = f"wrangler {VERSIONS[major]} is not installed; make test-wrangler installs it"
    if missing and os.environ.get("EDGEDAY_REQUIRE_WRANGLER"):
        pytest.fail(missing)
    if missing:
        pytest.skip(missing)
    return str(command)
