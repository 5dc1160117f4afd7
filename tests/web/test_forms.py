"""Blobs, files and forms, as values and as bodies."""

from __future__ import annotations

from email import message_from_bytes
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeday.errors import PlatformTypeError
from edgeday.web import Blob, File, FormData, Request, Response
from edgeday.web.multipart import decode, encode

URL = "https://example.com/"
names = st.text(st.characters(codec="utf-8", exclude_categories=("Cc",)), min_size=1, max_size=8).filter(
    lambda name: '"' not in name
)
texts = st.text(st.characters(codec="utf-8"), max_size=20)
files = st.builds(File, st.binary(max_size=40), names, st.sampled_from(["image/png", "text/plain"]))
FIELDS = st.lists(st.tuples(names, texts | files), max_size=5)


def plain(fields):
    return [
        (name, (value.name, value.content_type, value._data) if isinstance(value, File) else value)
        for name, value in fields
    ]


@given(FIELDS)
async def test_a_form_survives_the_way_through_a_body(fields):
    form = FormData()
    for name, value in fields:
        form.append(name, value)
    request = Request(URL, method="POST", body=form)
    assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert plain((await request.form_data()).fields()) == plain(fields)


@given(
    st.lists(st.tuples(st.text("ab", min_size=1), texts.filter(lambda text: "\r" not in text)), min_size=1)
)
def test_other_readers_of_multipart_agree(fields):
    body, content_type = encode(fields)
    message = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    parts = message.get_payload()
    assert [part.get_param("name", header="content-disposition") for part in parts] == [
        name for name, _ in fields
    ]
    assert [part.get_payload(decode=True).decode() for part in parts] == [value for _, value in fields]


@given(st.lists(st.tuples(texts, texts), max_size=5))
async def test_a_url_encoded_form_is_read(fields):
    headers = {"Content-Type": "application/x-www-form-urlencoded;charset=UTF-8"}
    response = Response(urlencode(fields), headers=headers)
    assert (await response.formData()).fields() == fields


@given(FIELDS)
def test_a_form_is_a_mapping_of_first_values_that_keeps_all(fields):
    form = FormData(fields)
    first = {}
    for name, value in plain(fields):
        first.setdefault(name, value)
    assert list(form) == list(first)
    assert len(form) == len(first)
    assert dict(plain(form.items())) == first
    for name in first:
        assert name in form
        assert plain((name, value) for value in form.get_all(name)) == [
            field for field in plain(fields) if field[0] == name
        ]


def test_a_field_that_is_set_replaces_all_of_its_name():
    form = FormData({"a": "1", "n": 5})
    form.append("a", "2")
    form["a"] = "3"
    assert (form.get_all("a"), form["n"], form["missing"], form.get("missing", 7)) == (["3"], "5", None, 7)
    del form["a"]
    assert "a" not in form


async def test_a_blob_has_a_size_a_type_and_parts():
    blob = Blob(["é", b"bc", Blob("d")], "text/plain")
    assert (blob.size, blob.content_type, await blob.text()) == (5, "text/plain", "ébcd")
    assert await blob.slice(2, -1).bytes() == b"bc"
    assert Blob(blob).content_type == "text/plain"
    assert await Blob("abc").bytes() == b"abc"


async def test_a_blob_is_a_body_with_its_type():
    response = Response(Blob(b"{}", "application/json"))
    assert response.headers["content-type"] == "application/json"
    blob = await response.blob()
    assert (blob.content_type, await blob.bytes()) == ("application/json", b"{}")
    assert "content-type" not in Response(Blob(b"x")).headers
    assert Response(Blob("x", "a/b"), headers={"Content-Type": "c/d"}).headers["content-type"] == "c/d"


async def test_a_blob_in_a_form_becomes_a_file():
    form = FormData()
    form.append("a", Blob("x", "a/b"))
    form.append("b", Blob("y"), "y.txt")
    form.append("c", File("z", "z.txt"), "other.txt")
    assert [(value.name, await value.text()) for _, value in form.fields()] == [
        ("a", "x"),
        ("y.txt", "y"),
        ("other.txt", "z"),
    ]


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        (b"{}", "application/json", "Unrecognized Content-Type header value"),
        (b"x", "multipart/form-data", "No boundary string in Content-Type header."),
        (b"", "multipart/form-data; boundary=a", "No initial boundary string"),
        (b"--a\r\n\r\nx", "multipart/form-data; boundary=a", "No subsequent boundary string"),
        (b"--a\r\nx\r\n--a--", "multipart/form-data; boundary=a", "FormData part had invalid headers."),
        (b"--a\r\na: b\rc\r\n\r\nx\r\n--a--", "multipart/form-data; boundary=a", "had invalid headers."),
        (b"--a\r\n\r\nx\r\n--a--", "multipart/form-data; boundary=a", "No valid Content-Disposition header"),
        (
            b"--a\r\nContent-Disposition: attachment\r\n\r\nx\r\n--a--",
            "multipart/form-data; boundary=a",
            'must have the value "form-data", possibly followed by parameters. Got: "attachment"',
        ),
        (
            b"--a\r\nContent-Disposition: form-data\r\n\r\nx\r\n--a--",
            "multipart/form-data; boundary=a",
            "is missing a name",
        ),
    ],
)
def test_what_is_no_form_is_refused(body, content_type, text):
    with pytest.raises(PlatformTypeError, match=text):
        decode(body, content_type)


def test_a_preamble_and_quoted_boundaries_are_read():
    body = b'preamble\r\n--a b\r\ncontent-disposition: form-data; name="x\\"y"\r\n\r\n1\r\n--a b--\r\nrest'
    assert decode(body, 'Multipart/Form-Data; charset=utf-8; boundary="a b"') == [('x"y', "1")]


def test_lines_may_end_without_a_carriage_return():
    body = b'--a\ncontent-disposition: form-data; name="x"\n\n1\n--a--'
    assert decode(body, "multipart/form-data; boundary=a") == [("x", "1")]


def test_quotes_and_line_feeds_of_names_are_escaped():
    body, _ = encode([('a"\n\\', "1")])
    assert b'name="a%22%0A\\\\"' in body


def test_the_same_form_is_the_same_bytes():
    fields = [("a", "1")]
    assert encode(fields) == encode(fields)
    assert encode(fields) != encode([("a", "2")])
