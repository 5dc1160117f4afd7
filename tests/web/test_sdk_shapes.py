"""Messages as users of Cloudflare's Python SDK write them."""

from __future__ import annotations

from http import HTTPMethod, HTTPStatus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeday.clock import VirtualClock
from edgeday.errors import PlatformRangeError, PlatformTypeError
from edgeday.runtime.edge import Edge
from edgeday.web import Headers, Request, Response, fetch
from edgeday.web.json_text import stringify
from tests.conftest import START

URL = "https://example.com/"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.text("aé\n", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3),
)


async def test_a_response_takes_its_arguments_by_position():
    response = Response("x", 404, "Gone fishing", {"a": "1"})
    assert (response.status, response.status_text, response.headers["a"]) == (404, "Gone fishing", "1")
    assert await response.text() == "x"
    assert Response("x", 404).statusText == "Not Found"
    assert Response().status == Response("x").status == 200


@pytest.mark.parametrize("status", [HTTPStatus.CREATED, 201])
def test_a_status_may_be_an_http_status(status):
    assert Response("x", status=status).status == 201
    assert type(Response("x", status).status) is int
    assert Response.json({}, status).status == Response.from_json({}, status=status).status == 201


@given(JSON, st.sampled_from([200, 201, 404]))
async def test_json_is_made_of_the_class_and_read_from_a_response(data, status):
    response = Response.json(data, status=status)
    assert type(response) is Response
    assert (response.status, response.headers["content-type"]) == (status, "application/json")
    assert await response.clone().text() == stringify(data)
    assert await response.json() == data


async def test_json_of_a_subclass_makes_that_class_and_keeps_a_type_that_is_given():
    class Own(Response):
        __slots__ = ()

    response = Own.json([1], headers={"content-type": "application/ld+json"})
    assert (type(response), response.headers["content-type"]) == (Own, "application/ld+json")
    assert await response.json() == [1]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_names_the_normal_url(status):
    response = Response.redirect("https://example.com/a b", status)
    assert (response.status, response.headers["location"]) == (status, "https://example.com/a%20b")
    with pytest.raises(PlatformTypeError, match="immutable"):
        response.headers["a"] = "1"


def test_a_redirect_is_found_unless_it_says_so():
    assert (Response.redirect(URL).status, Response.redirect(URL, HTTPStatus.SEE_OTHER).status) == (302, 303)


@pytest.mark.parametrize("status", [200, 300, 304, 309])
def test_a_redirect_of_another_status_is_refused(status):
    with pytest.raises(PlatformRangeError) as raised:
        Response.redirect(URL, status)
    assert str(raised.value) == (
        f"{status} is not a redirect status code. It must be one of: 301, 302, 303, 307, or 308."
    )


def test_a_redirect_to_a_path_is_refused():
    with pytest.raises(PlatformTypeError, match="Unable to parse URL: /login"):
        Response.redirect("/login")


def test_a_switch_of_protocols_needs_a_socket_and_a_socket_needs_it():
    socket = object()
    response = Response(None, 101, web_socket=socket)
    assert (response.status, response.status_text, response.web_socket) == (
        101,
        "Switching Protocols",
        socket,
    )
    for make, text in (
        (lambda: Response(None, 101), "in the range 200 to 599, inclusive."),
        (lambda: Response(None, web_socket=socket), "Responses with a WebSocket must have status code 101."),
        (lambda: Response(None, 200, web_socket=socket), "must have status code 101."),
    ):
        with pytest.raises(PlatformRangeError, match=text):
            make()
    with pytest.raises(PlatformTypeError, match="Cannot clone a response to a WebSocket handshake"):
        response.clone()


async def test_another_body_leaves_the_rest_of_a_response():
    response = Response("x", 404, headers={"content-type": "text/html", "a": "1"}).replace_body("y")
    assert (response.status, response.headers["content-type"], response.headers["a"]) == (
        404,
        "text/html",
        "1",
    )
    assert await response.text() == "y"


async def test_a_body_has_the_names_that_the_sdk_gives_it():
    response = Response("é")
    assert not response.body_used
    assert await response.clone().buffer() == await response.clone().bytes() == "é".encode()
    assert await response.text() == "é"
    assert response.body_used


@pytest.mark.parametrize("method", [method for method in HTTPMethod if method is not HTTPMethod.CONNECT])
def test_a_method_is_equal_to_the_http_method(method):
    for request in (Request(URL, method=method), Request(URL, method=method.value.lower())):
        assert request.method == method
        match request.method:
            case HTTPMethod.GET:
                assert method is HTTPMethod.GET
            case _:
                assert method is not HTTPMethod.GET


def test_a_header_that_is_missing_is_none():
    headers = Request(URL, headers=[("A", "1"), ("a", "2")]).headers
    assert (headers["a"], headers.get("A"), headers.get_all("a")) == ("1, 2", "1, 2", ["1", "2"])
    assert (headers["b"], headers.get("b"), headers.get("b", "c")) == (None, None, "c")
    assert (headers.get_all("b"), headers.get_all("b", None), headers.get_all("b", "c")) == ([], [], "c")
    del headers["b"]
    assert "b" not in headers


def test_headers_are_taken_and_given_defaults_like_a_dicts():
    headers = Headers({"a": "1"})
    assert (headers.setdefault("A", "2"), headers.setdefault("b", "3")) == ("1", "3")
    assert (headers.pop("a"), headers.pop("a", None), headers.pop("a", "x")) == ("1", None, "x")
    with pytest.raises(KeyError):
        headers.pop("a")
    assert dict(headers) == {"b": "3"}


def test_the_cf_of_a_request_has_attributes():
    request = Request(URL, cf={"colo": "SOF", "botManagement": {"score": 99}})
    assert (request.cf.colo, request.cf["colo"], request.cf.botManagement.score) == ("SOF", "SOF", 99)
    assert Request(URL).cf is None


async def moved(_request, _invocation):
    return (
        Response.redirect("https://origin.example/b#part") if _request.url.endswith("/a") else Response("b")
    )


@pytest.fixture
def account():
    return Edge(clock=VirtualClock(START), namespaces={}, outbound={"origin.example": moved})


@pytest.mark.parametrize("redirect", ["follow", None, "FOLLOW"])
async def test_a_fetch_follows_redirects_and_says_so(account, redirect):
    async with account.invocation():
        response = await fetch("https://origin.example/a", redirect=redirect)
        assert (await response.text(), response.redirected, response.url) == (
            "b",
            True,
            "https://origin.example/b",
        )
        assert not (await fetch("https://origin.example/b")).redirected


async def test_a_manual_fetch_gives_the_redirect_itself(account):
    async with account.invocation() as invocation:
        for response in (
            await fetch("https://origin.example/a", redirect="manual"),
            await fetch(Request("https://origin.example/a", redirect="manual")),
            await fetch(Request(Request("https://origin.example/a", redirect="manual"), headers={"a": "1"})),
            await fetch(Request("https://origin.example/a", redirect="manual").clone()),
        ):
            assert (response.status, response.redirected) == (302, False)
            assert response.headers["location"] == "https://origin.example/b#part"
        assert invocation.external == 4
        assert (await fetch(Request("https://origin.example/a", redirect="manual"), redirect="follow")).ok


def test_a_request_is_not_redirected_into_an_error():
    assert Request(URL).redirect == "follow"
    with pytest.raises(PlatformTypeError, match='must be one of "follow" or "manual"'):
        Request(URL, redirect="error")
