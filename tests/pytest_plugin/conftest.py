"""A project of its own for each test, in which pytest runs with the plugin as its users have it.

pytester forgets the modules that a run imported; compiled ones cannot be imported twice, so everything
is imported here first; whether pytest says so depends on how it was started.
"""

from __future__ import annotations

import pytest

import edgeday.replay.runner
import edgeday.report.terminal

assert edgeday.replay.runner
assert edgeday.report.terminal

INI = """
[pytest]
asyncio_mode = {mode}
edgeday_short_names = true
asyncio_default_fixture_loop_scope = function
addopts = --strict-markers -p no:cacheprovider -p no:hypothesispytest -p no:anyio
filterwarnings =
    error
    ignore:Module already imported so cannot be rewritten
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """An empty directory with a pytest.ini, in which asynchronous tests need no marker."""
    monkeypatch.delenv("COLUMNS", raising=False)
    pytester.makefile(".ini", pytest=INI.format(mode="auto"))
    return pytester


@pytest.fixture
def strict_project(pytester: pytest.Pytester) -> pytest.Pytester:
    """The same with pytest-asyncio in strict mode."""
    pytester.makefile(".ini", pytest=INI.format(mode="strict"))
    return pytester
