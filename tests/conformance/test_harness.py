"""The harness itself: that it notices what differs, and how it judges vectors it has never seen."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from edgeday.web import Request, Response

from .conftest import VECTORS
from .results import differences, matched
from .runner import START_S

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def vectors(directory, *cases):
    directory.mkdir(exist_ok=True)
    (directory / "more.json").write_text(json.dumps({"format": 1, "area": "cache", "cases": cases}))
    return directory


def case(id, result, *, tags=(), cache_control="max-age=60"):
    """A cache case: one put, and one match with this result."""
    url = "https://example.com/"
    response = {"headers": [["Cache-Control", cache_control]], "body": {"text": "x"}}
    steps = [
        {"op": "put", "args": {"request": url, "response": response}, "at": 0, "result": None},
        {"op": "match", "args": {"request": url}, "at": 0, "result": result},
    ]
    return {"id": id, "area": "cache", "title": id, "tags": list(tags), "steps": steps}


def pytest_on(directory):
    """Run other vectors on the memory store, as a process of its own."""
    command = [sys.executable, "-m", "pytest", "tests/conformance/test_vectors.py", "--vectors", directory]
    return subprocess.run(
        [*command, "-q", "-k", "memory", "-p", "no:cacheprovider"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def run(directory):
    """The same; returns the exit code and the lines of the table."""
    finished = pytest_on(directory)
    table = [line for line in finished.stdout.splitlines() if line.startswith("memory")]
    return finished.returncode, table


def test_unknown_vectors_are_judged_and_counted(tmp_path):
    directory = vectors(
        tmp_path / "more",
        case("new-untagged", None, cache_control="no-store"),
        case("new-suspected", None, cache_control="private", tags=["simulator"]),
        case("new-explained", None, cache_control="Max-Age=60", tags=["simulator"]),
        case("new-unexplained", None, tags=["simulator"]),
    )
    code, table = run(directory)
    assert code == 0
    assert table == [
        "memory  cache  (none)                1      1",
        "memory  cache  simulator             1      3   1 differ as registered, 1 differ, not explained",
    ]


def test_an_untagged_vector_that_differs_fails_the_run(tmp_path):
    vectors(tmp_path / "more", case("new-wrong", None))
    code, table = run(os.path.relpath(tmp_path / "more", ROOT))
    assert code == 1
    assert table == ["memory  cache  (none)                0      1   1 failed"]


def test_other_json_beside_the_vectors_is_left_out_with_a_word(tmp_path):
    vectors(tmp_path / "more", case("new-right", None, cache_control="no-store"))
    (tmp_path / "more" / "other.json").write_text('{"verdict": "pass"}')
    finished = pytest_on(tmp_path / "more")
    assert finished.returncode == 0
    assert (
        f"left out: {tmp_path / 'more' / 'other.json'}: no conformance vectors of format 1" in finished.stdout
    )


def test_a_directory_without_vectors_is_refused_in_a_line(tmp_path):
    for place, what in (
        (tmp_path, "no conformance vectors"),
        (tmp_path / "missing", "there is no such directory"),
    ):
        finished = pytest_on(place)
        assert (finished.returncode, finished.stdout) == (pytest.ExitCode.USAGE_ERROR, "")
        (line,) = finished.stderr.strip().splitlines()
        assert line.startswith(f"ERROR: --vectors: {place}: {what}")
        assert "expected is a directory with conformance vectors" in line


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"format": 2}', "no conformance vectors of format 1"),
        ('{"format": 1', "not JSON"),
        ('{"format": 1, "cases": [{"id": "x"}]}', "no conformance vectors of format 1"),
        (
            '{"format": 1, "cases": [{"id": "x", "area": "kv", "title": "", "steps": []}, {"id": "y"}]}',
            "a case that is none: KeyError",
        ),
        (
            '{"format": 1, "cases": [{"id": "x", "area": "moon", "title": "", "steps": []}]}',
            "1 cases: the area moon is not run here, only kv and cache",
        ),
    ],
    ids=["format", "json", "fields", "case", "area"],
)
def test_a_file_that_holds_no_vectors_is_refused_by_name(tmp_path, text, message):
    (tmp_path / "other.json").write_text(text)
    with pytest.raises(ValueError, match=rf"other\.json: {message}"):
        VECTORS.load(tmp_path)


@pytest.mark.parametrize(
    ("recorded", "answer", "same"),
    [
        (1, True, False),
        (1, 1.0, True),
        (12345678901234567000, 12345678901234567890, True),
        (9007199254740992, 9007199254740994, False),
        (None, math.inf, True),
        (0, math.inf, False),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ({"a": None}, {}, False),
        ([1, 2], [2, 1], False),
        ({"map": [["a", 1], ["b", None]]}, {"map": [["b", None], ["a", 1]]}, True),
        ({"map": [["a", 1]]}, {"map": []}, False),
    ],
)
def test_json_is_compared_by_value_and_a_map_without_order(recorded, answer, same):
    assert (differences(recorded, answer, START_S) == []) is same


RECORDED = {
    "status": 200,
    "statusText": "OK",
    "headers": [["a", "1"], ["date", {"dropped": True}], ["expires", {"httpDateFromStart": 1}]],
    "body": {"text": "x"},
}
FOUND_HEADERS = {"a": "1", "date": "now", "expires": "Mon, 23 Nov 2026 00:00:01 GMT"}


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({}, []),
        ({"status": 404}, ["status: 404, recorded 200"]),
        ({"headers": {**FOUND_HEADERS, "a": "2"}}, ["headers.a: '2', recorded '1'"]),
        ({"headers": {**FOUND_HEADERS, "b": "2"}}, ["headers: 'b' was not recorded"]),
        ({"headers": {"a": "1", "expires": FOUND_HEADERS["expires"]}}, ["headers: no 'date'"]),
        ({"body": b"y"}, ["body: b'y', recorded b'x'"]),
        ({"body": None}, ["body: b'', recorded b'x'"]),
    ],
)
def test_a_match_is_compared_field_by_field(changed, wrong):
    answer = {"status": 200, "statusText": "OK", "headers": FOUND_HEADERS, "body": b"x", **changed}
    assert differences(RECORDED, answer, START_S) == wrong


async def test_the_boundary_of_a_multipart_body_is_replaced(caches):
    await caches.default.put("https://example.com/", Response("0123", headers={"Cache-Control": "max-age=9"}))
    ranged = Request("https://example.com/", headers={"Range": "bytes=0-0,2-2"})
    answer = await matched(await caches.default.match(ranged))
    assert answer["headers"]["content-type"] == "multipart/byteranges; boundary=BOUNDARY"
    assert answer["body"].endswith(b"\r\n--BOUNDARY--")
