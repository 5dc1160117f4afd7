"""`edgeday replay --store`: the same day, kept in a file."""

import subprocess
import sys

import pytest

from edgeday.ledger import Op
from edgeday.storage.summary import summarize
from tests.commands.conftest import SCENARIOS

pytestmark = pytest.mark.slow

NORMAL, HIGH_LOAD = SCENARIOS / "normal-day.yaml", SCENARIOS / "high-load-day.yaml"


def test_a_day_kept_in_a_file_gives_the_same_report_byte_for_byte(edgeday, tmp_path):
    path = tmp_path / "day.sqlite"
    assert edgeday("replay", NORMAL, "--json", tmp_path / "memory.json").exit_code == 0
    result = edgeday("replay", NORMAL, "--json", tmp_path / "sqlite.json", "--store", f"sqlite:{path}")
    assert result.exit_code == 0
    assert (tmp_path / "sqlite.json").read_bytes() == (tmp_path / "memory.json").read_bytes()
    summary = summarize(path)
    assert [usage[Op.WRITE].accepted for usage in summary.days.values()] == [6]
    assert [cache.name for cache in summary.caches] == ["SOF/default"]
    assert [file.name for file in tmp_path.glob("day.sqlite*")] == ["day.sqlite"]


def test_each_scenario_has_a_file_of_its_own(edgeday, tmp_path):
    result = edgeday("replay", NORMAL, HIGH_LOAD, "--store", f"sqlite:{tmp_path}/{{name}}.sqlite")
    assert result.exit_code == 0
    writes = [
        usage[Op.WRITE].accepted
        for name in ("normal-day", "high-load-day")
        for usage in summarize(tmp_path / f"{name}.sqlite").days.values()
    ]
    assert writes == [6, 30]


@pytest.mark.parametrize(
    ("store", "files", "message"),
    [
        ("redis:x", [NORMAL], "--store: there is no store 'redis:x'"),
        ("sqlite:", [NORMAL], "--store: there is no store 'sqlite:'"),
        ("sqlite:there.sqlite", [NORMAL], "--store: there.sqlite is there already"),
        ("sqlite:one.sqlite", [NORMAL, HIGH_LOAD], "--store: 2 scenarios need a state file each"),
        ("sqlite:no/day.sqlite", [NORMAL], "no/day.sqlite: there is no folder no"),
    ],
)
def test_a_store_that_cannot_begin_with_nothing_is_refused(
    edgeday, tmp_path, monkeypatch, store, files, message
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.sqlite").write_text("mine")
    result = edgeday("replay", *files, "--store", store)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(message)
    assert (tmp_path / "there.sqlite").read_text() == "mine"


def test_a_disk_that_takes_no_more_ends_the_replay_though_the_worker_catches_everything(tmp_path):
    limited = "import resource as r; r.setrlimit(r.RLIMIT_FSIZE, (300_000, 300_000))"
    command = f"{limited}; from edgeday.commands.cli import main; main()"
    result = subprocess.run(
        [sys.executable, "-c", command, "replay", NORMAL, "--store", f"sqlite:{tmp_path}/day.sqlite"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(f"{tmp_path}/day.sqlite: the disk did not take a read or write")
