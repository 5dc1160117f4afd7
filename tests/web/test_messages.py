"""Headers, bodies, requests, responses and URLs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeday.errors import PlatformRangeError, PlatformSyntaxError, PlatformTypeError
from edgeday.web import Headers, ReadableStream, Request, Response
from edgeday.web.messages import tee
from edgeday.web.status import reason_phrase
from edgeday.web.url import URLError, normalize

URL = "https://example.com/"
tokens = st.text("abcdefgABCDEFG-", min_size=1, max_size=4)


@given(st.lists(st.tuples(tokens, st.text("xyz", max_size=3)), max_size=12))
def test_headers_combine_values_under_names_without_case(fields):
    headers = Headers(fields)
    expected: dict[str, list[str]] = {}
    for name, value in fields:
        expected.setdefault(name.lower(), []).append(value)
    assert dict(headers) == {name: ", ".join(values) for name, values in expected.items()}
    assert list(headers) == sorted(expected)
    assert {name: headers.get_all(name.upper()) for name in expected} == expected
    assert dict(headers.combined()) == dict(headers)
    assert Headers(headers.fields()) == headers


def test_setting_a_header_replaces_all_its_values():
    headers = Headers([("A", "1"), ("a", "2")])
    headers["A"] = " 3 "
    assert headers.get_all("a") == ["3"]
    del headers["a"]
    assert "A" not in headers
    assert headers.get("a") is None


def test_a_copy_of_headers_is_apart_from_the_original():
    original = Headers({"a": "1"})
    copy = Headers(original)
    copy["a"] = "2"
    original.append("a", "3")
    assert (original["a"], copy["a"]) == ("1, 3", "2")


def test_frozen_headers_refuse_every_change():
    headers = Headers({"a": "1"}).freeze()
    for change in (lambda: headers.append("b", "2"), lambda: headers.pop("a"), lambda: headers.update(a="2")):
        with pytest.raises(PlatformTypeError, match=r"Can't modify immutable headers\."):
            change()


async def test_a_body_is_read_once():
    response = Response("text")
    assert not response.bodyUsed
    assert await response.text() == "text"
    assert response.bodyUsed
    with pytest.raises(PlatformTypeError, match="Body has already been used"):
        await response.json()


async def test_a_missing_body_can_be_read_again_and_again():
    response = Response(None, status=204)
    assert (await response.bytes(), await response.text(), response.body) == (b"", "", None)


async def test_a_clone_has_a_body_of_its_own_even_of_a_stream():
    response = Response(ReadableStream([b"in ", b"pieces"]), headers={"x": "1"})
    copy = response.clone()
    assert await copy.text() == "in pieces"
    assert await response.text() == "in pieces"
    assert copy.headers["x"] == "1"
    with pytest.raises(PlatformTypeError):
        copy.clone()


@given(st.lists(st.binary(max_size=5), max_size=6))
async def test_a_stream_gives_its_chunks_and_then_is_locked(chunks):
    stream = ReadableStream(iter(chunks))
    assert [chunk async for chunk in stream] == chunks
    with pytest.raises(PlatformTypeError, match="locked"):
        await stream.read_all()


@given(st.lists(st.binary(max_size=5), max_size=6), st.integers(0, 20))
async def test_a_limited_read_counts_everything_and_keeps_nothing_past_the_limit(chunks, limit):
    whole = b"".join(chunks)
    data, size = await ReadableStream(iter(chunks)).read_limited(limit)
    assert size == len(whole)
    assert data == (whole if size <= limit else b"")


async def test_a_tee_gives_all_of_a_stream_twice():
    one, two = tee(ReadableStream([b"a", b"b"]))
    assert (await two.read_all(), await one.read_all()) == (b"ab", b"ab")


async def test_large_bytes_stream_out_in_pieces():
    sizes = [len(chunk) async for chunk in ReadableStream(b"x" * 200_000)]
    assert sum(sizes) == 200_000
    assert max(sizes) == 64 * 1024


async def test_json_bodies_are_written_and_parsed():
    response = Response.from_json({"a": [1.0, "é"]})
    assert response.headers["content-type"] == "application/json"
    assert await response.clone().text() == '{"a":[1,"é"]}'
    assert await response.json() == {"a": [1, "é"]}
    with pytest.raises(PlatformSyntaxError):
        await Response("no json").json()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [("text", "text/plain;charset=UTF-8"), (b"bytes", None), (ReadableStream([b""]), None), (None, None)],
)
def test_only_text_gets_a_content_type(body, content_type):
    assert Response(body).headers.get("content-type") == content_type


@pytest.mark.parametrize(("status", "valid"), [(199, False), (200, True), (599, True), (600, False)])
def test_a_status_lies_between_200_and_599(status, valid):
    if valid:
        assert Response(status=status).status == status
    else:
        with pytest.raises(PlatformRangeError, match="in the range 200 to 599, inclusive"):
            Response(status=status)


@pytest.mark.parametrize("status", [204, 205, 304])
def test_some_statuses_have_no_body(status):
    with pytest.raises(PlatformTypeError, match="cannot have a body"):
        Response("x", status=status)


@pytest.mark.parametrize(("status", "ok"), [(200, True), (299, True), (300, False)])
def test_ok_says_whether_the_status_is_below_300(status, ok):
    assert Response(status=status).ok is ok


@pytest.mark.parametrize(
    ("status", "phrase"),
    [(200, "OK"), (414, "URI Too Long"), (419, "Client Error"), (599, "Server Error")],
)
def test_the_status_text_is_the_usual_phrase(status, phrase):
    assert Response(status=status).statusText == reason_phrase(status) == phrase
    assert Response(status=status, status_text="Fine").status_text == "Fine"


def test_headers_of_a_received_response_are_made_when_looked_at():
    made = []

    def fields():
        made.append(True)
        return (("a", "1"),)

    response = Response.received(200, "OK", fields, b"")
    assert made == []
    assert response.headers["a"] == response.headers["A"] == "1"
    assert made == [True]


def test_a_request_takes_over_what_is_not_given_anew():
    first = Request(URL, method="post", headers={"a": "1"}, body="x", cf={"k": 1})
    second = Request(first, headers={"b": "2"})
    assert (second.url, second.method, dict(second.headers)["b"], second.cf) == (URL, "POST", "2", {"k": 1})
    assert first.bodyUsed


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Request("/p"), "Invalid URL: /p"),
        (lambda: Request(URL, body="x"), "Request with a GET or HEAD method cannot have a body."),
        (lambda: Request(URL, method="FETCH"), "Invalid HTTP method string: FETCH"),
    ],
)
def test_a_request_that_cannot_be_is_refused(make, message):
    with pytest.raises(PlatformTypeError) as raised:
        make()
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("https://example.com/plain:path?", "https://example.com/plain:path?"),
        ("https://example.com", "https://example.com/"),
        ("HTTPS://Example.COM:443/A", "https://example.com/A"),
        ("http://example.com:80/", "http://example.com/"),
        ("http://example.com:8080/", "http://example.com:8080/"),
        ("https://example.com/x/../y/./%2e%2e/z", "https://example.com/z"),
        ("https://example.com/a b/ž?q=é", "https://example.com/a%20b/%C5%BE?q=%C3%A9"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("http://127.1/", "http://127.0.0.1/"),
        (" https://example.com/ws \n", "https://example.com/ws"),
        ("https://example.com\\back", "https://example.com/back"),
    ],
)
def test_urls_are_normalised_by_the_url_standard(url, normal):
    assert normalize(url) == normal
    assert normalize(normal) == normal


def test_half_a_surrogate_pair_in_a_url_is_escaped_as_three_bytes():
    assert normalize("http://x/\ud800?é=\udc00#\ud83d\ude00") == (
        "http://x/%ED%A0%80?%C3%A9=%ED%B0%80#%F0%9F%98%80"
    )


@pytest.mark.parametrize("text", ["", "not a url", "/p", "http://", "https://exa mple.com/"])
def test_what_is_no_url_is_refused(text):
    with pytest.raises(URLError):
        normalize(text)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Response(headers={"a b": "x"}, status=99), "Invalid header name."),
        (lambda: Request(URL, method="GET", body="x", headers={"a:b": "x"}), "Invalid header name."),
        (lambda: Headers({"a": "b\nc"}), "Invalid header value."),
        (lambda: Headers().__setitem__("a", "b\0c"), "Invalid header value."),
        (lambda: Response(status_text="a\tb"), "Invalid statusText"),
        (lambda: Response(encodeBody="none"), "encodeBody: unexpected value: none"),
        (
            lambda: Response("x", status=204),
            "Response with null body status (101, 204, 205, or 304) cannot have a body.",
        ),
        (lambda: Request(URL, method="po\u017ft"), "Invalid HTTP method string: po\u017ft"),
        (
            lambda: Request(URL, cf="x"),
            (
                "Incorrect type for the 'cf' field on 'RequestInitializerDict': "
                "the provided value is not of type 'Object'."
            ),
        ),
    ],
)
def test_what_no_message_can_have_is_refused_in_the_runtimes_words_and_order(make, message):
    with pytest.raises(PlatformTypeError) as raised:
        make()
    assert str(raised.value) == message


async def test_values_of_other_types_become_text_as_in_javascript():
    headers = Headers({"number": 1.0, "flag": True})
    assert (headers["number"], headers["flag"]) == ("1", "true")
    assert await Response({"a": 1}).text() == "[object Object]"
    assert (Response(status="404").status, Response(status=404.9).status) == (404, 404)
    assert Response("", status=204).body is None
