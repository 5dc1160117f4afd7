"""`edgeday state`: what a state file holds, export and import."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from edgeday.ledger import Op, Spend
from edgeday.storage.records import CacheEntry, KVEntry
from edgeday.storage.sqlite import SqliteStore

NAMESPACE = "81fc0991b2764918b682f9ca170abd4b"


@pytest.fixture
async def state_file(tmp_path):
    path = tmp_path / "day.sqlite"
    store = SqliteStore.open_in_place(path)
    write = Spend(Op.WRITE, 1, 20_500, 2)
    for key in ("a", "b", "c"):
        entry = KVEntry(b"x" * 600_000, None, 1_771_203_600, 1_771_200_000.0)
        await store.kv_put(write, NAMESPACE, [(key, entry)], 0)
    await store.charge(Spend(Op.READ, 1_234, 20_501, None))
    entry = CacheEntry(200, "OK", (), b"page", 1_771_200_060.0, 60)
    await store.cache_put("SOF/default", "https://a/", entry)
    await store.close()
    return path


def test_state_shows_namespaces_caches_and_counters_in_80_columns(edgeday, state_file):
    result = edgeday("state", state_file)
    assert result.exit_code == 0
    assert [line.rstrip() for line in result.stdout.splitlines()] == [
        "Namespace                         Keys    Size  Expiring  Last write (UTC)",
        "81fc0991b2764918b682f9ca170abd4b     2  1.2 MB         2  2026-02-16 00:00",
        "",
        "Cache        Entries     Size  Expiring  Last write (UTC)",
        "SOF/default        1  4 bytes         1  2026-02-16 00:01",
        "",
        "Day (UTC)   Reads          Writes  Deletes  Lists",
        "2026-02-16      0  2 (+1 refused)        0      0",
        "2026-02-17  1,234               0        0      0",
        "",
        f"{state_file}: 1 namespace, 1 cache, 2 days with KV operations",
    ]


def test_an_empty_file_is_said_to_be_empty_and_stays_so(edgeday, tmp_path):
    path = tmp_path / "empty.sqlite"
    path.touch()
    result = edgeday("state", path)
    assert result.exit_code == 2
    assert "is an empty database" in result.stderr
    assert path.stat().st_size == 0


def test_an_export_goes_to_standard_output_or_a_file_and_can_be_imported(edgeday, state_file, tmp_path):
    export = edgeday("state", state_file, "export")
    assert json.loads(export.stdout.splitlines()[0]) == {"type": "edgeday-state", "version": 1, "records": 5}
    exported = tmp_path / "day.jsonl"
    assert edgeday("state", state_file, "export", "--to", exported).output == ""
    assert exported.read_text() == export.stdout
    copy = tmp_path / "copy.sqlite"
    result = edgeday("state", copy, "import", exported)
    assert result.output == f"{copy}: imported 2 keys, 1 cache entry, 2 counters\n"
    assert edgeday("state", copy, "export").stdout == export.stdout


def test_an_export_is_piped_into_an_import(edgeday_process, edgeday, state_file, tmp_path):
    exported = edgeday_process("state", state_file, "export").stdout
    command = [Path(sys.executable).with_name("edgeday"), "state", tmp_path / "copy.sqlite", "import", "-"]
    process = subprocess.run(command, input=exported, capture_output=True, text=True, timeout=60, check=True)
    assert process.stdout.endswith("imported 2 keys, 1 cache entry, 2 counters\n")
    assert edgeday("state", tmp_path / "copy.sqlite", "export").stdout == exported


def test_an_export_does_not_take_the_place_of_the_state_file(edgeday, state_file):
    before = state_file.read_bytes()
    result = edgeday("state", state_file, "export", "--to", state_file)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"--to: {state_file} is the state file itself")
    assert state_file.read_bytes() == before


def test_an_export_that_fails_leaves_the_earlier_file(edgeday, tmp_path):
    (tmp_path / "day.sqlite").write_text("no database\n" * 100)
    (tmp_path / "day.jsonl").write_text("earlier")
    result = edgeday("state", tmp_path / "day.sqlite", "export", "--to", tmp_path / "day.jsonl")
    assert result.exit_code == 2
    assert (tmp_path / "day.jsonl").read_text() == "earlier"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["day.jsonl", "day.sqlite"]


def test_bad_lines_are_shown_with_their_place_and_exit_with_2(edgeday, tmp_path):
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"type":"edgeday-state","version":1}\n5\n{"type":"kv"}\n')
    result = edgeday("state", tmp_path / "copy.sqlite", "import", bad)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines() == [
        f"{bad}:2: is not a JSON object",
        f'{bad}:3: needs either "value" or "value_base64"',
        "2 problems; nothing was imported",
    ]


HEADER = b'{"type":"edgeday-state","version":1}\n'
ENTRY = b'{"type":"kv","namespace":"n","key":"a","value":"x","written_at":1}\n'


@pytest.mark.parametrize("before", [None, b""], ids=["no-file", "an-empty-file"])
def test_an_import_that_fails_into_a_new_file_leaves_nothing_behind(edgeday, tmp_path, before):
    (tmp_path / "bad.jsonl").write_bytes(HEADER + ENTRY + b"5\n")
    copy = tmp_path / "copy.sqlite"
    if before is not None:
        copy.write_bytes(before)
    result = edgeday("state", copy, "import", tmp_path / "bad.jsonl")
    assert result.exit_code == 2
    assert (copy.read_bytes() if copy.exists() else None) == before
    assert {path.name for path in tmp_path.iterdir()} <= {"bad.jsonl", "copy.sqlite"}


def test_an_import_that_fails_into_a_state_file_leaves_it_as_it_was(edgeday, state_file, tmp_path):
    (tmp_path / "bad.jsonl").write_bytes(HEADER + ENTRY + b"5\n")
    before = edgeday("state", state_file, "export").stdout
    assert edgeday("state", state_file, "import", tmp_path / "bad.jsonl").exit_code == 2
    assert edgeday("state", state_file, "export").stdout == before
    assert {path.name for path in tmp_path.iterdir()} == {"bad.jsonl", "day.sqlite"}


def test_an_import_follows_a_link_to_where_there_is_no_file_yet(edgeday, tmp_path):
    (tmp_path / "good.jsonl").write_bytes(HEADER + ENTRY)
    link = tmp_path / "link.sqlite"
    link.symlink_to("place.sqlite")
    assert edgeday("state", link, "import", tmp_path / "good.jsonl").exit_code == 0
    assert link.is_symlink()
    assert {path.name for path in tmp_path.iterdir()} == {"good.jsonl", "link.sqlite", "place.sqlite"}


def test_an_import_into_a_folder_that_is_not_there_names_the_file_that_was_asked_for(edgeday, tmp_path):
    (tmp_path / "good.jsonl").write_bytes(HEADER + ENTRY)
    copy = tmp_path / "no" / "copy.sqlite"
    result = edgeday("state", copy, "import", tmp_path / "good.jsonl")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{copy}: there is no folder {tmp_path / 'no'}\n")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"type":"kv","key":"П'.encode()[:-1], "ends in the middle of a letter: the file was cut short"),
        ('{"key":"Пет'.encode() + b'\xff"}\n', "is not UTF-8: byte 0xff at column 12"),
    ],
)
def test_a_line_whose_letters_are_broken_is_told_as_such(edgeday, tmp_path, line, message):
    (tmp_path / "bad.jsonl").write_bytes(HEADER + line)
    result = edgeday("state", tmp_path / "copy.sqlite", "import", tmp_path / "bad.jsonl")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{tmp_path / 'bad.jsonl'}:2: {message}")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["no.sqlite"], "no.sqlite: there is no such state file"),
        (["no.sqlite", "export"], "no.sqlite: there is no such state file"),
        (["copy.sqlite", "import", "no.jsonl"], "no.jsonl: cannot be read: No such file or directory"),
        (["copy.sqlite", "import", "."], ".: cannot be read: Is a directory"),
        (["."], ".: is a folder, not a state file"),
    ],
)
def test_a_file_that_is_not_there_is_named(edgeday, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    result = edgeday("state", *arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith(message)
    assert list(tmp_path.iterdir()) == []
