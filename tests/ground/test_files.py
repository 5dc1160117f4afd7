from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from edgeday.errors import BadInput
from edgeday.files import WholeFile, write_whole

FULL = Path("/dev/full")


def names(directory):
    return sorted(path.name for path in directory.iterdir())


def test_a_file_stands_in_its_place_only_when_it_is_whole(tmp_path):
    path = tmp_path / "report"
    path.write_text("earlier")
    file = WholeFile(path)
    file.write(b"now")
    assert path.read_text() == "earlier"
    file.keep()
    assert path.read_text() == "now"
    assert names(tmp_path) == ["report"]


def test_a_discarded_file_leaves_the_earlier_one_and_nothing_else(tmp_path):
    path = tmp_path / "report"
    path.write_text("earlier")
    file = WholeFile(path)
    file.write(b"now")
    file.discard()
    file.discard()
    assert path.read_text() == "earlier"
    assert names(tmp_path) == ["report"]


def test_discarding_what_was_kept_keeps_it(tmp_path):
    file = WholeFile(tmp_path / "report")
    file.keep()
    file.discard()
    assert names(tmp_path) == ["report"]


def test_a_symbolic_link_stays_and_its_target_is_replaced(tmp_path):
    (tmp_path / "target").write_text("earlier")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    write_whole(tmp_path / "link", "now")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text() == "now"


def test_a_pipe_is_written_straight(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen([sys.executable, "-c", f"print(open({str(pipe)!r}).read())"], stdout=-1) as reader:
        write_whole(pipe, "through")
        assert reader.communicate(timeout=30)[0] == b"through\n"
    assert pipe.is_fifo()


@pytest.mark.skipif(not FULL.exists(), reason="there is no device that is always full")
def test_a_full_device_is_told():
    with pytest.raises(BadInput, match="full: cannot be written: No space left on device"):
        write_whole(FULL, "now")


def test_a_file_that_grows_too_large_leaves_the_earlier_one(tmp_path):
    path = tmp_path / "report"
    path.write_text("earlier")
    script = (
        "import resource, sys; from pathlib import Path; from edgeday.files import write_whole\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "write_whole(Path(sys.argv[1]), 'x' * 2000)"
    )
    process = subprocess.run(
        [sys.executable, "-c", script, path], capture_output=True, text=True, check=False
    )
    assert "report: cannot be written: File too large" in process.stderr
    assert path.read_text() == "earlier"
    assert names(tmp_path) == ["report"]


@pytest.mark.parametrize("path", ["missing/report", "a\0b", "x" * 400])
def test_an_impossible_path_is_told(tmp_path, path):
    with pytest.raises(BadInput, match="cannot be written"):
        write_whole(tmp_path / path, "now")
