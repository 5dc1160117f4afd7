"""What the server brings along is loaded by the server alone."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("modules", "loaded"),
    [
        (
            "edgeday.commands.cli, edgeday.commands.replay, edgeday.commands.serve, edgeday.replay.runner",
            False,
        ),
        ("edgeday.server.kv_operations, edgeday.server.served, edgeday.wrangler", False),
        ("edgeday.server.serving", True),
    ],
)
def test_the_http_library_is_loaded_by_serving_alone(modules, loaded):
    code = f"import sys, {modules}; print('aiohttp' in sys.modules)"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert process.stdout.strip() == str(loaded)
