"""Answers to requests with conditions and ranges: the pure rules, in their order."""

from __future__ import annotations

import pytest

from edgeday.cache.conditional import answer, strict_date
from edgeday.cache.stored import imf_fixdate
from edgeday.web.javascript_date import parse_date

CHANGED = "Wed, 01 May 2024 10:20:30 GMT"


def status(request, stored, size=10):
    return answer(request, stored, size).status


@pytest.mark.parametrize(
    ("condition", "etag", "expected"),
    [
        ('"abc"', '"abc"', 304),
        ('W/"abc"', '"abc"', 304),
        ('"abc"', 'W/"abc"', 304),
        ('"x", "abc"', '"abc"', 304),
        (' "abc" ', '"abc"', 304),
        ("*", '"abc"', 304),
        ('"x"', '"abc"', None),
        ("abc", '"abc"', None),
        ("*", "abc", None),
        ("", '"abc"', None),
        ('""', '""', None),
    ],
)
def test_if_none_match_compares_weakly(condition, etag, expected):
    assert status({"if-none-match": condition}, {"etag": etag}) == expected


def test_if_none_match_needs_a_stored_etag():
    assert status({"if-none-match": "*"}, {}) is None


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        ("Wed, 01 May 2024 10:20:29 GMT", None),
        ("Wed, 01 May 2024 10:20:30 GMT", 304),
        ("Wed, 01 May 2024 10:20:31 GMT", 304),
        ("Mon, 01 May 2025 10:20:30 GMT", 304),
        ("Thu, 01 May 2025 10:20:30 UTC", None),
        ("Thursday, 01-May-25 10:20:30 GMT", None),
        ("Thu, 31 Feb 2025 10:20:30 GMT", 304),
        ("Thu, 32 Jan 2025 10:20:30 GMT", None),
        ("yesterday", None),
    ],
)
def test_if_modified_since_reads_imf_fixdates(since, expected):
    assert status({"if-modified-since": since}, {"last-modified": CHANGED}) == expected


def test_an_unsatisfiable_range_comes_before_the_conditions():
    request = {"range": "bytes=20-", "if-none-match": "*"}
    assert status(request, {"etag": '"a"'}) == 416


def test_a_condition_that_holds_comes_before_a_range():
    request = {"range": "bytes=0-1", "if-none-match": '"a"'}
    assert status(request, {"etag": '"a"'}) == 304
    assert status(request, {"etag": '"b"'}) == 206


def test_a_failed_if_none_match_leaves_the_word_to_if_modified_since():
    request = {"if-none-match": '"b"', "if-modified-since": CHANGED}
    assert status(request, {"etag": '"a"', "last-modified": CHANGED}) == 304


@pytest.mark.parametrize(
    ("request_headers", "reason"),
    [
        ({"range": "bytes=20-"}, "416: no such range of 10 bytes: bytes=20-"),
        ({"range": "bytes=0-1"}, "206: bytes=0-1"),
        ({"if-none-match": "*"}, "304: If-None-Match names the stored ETag"),
        ({"if-modified-since": CHANGED}, "304: not modified since If-Modified-Since"),
        ({}, ""),
    ],
)
def test_an_answer_says_why(request_headers, reason):
    assert answer(request_headers, {"etag": '"a"', "last-modified": CHANGED}, 10).reason == reason


def test_dates_are_written_and_read_back():
    epoch_s = 1_714_558_830
    assert imf_fixdate(epoch_s) == CHANGED
    assert strict_date(CHANGED) == epoch_s


@pytest.mark.parametrize(
    "text",
    [
        "Wednesday, 01-May-24 10:20:30 GMT",
        "Wed May  1 10:20:30 2024",
        "Wed, 01 May 2024 12:20:30 +0200",
        "2024-05-01T10:20:30Z",
        "2024-05-01T10:20:30",
    ],
)
def test_the_strict_reader_takes_no_other_format(text):
    assert parse_date(text) == 1_714_558_830
    assert strict_date(text) is None
