"""Dates as JavaScript reads them; every expected value was given by V8's own `Date.parse`."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeday.cache.conditional import strict_date
from edgeday.cache.stored import imf_fixdate
from edgeday.web.javascript_date import parse_date


@pytest.mark.parametrize(
    ("text", "epoch_s"),
    [
        ("2026-11-23", 1795392000),
        ("2026-11-23T00:01", 1795392060),
        ("2026-11-23T00:01:00.5Z", 1795392060.5),
        ("2026-11-23T00:01:00+01:30", 1795386660),
        ("+002026-11-23", 1795392000),
        ("-000001-01-01", -62198755200),
        ("-000000-01-01", 978307200),
        ("2026-11-23T24:00:00Z", 1795478400),
        ("2026-11-23T25:00:00Z", None),
        ("2026-11-23t00:01:00z x", None),
        ("2026-11-23 00:01:00 -0800", 1795420860),
        ("2027-02-30", 1803945600),
        ("2027-13-01", None),
        ("Mon, 23 Nov 2026 00:01:00 GMT", 1795392060),
        ("Monday, 23-Nov-26 00:01:00 GMT", 1795392060),
        ("Mon Nov 23 00:01:00 2026", 1795392060),
        ("Mon, 31 Nov 2026 00:01:00 GMT", 1796083260),
        ("Mon, 32 Nov 2026 00:01:00 GMT", None),
        ("Mon, 23 Nov 2026 24:00:00 GMT", 1795478400),
        ("Mon, 23 Nov 2026 00:01:60 GMT", 1795392060),
        ("Mon, 23 Nov 2026 12:01:00 AM", 1795392060),
        ("23 Nov 2026 1:05 pm EST", 1795457100),
        ("23 Nov 2026 13:05 pm", None),
        ("23 Nov 2026 10:00 GMT+2", 1795420800),
        ("23 Nov 2026 10:00 +12345", None),
        ("23 Nov 2026 10::30", 1795428030),
        ("November 24, 2026 (a (nested) remark) 10:00", 1795514400),
        ("2026-Nov-23", 1795392000),
        ("24.11.2026", None),
        ("11/24/2026", 1795478400),
        ("2026/11/24", 1795478400),
        ("0", 946684800),
        ("-1", 978307200),
        ("1", 978307200),
        ("13", None),
        ("32", 1956528000),
        ("50", -631152000),
        ("99", 915148800),
        ("2027", 1798761600),
        ("20261124", None),
        ("1795392060000", None),
        ("Nov 24", 1006560000),
        ("never", None),
        ("", None),
        ("Infinity", None),
        ("now 24 Nov 2026", 1795478400),
        ("24 Nov 2026 now", None),
        ("24 Nov now 2026", None),
        ("2026.5", 1777593600),
        ("1.2.3.4", None),
        ("24 11 2026 5", None),
        ("(2026", None),
        ("Sat, 01 Jan 10000 00:00:00 GMT", 253402300800),
        ("Sat, 13 Sep 275760 00:00:00 GMT", 8640000000000),
        ("Sun, 14 Sep 275760 00:00:00 GMT", None),
        ("24 nov 2026 ut", 1795478400),
    ],
)
def test_a_text_is_the_date_that_javascript_reads_in_it(text, epoch_s):
    assert parse_date(text) == epoch_s


@given(st.datetimes())
def test_iso_dates_are_read_as_they_are_written(moment):
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    assert parse_date(moment.isoformat(timespec="milliseconds")) == pytest.approx(
        (moment.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds(), abs=1e-4
    )


@given(st.integers(min_value=0, max_value=253_402_300_799))
def test_http_dates_are_read_as_they_are_written(epoch_s):
    assert parse_date(imf_fixdate(epoch_s)) == strict_date(imf_fixdate(epoch_s)) == epoch_s


_PIECES = ["Nov", "23", "2026", "-", ":", "+", ".", "(", ")", "T", "Z", "12:30", " ", "GMT", "é", "\t", "٣"]


@given(st.lists(st.sampled_from(_PIECES)).map("".join))
def test_any_text_is_a_date_or_none(text):
    date = parse_date(text)
    assert date is None or abs(date) <= 8_640_000_000_000
