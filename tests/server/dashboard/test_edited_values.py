"""Values through a form and back: what can be edited comes back byte for byte."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeday.server.dashboard.kv_values import MAX_EDITED_BYTES, from_form, shown

LINES = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), max_size=6)


def through_a_form(text: str) -> str:
    """What a browser sends for a text area: line breaks become CRLF (HTML, form submission)."""
    sent = re.sub(r"\r\n|\r|\n", "\r\n", text)
    return parse_qs(urlencode({"value": sent}), keep_blank_values=True)["value"][0]


@given(LINES, st.sampled_from(["\n", "\r\n", "\r", "\n\r"]), st.booleans())
def test_an_editable_value_comes_back_byte_for_byte(lines, breaks, also_lf):
    value = (breaks.join(lines) + ("\n" if also_lf else "")).encode()
    value_shown = shown(value)
    if value_shown.editable:
        assert from_form(through_a_form(value_shown.text), value_shown.breaks) == value
        assert from_form(value_shown.text, value_shown.breaks) == value
    else:
        assert "\r" in value.decode() or "\0" in value.decode()


@given(st.binary(max_size=64))
def test_bytes_that_are_no_text_are_dumped_and_not_edited(value):
    value_shown = shown(value)
    try:
        value.decode()
    except UnicodeDecodeError:
        assert not value_shown.editable
        assert value_shown.text.startswith(f"00000000  {value[:1].hex()}")
    else:
        assert "binary" not in value_shown.why


@pytest.mark.parametrize(("more", "editable"), [(0, True), (1, False)])
def test_a_long_value_is_not_edited(more, editable):
    assert shown(b"x" * (MAX_EDITED_BYTES + more)).editable is editable


def test_a_dump_shows_sixteen_bytes_a_line_with_their_letters():
    dump = shown(b"\xff<b>" + bytes(13)).text.splitlines()
    assert dump[0] == "00000000  ff 3c 62 3e 00 00 00 00 00 00 00 00 00 00 00 00  .<b>............"
    assert dump[1].startswith("00000010  00")
