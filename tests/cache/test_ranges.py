"""Range headers, and multipart bodies."""

from __future__ import annotations

from email import message_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeday.cache.ranges import ByteRange, multipart, parse_ranges


@pytest.mark.parametrize(
    ("header", "ranges"),
    [
        ("bytes=2-4", ((2, 4),)),
        ("bytes=0-0", ((0, 0),)),
        ("bytes=7-99", ((7, 9),)),
        ("bytes=4-", ((4, 9),)),
        ("bytes=-3", ((7, 9),)),
        ("bytes=-9", ((1, 9),)),
        ("bytes=-10", ()),
        ("bytes=-0", ()),
        ("bytes=", ()),
        (" ByTeS = 1 - 2 ", ((1, 2),)),
        ("bytes=0-1, 4-, -2", ((0, 1), (4, 9), (8, 9))),
        ("bytes=0-1,-50", ()),
        ("bytes=9-9", ((9, 9),)),
        ("bytes=10-", None),
        ("bytes=10-12", None),
        ("bytes=5-2", None),
        ("bytes=abc", None),
        ("bytes=1", None),
        ("bytes=-", None),
        ("bytes=1.5-3", None),
        ("bytes=0-1,20-30", None),
        ("items=0-1", None),
        ("0-1", None),
    ],
)
def test_a_range_header_selects_bytes_of_ten(header, ranges):
    assert parse_ranges(header, 10) == ranges


@pytest.mark.parametrize(("header", "ranges"), [("bytes=0-", None), ("bytes=-1", ())])
def test_an_empty_body_has_no_first_byte(header, ranges):
    assert parse_ranges(header, 0) == ranges


@given(st.integers(1, 50), st.integers(0, 60), st.integers(0, 60))
def test_one_range_selects_what_a_slice_does(size, first, last):
    body = bytes(range(size))
    ranges = parse_ranges(f"bytes={first}-{last}", size)
    if first > last or first >= size:
        assert ranges is None
    else:
        (only,) = ranges
        assert body[only.first : only.last + 1] == body[first : last + 1]


@given(st.binary(min_size=2, max_size=60), st.data())
def test_a_multipart_body_is_readable_as_mime(body, data):
    places = st.integers(0, len(body) - 1)
    pairs = data.draw(st.lists(st.tuples(places, places), min_size=2, max_size=4))
    ranges = [ByteRange(min(pair), max(pair)) for pair in pairs]
    content_type, text = multipart(body, ranges, "application/x-test")
    message = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + text)
    assert [part["Content-Range"] for part in message.get_payload()] == [f"{r}/{len(body)}" for r in ranges]
    for part in ranges:
        assert b"\r\n\r\n" + body[part.first : part.last + 1] + b"\r\n--" in text
