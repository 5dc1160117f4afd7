"""RFC 6265, rule by rule."""

from __future__ import annotations

import pytest

from edgeday.clock import epoch_seconds
from edgeday.replay.cookies import CookieJar, cookie_set, parse_date

AT = epoch_seconds("2026-02-16T12:00:00Z")
SHOP = "https://shop.example/cart/items"


def sent(*set_cookies, to=SHOP, by=SHOP, after_s=0.0):
    """The Cookie header of a request after an answer that set some cookies."""
    jar = CookieJar()
    jar.take(list(set_cookies), by, AT)
    return jar.header(to, AT + after_s)


def test_a_cookie_comes_back_with_the_next_request():
    assert sent("id=7") == "id=7"


@pytest.mark.parametrize(
    ("header", "cookie"),
    [
        ("  id =  7  ; Path=/", "id=7"),
        ('id="7"', 'id="7"'),
        ("id=a=b", "id=a=b"),
        ("id=", "id="),
        ("id=7; unknown=1; HttpOnly; SameSite=Lax", "id=7"),
        ("id", ""),
        ("=7", ""),
        ("", ""),
    ],
)
def test_a_name_and_a_value_are_what_stands_before_the_attributes(header, cookie):
    assert sent(header) == cookie


# domain (5.1.3, 5.3)


@pytest.mark.parametrize(
    ("host", "comes"),
    [
        ("shop.example", True),
        ("SHOP.example", True),
        ("www.shop.example", False),
        ("example", False),
        ("other.example", False),
    ],
)
def test_without_a_domain_a_cookie_goes_to_its_own_host_alone(host, comes):
    assert bool(sent("id=7; Path=/", to=f"https://{host}/")) is comes


@pytest.mark.parametrize("domain", ["shop.example", ".shop.example", "SHOP.Example"])
@pytest.mark.parametrize(
    ("host", "comes"),
    [("shop.example", True), ("www.shop.example", True), ("myshop.example", False), ("example", False)],
)
def test_with_a_domain_it_goes_to_the_hosts_below_too(domain, host, comes):
    assert bool(sent(f"id=7; Path=/; Domain={domain}", to=f"https://{host}/")) is comes


@pytest.mark.parametrize(
    ("domain", "taken"),
    [("example", True), ("shop.example", True), ("www.shop.example", False), ("other", False)],
)
def test_a_domain_that_the_host_is_not_in_is_refused(domain, taken):
    assert bool(sent(f"id=7; Domain={domain}")) is taken


def test_nothing_lies_below_an_address():
    assert sent("id=7; Domain=0.0.1", by="https://127.0.0.1/", to="https://127.0.0.1/") == ""
    assert sent("id=7; Domain=127.0.0.1", by="https://127.0.0.1/", to="https://127.0.0.1/") == "id=7"


def test_an_empty_domain_is_none():
    assert sent("id=7; Domain=; Path=/", to="https://www.shop.example/") == ""


# path (5.1.4)


@pytest.mark.parametrize(
    ("path", "comes"),
    [
        ("/cart", True),
        ("/cart/", True),
        ("/cart/items/3", True),
        ("/cartoons", False),
        ("/", False),
        ("/car", False),
    ],
)
def test_a_cookie_goes_to_its_path_and_below(path, comes):
    assert bool(sent("id=7; Path=/cart", to=f"https://shop.example{path}")) is comes


def test_the_query_is_no_part_of_the_path():
    assert sent("id=7; Path=/cart", to="https://shop.example/cart?a=/b") == "id=7"
    assert sent("id=7; Path=/cart", to="https://shop.example/?a=/cart") == ""


@pytest.mark.parametrize(
    ("of", "path", "comes"),
    [
        ("https://shop.example/cart/items", "/cart/x", True),
        ("https://shop.example/cart/items", "/cart", True),
        ("https://shop.example/cart/items", "/other", False),
        ("https://shop.example/cart", "/other", True),
        ("https://shop.example", "/other", True),
    ],
)
def test_without_a_path_it_is_the_directory_of_the_request(of, path, comes):
    assert bool(sent("id=7", by=of, to=f"https://shop.example{path}")) is comes


def test_a_path_that_does_not_begin_with_a_slash_is_none():
    assert sent("id=7; Path=cart", to="https://shop.example/cart/x") == "id=7"
    assert sent("id=7; Path=cart", to="https://shop.example/x") == ""


# secure


@pytest.mark.parametrize(("scheme", "comes"), [("https", True), ("http", False)])
def test_a_secure_cookie_goes_over_https_alone(scheme, comes):
    assert bool(sent("id=7; Path=/; Secure", to=f"{scheme}://shop.example/")) is comes


def test_another_cookie_goes_over_http_too():
    assert sent("id=7; Path=/", to="http://shop.example/") == "id=7"


# how long


