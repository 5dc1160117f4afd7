"""`--traces DIR`: what is no directory of golden traces is refused in a line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import BUNDLED, TRACES

ROOT = Path(__file__).parents[2]


def pytest_on(place):
    """Run the traces of a place, as a process of its own."""
    command = [sys.executable, "-m", "pytest", "tests/traces/test_traces.py", "--traces", place, "-q"]
    return subprocess.run(
        [*command, "-p", "no:cacheprovider"], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_a_directory_without_traces_is_refused_in_a_line(tmp_path):
    for place, what in ((tmp_path, "no golden traces"), (tmp_path / "missing", "there is no such directory")):
        finished = pytest_on(place)
        assert (finished.returncode, finished.stdout) == (pytest.ExitCode.USAGE_ERROR, "")
        (line,) = finished.stderr.strip().splitlines()
        assert line.startswith(f"ERROR: --traces: {place}: {what}")
        assert "expected is a directory with golden traces" in line


@pytest.mark.slow
def test_the_traces_of_one_file_can_be_run_alone():
    file = min(BUNDLED.glob("*.json"))
    finished = pytest_on(file)
    assert finished.returncode == 0
    assert f"{len(TRACES.load(file).cases)} passed" in finished.stdout


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "no golden traces of format 1"),
        ('{"format": 1', "not JSON"),
        ('{"format": 1, "cases": [{"name": "x"}]}', "no golden traces of format 1"),
        (
            '{"format": 1, "cases": [{"variant": "", "group": "", "name": "", "steps": []}, {"name": ""}]}',
            "a case that is none: KeyError",
        ),
    ],
    ids=["format", "json", "fields", "case"],
)
def test_a_file_that_holds_no_traces_is_refused_by_name(tmp_path, text, message):
    (tmp_path / "other.json").write_text(text)
    with pytest.raises(ValueError, match=rf"other\.json: {message}"):
        TRACES.load(tmp_path)
