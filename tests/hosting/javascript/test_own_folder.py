"""Folders of temporary files end with their process, whatever ends that."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

PREFIX = "edgeday-test-"
MAKES = """
import os, sys
from edgeday.hosting.javascript.own_folder import own_folder
folder = own_folder("edgeday-test-")
(folder / "build").write_text("x")
print(folder, flush=True)
sys.stdin.read()
{ends}
"""


@pytest.fixture(autouse=True)
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def started(ends: str = "") -> tuple[subprocess.Popen[str], Path]:
    """A process that has a folder, until its input ends; and the folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", MAKES.format(ends=ends)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_a_folder_goes_with_its_process(place: Path) -> None:
    process, folder = started()
    assert (folder / "build").is_file()
    process.communicate()
    assert list(place.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="there is no lock to tell by")
def test_the_folder_of_a_killed_process_goes_with_the_next_one(place: Path) -> None:
    process, folder = started()
    process.kill()
    process.communicate()
    assert folder.is_dir()
    process, _ = started()
    assert not folder.exists()
    process.communicate()
    assert list(place.iterdir()) == []


def test_the_folder_of_a_running_process_stays(place: Path) -> None:
    process, folder = started()
    other, own = started()
    assert sorted(place.iterdir()) == sorted([folder, own])
    for one in (process, other):
        one.communicate()


def test_what_another_program_has_called_so_stays(place: Path) -> None:
    (place / f"{PREFIX}mine").mkdir()
    (place / f"{PREFIX}text").write_text("x")
    process, _ = started()
    process.communicate()
    assert sorted(one.name for one in place.iterdir()) == [f"{PREFIX}mine", f"{PREFIX}text"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks")
def test_a_fork_does_not_take_the_folder_with_it(place: Path) -> None:
    process, folder = started("pid = os.fork()\nif pid:\n    os.waitpid(pid, 0)\n    assert folder.is_dir()")
    process.communicate()
    assert process.returncode == 0
    assert not folder.exists()
