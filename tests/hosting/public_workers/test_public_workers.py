"""Cloudflare's own tests of its SDK, and its public examples, run unmodified where somebody has them.

    git clone https://github.com/cloudflare/workers-py
    git clone https://github.com/cloudflare/python-workers-examples
    pytest tests/hosting/public_workers --public-workers DIR

DIR is the folder of the two clones. The examples need packages besides; one that is missing is skipped.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import OPTION, PROPERTY
from .suites import EXAMPLES, SUITES

ROOT = Path(__file__).parents[3]
NOT_EMULATED = {
    "04-query-d1": "edgeday does not emulate D1",
    "05-langchain": "edgeday does not emulate Workers AI",
    "06-assets": "edgeday does not emulate static assets",
    "07-durable-objects": "edgeday does not emulate Durable Objects",
    "09-workers-ai": "edgeday does not emulate Workers AI",
    "10-workflows": "edgeday does not emulate Workflows",
    "11-opengraph": "edgeday does not emulate HTMLRewriter",
    "14-websocket-stream-consumer": "edgeday does not emulate Durable Objects",
    "15-chatroom": "edgeday does not emulate Durable Objects",
    "16-sync-http-clients": "example.com",  # a real socket, to which there is no way
    "17-dynamic-py-py": "edgeday does not emulate worker loaders",
    "19-django-todo-d1": "edgeday does not emulate D1",
}
"""Examples that use what is not emulated: they say so, and nothing else goes wrong."""


def outcomes(request: pytest.FixtureRequest, name: str) -> list[list[str]]:
    """Name and error ("" if it passed) of each test or request, from a process of its own."""
    directory = request.config.getoption(OPTION, None)
    if directory is None:
        pytest.skip(f"{OPTION} DIR runs Cloudflare's public suites and examples")
    command = [sys.executable, "-m", "tests.hosting.public_workers.suites", str(directory.resolve()), name]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert process.returncode == 0, process.stderr[-3000:]
    found: list[list[str]] = json.loads(process.stdout.splitlines()[-1])
    passed = sum(not error for _, error in found)
    request.node.user_properties.append((PROPERTY, f"{name:30} {passed:3} of {len(found)}"))
    return found


def ran(request: pytest.FixtureRequest, name: str) -> list[list[str]]:
    """The outcomes; skips the test where a package is missing."""
    found = outcomes(request, name)
    if found and found[0][1].startswith("not run: "):
        pytest.skip(found[0][1])
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", SUITES)
def test_a_suite_of_the_sdk_passes(request, name):
    assert [outcome for outcome in ran(request, name) if outcome[1]] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_runs_or_says_what_of_it_is_not_emulated(request, name):
    failed = [error for _, error in ran(request, name) if error]
    assert [error for error in failed if NOT_EMULATED.get(name, "nothing") not in error] == []