@pytest.mark.parametrize(("after_s", "comes"), [(59.999, True), (60, False)])
def test_a_cookie_is_gone_once_its_max_age_has_passed(after_s, comes):
    assert bool(sent("id=7; Max-Age=60", after_s=after_s)) is comes


@pytest.mark.parametrize(("after_s", "comes"), [(59, True), (60, False)])
def test_a_cookie_is_gone_from_the_instant_it_expires_at(after_s, comes):
    assert bool(sent("id=7; Expires=Mon, 16 Feb 2026 12:01:00 GMT", after_s=after_s)) is comes


@pytest.mark.parametrize(
    "attributes",
    [
        "Max-Age=60; Expires=Mon, 16 Feb 2026 13:00:00 GMT",
        "Expires=Mon, 16 Feb 2026 13:00:00 GMT; Max-Age=60",
        "Max-Age=60; Expires=Sun, 15 Feb 2026 12:00:00 GMT",
    ],
)
def test_max_age_stands_over_expires(attributes):
    assert sent(f"id=7; {attributes}", after_s=59) == "id=7"
    assert sent(f"id=7; {attributes}", after_s=60) == ""


@pytest.mark.parametrize("max_age", ["", "soon", "1h", "+60", "6.5"])
def test_a_max_age_that_is_no_number_is_none(max_age):
    assert sent(f"id=7; Max-Age={max_age}", after_s=1e9) == "id=7"


def test_the_last_of_several_attributes_of_a_name_counts():
    assert sent("id=7; Max-Age=10; Max-Age=60", after_s=59) == "id=7"
    assert sent("id=7; Path=/x; Path=/", to="https://shop.example/y") == "id=7"


@pytest.mark.parametrize(
    "deletion",
    [
        "Max-Age=0",
        "Max-Age=-1",
        "Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        "Expires=Mon, 16 Feb 2026 12:00:00 GMT",
    ],
)
def test_a_cookie_that_is_over_already_deletes_the_one_of_its_name(deletion):
    assert sent("id=7", f"id=; {deletion}") == ""


def test_a_deletion_for_another_path_or_domain_deletes_nothing():
    assert sent("id=7", "id=; Max-Age=0; Path=/") == "id=7"
    assert sent("id=7", "id=; Max-Age=0; Domain=shop.example; Path=/") == "id=7"


def test_a_date_that_is_none_leaves_a_cookie_of_the_session():
    assert sent("id=7; Expires=tomorrow", after_s=1e9) == "id=7"


@pytest.mark.parametrize(
    "text",
    [
        "Mon, 16 Feb 2026 12:00:00 GMT",
        "Monday, 16-Feb-26 12:00:00 GMT",
        "Mon Feb 16 12:00:00 2026",
        "2026 february 16 12:0:0",
        "16 12:00:00 2026 FEB",
    ],
)
def test_dates_are_read_however_they_are_written(text):
    assert parse_date(text) == AT


@pytest.mark.parametrize(
    ("text", "year"),
    [("01 Jan 70 00:00:00", 1970), ("01 Jan 69 00:00:00", 2069), ("01 Jan 99 00:00:00", 1999)],
)
def test_a_year_of_two_digits_is_near(text, year):
    assert parse_date(text) == epoch_seconds(f"{year}-01-01T00:00:00Z")


@pytest.mark.parametrize(
    "text",
    ["", "16 Feb 2026", "Feb 2026 12:00:00", "16 Feb 12:00:00", "30 Feb 2026 12:00:00",
     "16 Feb 2026 24:00:00", "16 Feb 1600 12:00:00", "16 2026 12:00:00"],
)  # fmt: skip
def test_what_lacks_a_part_or_is_no_date_is_none(text):
    assert parse_date(text) is None


# several


def test_a_cookie_of_the_same_name_domain_and_path_is_replaced():
    assert sent("id=7", "id=8") == "id=8"


def test_cookies_of_one_name_stand_beside_each_other_if_their_paths_differ():
    assert sent("id=7; Path=/", "id=8; Path=/cart") == "id=8; id=7"


def test_longer_paths_come_first_and_then_older_cookies():
    jar = CookieJar()
    jar.take(["b=1; Path=/"], SHOP, AT)
    jar.take(["a=2; Path=/"], SHOP, AT + 1)
    jar.take(["c=3; Path=/cart"], SHOP, AT + 2)
    assert jar.header(SHOP, AT + 3) == "c=3; b=1; a=2"
    jar.take(["b=4; Path=/"], SHOP, AT + 4)
    assert jar.header(SHOP, AT + 5) == "c=3; b=4; a=2"


def test_a_visitor_without_cookies_sends_none():
    assert CookieJar().header(SHOP, AT) == ""


def test_what_an_answer_sets_can_be_asked_for_wherever_it_would_go():
    headers = ["a=1", "id=7; Path=/elsewhere", "id=8; Domain=other.example", "b=2"]
    assert cookie_set(headers, "id") == "8"
    assert cookie_set(headers, "nix") is None
