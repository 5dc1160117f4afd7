from __future__ import annotations

import pytest

from edgeday.web.url import best_match

NAMED = {
    "api.shop.example": "own",
    "api.shop.example:8443": "own port",
    "*.shop.example": "below",
    "*.b.shop.example": "further below",
    "*.shop.example:81": "below, port",
}


@pytest.mark.parametrize(
    ("host", "answers"),
    [
        ("api.shop.example", "own"),
        ("api.shop.example:8443", "own port"),
        ("api.shop.example:8444", "own"),
        ("other.shop.example", "below"),
        ("other.shop.example:81", "below, port"),
        ("other.shop.example:82", "below"),
        ("a.b.shop.example", "further below"),
        ("c.b.shop.example:81", "further below"),
        ("shop.example", None),
        ("notshop.example", None),
        ("localhost", None),
        ("[::1]:8080", None),
    ],
)
def test_a_host_is_answered_for_by_what_names_it_most_closely(host, answers):
    assert best_match(host, NAMED) == answers
    assert best_match(host, {**NAMED, "*": "all"}) == (answers or "all")


def test_a_port_of_every_host_goes_before_every_host():
    named = {"*": "all", "*:81": "port"}
    assert [best_match(host, named) for host in ("a.example:81", "a.example")] == ["port", "all"]


def test_an_address_of_version_six_has_its_port_after_the_bracket():
    assert best_match("[::1]:8080", {"[::1]": "here"}) == "here"
