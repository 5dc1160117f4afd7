"""Whether a response is stored and for how long it is fresh: the pure rules and their reasons."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeday.cache.freshness import DEFAULT_LIFETIME_S, STORABLE_STATUSES, decide, directives
from edgeday.cache.stored import imf_fixdate
from edgeday.web import Headers

NOW_S = 1_772_366_400


def decision(status=200, *, authorized=False, **headers):
    fields = Headers({name.replace("_", "-"): value for name, value in headers.items()})
    return decide(status, fields, NOW_S, authorized=authorized)


def lifetime(status=200, **headers):
    return decision(status, **headers).lifetime_s


@pytest.mark.parametrize(
    ("cache_control", "seconds"),
    [
        ("max-age=60", 60),
        ("max-age=1, s-maxage=10", 10),
        ("s-maxage=0, max-age=500", 0),
        ('max-age="20"', 20),
        ("max-age=2147483647", 2**31 - 1),
        ("max-age=2147483649", 2**31),
        ("max-age=" + "9" * 5_000, 2**31),
        ("max-age=10, max-age=20", 20),
        ("max-age = 30 , must-revalidate", 30),
        ("max-age=60s", 60),
        ("max-age=1.9", 1),
        ("max-age=-5", 0),
        ("max-age=soon", 0),
        ("max-age", 0),
        ("public", 0),
        ("no-cache, max-age=60", 0),
        ('no-cache="Set-Cookie", max-age=60', 0),
        ("proxy-revalidate, max-age=60", 0),
    ],
)
def test_cache_control_gives_the_lifetime(cache_control, seconds):
    assert lifetime(cache_control=cache_control) == seconds


def test_max_age_beats_expires_and_expires_beats_the_default():
    expires = imf_fixdate(NOW_S + 500)
    assert lifetime(cache_control="max-age=60", expires=expires) == 60
    assert lifetime(expires=expires) == 500
    assert lifetime() == DEFAULT_LIFETIME_S[200]


def test_an_empty_max_age_leaves_the_word_to_expires():
    assert lifetime(cache_control="max-age=", expires=imf_fixdate(NOW_S + 500)) == 500


@pytest.mark.parametrize(("ahead_s", "seconds"), [(-1, 0), (0, 0), (1, 1)])
def test_expires_counts_from_now(ahead_s, seconds):
    assert lifetime(expires=imf_fixdate(NOW_S + ahead_s)) == seconds


def test_expires_counts_from_the_date_of_the_response():
    assert lifetime(date=imf_fixdate(NOW_S - 100), expires=imf_fixdate(NOW_S + 20)) == 120


@pytest.mark.parametrize("text", ["never", "99999999", "Tue, 32 Mar 2026 12:00:00 GMT"])
def test_an_expires_that_is_no_date_has_passed(text):
    assert decision(expires=text) == (0, "stored, never fresh: Expires is no date")


@pytest.mark.parametrize("text", ["0", "-1", "Thu, 01 Jan 1970 00:00:00 GMT"])
def test_the_usual_ways_to_say_that_something_has_expired_leave_no_lifetime(text):
    assert decision(expires=text) == (0, "stored for 0 s: Expires")


@pytest.mark.parametrize("cache_control", ["no-cache", "proxy-revalidate", "must-revalidate"])
def test_a_redirect_without_a_lifetime_leaves_what_was_stored_before(cache_control):
    assert lifetime(302, cache_control=cache_control) is None
    assert lifetime(302, cache_control=f"{cache_control}, public") == 0
    assert lifetime(200, cache_control=cache_control) == 0


@pytest.mark.parametrize(
    ("status", "seconds"), [(200, 7200), (301, 7200), (302, 1200), (303, 1200), (404, 180), (410, 180)]
)
def test_without_headers_the_status_gives_the_lifetime(status, seconds):
    assert lifetime(status) == seconds


@pytest.mark.parametrize("status", sorted(STORABLE_STATUSES - DEFAULT_LIFETIME_S.keys()))
def test_a_status_without_default_is_not_stored_without_headers(status):
    assert lifetime(status) is None
    assert lifetime(status, cache_control="max-age=60") == 60


@pytest.mark.parametrize("status", [201, 204, 205, 400, 403, 429, 500, 503])
def test_other_statuses_are_not_stored_at_all(status):
    assert decision(status, cache_control="max-age=60") == (None, f"not stored: status {status}")


@pytest.mark.parametrize("directive", ["no-store", "private"])
def test_a_refusal_names_its_directive(directive):
    expected = (None, f"not stored: Cache-Control: {directive}")
    assert decision(cache_control=f"max-age=60, {directive}") == expected
    assert decision(cache_control=directive.upper()) == expected


def test_private_with_field_names_counts_as_without():
    for fields in ('private="X-Name"', "private=X-Name"):
        assert decision(cache_control=f"{fields}, max-age=60") == (None, "not stored: Cache-Control: private")


def test_a_cookie_is_not_stored_unless_private_set_cookie_permits():
    assert decision(cache_control="max-age=60", set_cookie="a=b") == (None, "not stored: Set-Cookie")
    for permit in (
        "private=Set-Cookie, max-age=60",
        "max-age=60, private=Set-Cookie",
        "private=Set-Cookie; max-age=60",
        "Private=Set-Cookie, Max-Age=60",
    ):
        assert lifetime(cache_control=permit, set_cookie="a=b") == 60


@pytest.mark.parametrize("admits", ["public", "s-maxage=60", "must-revalidate"])
def test_authorization_needs_a_directive_that_admits_it(admits):
    refused = decision(cache_control="max-age=60", authorized=True)
    assert refused == (None, "not stored: the request has Authorization")
    assert decision(cache_control=f"max-age=60, {admits}", authorized=True).lifetime_s == 60


def test_pragma_no_cache_counts_only_without_cache_control():
    assert decision(pragma="no-cache") == (0, "stored, never fresh: Pragma: no-cache")
    assert lifetime(pragma="no-cache", cache_control="max-age=60") == 60


@pytest.mark.parametrize(("age", "left_s"), [("0", 60), ("59", 1), ("60", 0), ("90", 0), ("x", 60)])
def test_an_age_header_shortens_what_is_left(age, left_s):
    assert lifetime(cache_control="max-age=60", age=age) == left_s


def test_a_redirect_with_cache_control_but_no_lifetime_is_not_stored():
    assert lifetime(302, cache_control="must-revalidate") is None
    assert lifetime(302, cache_control="public") == 0
    assert lifetime(200, cache_control="must-revalidate") == 0


def test_last_modified_gives_no_lifetime():
    old = imf_fixdate(NOW_S - 100_000)
    assert lifetime(last_modified=old) == DEFAULT_LIFETIME_S[200]
    assert lifetime(last_modified=old, cache_control="public") == 0


def test_stale_directives_add_nothing_to_the_lifetime():
    assert lifetime(cache_control="max-age=60, stale-while-revalidate=30, stale-if-error=90") == 60


def test_directives_are_compared_without_case():
    assert lifetime(cache_control="Max-Age=60") == 60
    assert lifetime(cache_control="No-Store") is None


def test_reasons_say_where_the_lifetime_comes_from():
    assert decision(cache_control="s-maxage=10").reason == "stored for 10 s: s-maxage"
    assert decision(404).reason == "stored for 180 s: the default for status 404"
    assert decision(expires=imf_fixdate(NOW_S + 5)).reason == "stored for 5 s: Expires"
    assert decision(cache_control="max-age=60", age="9").reason == "stored for 60 s: max-age, less Age: 9"


@given(st.integers(0, 10**9), st.sampled_from(["max-age", "s-maxage"]), st.booleans())
def test_any_number_of_seconds_is_taken_as_it_is(seconds, name, quoted):
    value = f'"{seconds}"' if quoted else str(seconds)
    assert directives(f"public, {name}={value}").lifetime == (name, seconds)


@given(st.text(max_size=80))
def test_no_cache_control_makes_the_rules_stumble(cache_control):
    verdict = decide(200, {"cache-control": cache_control}, NOW_S)
    assert verdict.lifetime_s is None or verdict.lifetime_s >= 0
    assert verdict.reason
