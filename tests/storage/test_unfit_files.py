"""Files that are no sound state file: refused with a clear error, and left as they are."""

import os
import sqlite3
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from edgeday.errors import BadInput
from edgeday.storage import database, schema
from edgeday.storage.database import open_database, open_reader
from edgeday.storage.sqlite import SqliteStore
from tests.storage.examples import WRITE, get, put


@pytest.fixture
def path(tmp_path):
    return tmp_path / "day.sqlite"


@pytest.fixture
async def state_file(path):
    """A closed state file of about 250 pages."""
    store = SqliteStore.open_in_place(path)
    for number in range(100):
        await put(store, f"key:{number}", bytes(9_000))
    await store.close()
    return path


def contents(folder):
    """Files by name; those of shared memory hold locks, and no data."""
    files = [file for file in folder.iterdir() if file.is_file() and not file.name.endswith("-shm")]
    return {file.name: file.read_bytes() for file in files}


def problem_of(path, opening=open_database):
    """What opening a file raises, once it is sure that the folder is as before."""
    before = contents(path.parent)
    with pytest.raises(BadInput) as raised:
        opening(path)
    assert contents(path.parent) == before
    (problem,) = raised.value.problems
    assert problem.where == str(path)
    assert problem.hint
    return problem.what


@pytest.mark.parametrize("opening", [open_database, open_reader])
@pytest.mark.parametrize("content", [b"\n", b"name,value\n" * 500, bytes(8192), b"SQLite format 3\x00" * 31])
def test_a_file_that_is_no_database_is_refused(path, content, opening):
    path.write_bytes(content)
    assert "not a database" in problem_of(path, opening)


@pytest.mark.parametrize("part", [512, 4096, 4096 * 2, 0.5, -4096, -1])
def test_a_file_that_was_cut_short_is_refused(state_file, part):
    content = state_file.read_bytes()
    cut = int(part * len(content)) if isinstance(part, float) else part
    state_file.write_bytes(content[:cut])
    assert "damaged or cut short" in problem_of(state_file)


async def test_a_file_that_was_emptied_beside_its_log_is_refused(path):
    store = SqliteStore.open_in_place(path)
    await put(store, "menu")
    os.truncate(path, 0)
    assert "was emptied, but day.sqlite-wal" in problem_of(path)
    store._driver._db.close()


async def test_damage_inside_a_file_is_told_by_the_operation_that_meets_it(state_file, open_store):
    content = bytearray(state_file.read_bytes())
    content[4096 * 3 :] = b"\xff" * (len(content) - 4096 * 3)
    state_file.write_bytes(content)
    store = await open_store(state_file)
    with pytest.raises(BadInput, match=r"day\.sqlite: the state file is damaged"):
        await get(store, "key:50")
    with pytest.raises(BadInput, match="damaged"):
        await store.close()


@pytest.mark.parametrize("journal", ["delete", "wal"])
@pytest.mark.parametrize("application_id", [0, 0x0F055112])
def test_a_database_of_another_application_is_refused(path, journal, application_id):
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA journal_mode = {journal}")
        db.execute(f"PRAGMA application_id = {application_id}")
        db.execute("CREATE TABLE bookmarks (url TEXT)")
    assert problem_of(path) == "is a database of another application"


def test_a_database_of_another_application_is_refused_while_that_is_writing_to_it(path):
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE bookmarks (url TEXT)")
        assert problem_of(path) == "is a database of another application"


def test_a_newer_schema_is_refused(path, monkeypatch):
    open_database(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {schema.SCHEMA_VERSION + 1}")
    assert problem_of(path).startswith("was written by a newer edgeday (schema 2; this one knows 1)")


def test_a_folder_is_refused(tmp_path):
    assert problem_of(tmp_path) == "is a folder, not a state file"


def test_a_missing_folder_is_named(tmp_path):
    assert problem_of_missing(tmp_path / "no" / "day.sqlite") == f"there is no folder {tmp_path / 'no'}"
    assert list(tmp_path.iterdir()) == []


def test_a_device_is_refused():
    assert problem_of_missing(Path(os.devnull)) == "is not an ordinary file"


def test_a_file_that_must_exist_is_not_made(path):
    with pytest.raises(BadInput, match="there is no such state file"):
        open_database(path, create=False)
    with pytest.raises(BadInput, match="there is no such state file"):
        open_reader(path)
    assert not path.exists()


def test_an_empty_file_becomes_a_state_file(path):
    path.touch()
    open_database(path).close()
    with closing(sqlite3.connect(path)) as db:
        assert schema.marks_of(db) == (schema.APPLICATION_ID, schema.SCHEMA_VERSION, False)


@contextmanager
def unprivileged():
    """As a user whom file permissions bind; root steps down for the while."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


@pytest.mark.parametrize("locked", ["file", "folder"])
async def test_a_file_that_cannot_be_written_is_refused(locked):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "day.sqlite"
        store = SqliteStore.open_in_place(path)
        await put(store, "menu")
        await store.close()
        before = path.read_bytes()
        path.chmod(0o444 if locked == "file" else 0o666)
        path.parent.chmod(0o777 if locked == "file" else 0o555)
        with unprivileged(), pytest.raises(BadInput) as raised:
            open_database(path)
        path.parent.chmod(0o777)
        assert raised.value.problems[0].where == str(path)
        assert "cannot be written" in str(raised.value) or "cannot be opened" in str(raised.value)
        assert path.read_bytes() == before


def test_a_file_in_a_folder_that_cannot_be_looked_into_is_refused():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "inner" / "day.sqlite"
        path.parent.mkdir(mode=0)
        with unprivileged(), pytest.raises(BadInput, match="cannot be used: Permission denied"):
            open_database(path)


async def test_a_program_that_holds_the_file_is_named_after_patience_runs_out(path, monkeypatch, open_store):
    monkeypatch.setattr(database, "_BUSY_TIMEOUT_S", 0.01)
    monkeypatch.setattr(database, "_ATTEMPTS", 3)
    store = await open_store(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(BadInput, match="another program has held the state file"):
            await store.charge(WRITE)
    await store.charge(WRITE)
    with pytest.raises(BadInput):
        await store.close()


# migrations


async def test_an_older_file_is_brought_up_to_date_with_its_content_kept(state_file, monkeypatch):
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, ("ALTER TABLE kv ADD COLUMN note TEXT",)))
    monkeypatch.setattr(schema, "SCHEMA_VERSION", 2)
    with pytest.raises(BadInput, match="has the schema of an older edgeday"):
        open_reader(state_file)
    store = SqliteStore.open_in_place(state_file)
    assert (await get(store, "key:7")).value == bytes(9_000)
    await store.close()
    with closing(sqlite3.connect(state_file)) as db:
        assert schema.marks_of(db).version == 2
        assert db.execute("SELECT count(*) FROM kv WHERE note IS NULL").fetchone() == (100,)


def test_a_migration_that_fails_changes_nothing(state_file, monkeypatch):
    steps = ("ALTER TABLE kv ADD COLUMN note TEXT", "DROP TABLE missing")
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, steps))
    monkeypatch.setattr(schema, "SCHEMA_VERSION", 2)
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        open_database(state_file)
    with closing(sqlite3.connect(state_file)) as db:
        assert schema.marks_of(db).version == 1
        assert "note" not in [row[1] for row in db.execute("PRAGMA table_info(kv)")]


def problem_of_missing(path):
    with pytest.raises(BadInput) as raised:
        open_database(path)
    return raised.value.problems[0].what
