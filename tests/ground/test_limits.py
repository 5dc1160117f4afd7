"""The numbers of Cloudflare's pages, written down a second time: the table of the code must agree."""

from __future__ import annotations

from dataclasses import fields
from datetime import date

import pytest

from edgeday.limits import LIMITS, AccountLimits, CutOff, Switches, account_limits, source_of

TODAY = date(2026, 11, 23)

BOTH = {
    "kv_key_bytes": 512,
    "kv_metadata_bytes": 1024,
    "kv_value_bytes": 25 * 1024 * 1024,
    "kv_min_ttl_s": 60,
    "kv_min_cache_ttl_s": 30,
    "kv_list_keys": 1000,
    "kv_bulk_get_keys": 100,
    "kv_bulk_get_bytes": 25 * 1024 * 1024,
    "kv_key_write_interval_ms": 1000,
    "kv_namespaces": 1000,
    "connections": 6,
    "connections_while_read": 0,
    "redirects": 20,
    "wait_until_s": 30,
    "cache_object_bytes": 512 * 1024 * 1024,
    "cache_name_bytes": 1023,
}
FREE = {
    "kv_reads_per_day": 100_000,
    "kv_writes_per_day": 1_000,
    "kv_deletes_per_day": 1_000,
    "kv_lists_per_day": 1_000,
    "kv_storage_bytes": 10**9,
    "external_subrequests": 50,
    "internal_subrequests": 1_000,
    "subrequests_shared": 0,
    "requests_per_day": 100_000,
    "cron_triggers": 5,
}
PAID = {
    "kv_reads_per_day": None,
    "kv_writes_per_day": None,
    "kv_deletes_per_day": None,
    "kv_lists_per_day": None,
    "kv_storage_bytes": None,
    "external_subrequests": 10_000,
    "internal_subrequests": 10_000,
    "subrequests_shared": 1,
    "requests_per_day": None,
    "cron_triggers": 250,
}


@pytest.mark.parametrize(("account", "own"), [("free", FREE), ("paid", PAID)])
def test_an_account_has_the_published_limits(account, own):
    limits = account_limits(account, TODAY)
    measured = {field.name: getattr(limits, field.name) for field in fields(AccountLimits)}
    assert measured == {"account": account, **BOTH, **own}


@pytest.mark.parametrize("row", LIMITS, ids=lambda row: f"{row.account}-{row.name}-{row.since}")
def test_every_number_has_a_unit_and_a_source_that_is_named(row):
    assert row.unit
    assert any(publisher in row.source for publisher in ("Cloudflare", "workerd", "miniflare"))


def test_every_row_is_a_limit_that_the_code_uses_and_no_row_stands_twice():
    assert {row.name for row in LIMITS} == {field.name for field in fields(AccountLimits)} - {"account"}
    keys = [(row.name, row.account, row.since) for row in LIMITS]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("on", "external", "internal", "shared"),
    [(date(2026, 2, 10), 1_000, 1_000, 0), (date(2026, 2, 11), 10_000, 10_000, 1)],
)
def test_paid_subrequests_changed_on_the_11th_of_february_2026(on, external, internal, shared):
    limits = account_limits("paid", on)
    assert (limits.external_subrequests, limits.internal_subrequests) == (external, internal)
    assert limits.subrequests_shared == shared


@pytest.mark.parametrize("on", [date(2026, 2, 10), date(2026, 2, 11)])
def test_free_subrequests_did_not_change_with_them(on):
    limits = account_limits("free", on)
    assert (limits.external_subrequests, limits.internal_subrequests) == (50, 1_000)


@pytest.mark.parametrize(("on", "least_s"), [(date(2026, 1, 29), 60), (date(2026, 1, 30), 30)])
@pytest.mark.parametrize("account", ["free", "paid"])
def test_the_least_cache_ttl_was_halved_on_the_30th_of_january_2026(account, on, least_s):
    assert account_limits(account, on).kv_min_cache_ttl_s == least_s


@pytest.mark.parametrize(("on", "most"), [(date(2022, 8, 31), 90), (date(2022, 9, 1), 250)])
def test_a_paid_account_has_had_more_cron_triggers_since_september_2022(on, most):
    assert account_limits("paid", on).cron_triggers == most
    assert account_limits("free", on).cron_triggers == 5


@pytest.mark.parametrize(("on", "while_read"), [(date(2026, 4, 8), 1), (date(2026, 4, 9), 0)])
@pytest.mark.parametrize("account", ["free", "paid"])
def test_connections_are_free_when_an_answer_begins_since_the_9th_of_april_2026(account, on, while_read):
    limits = account_limits(account, on)
    assert (limits.connections, limits.connections_while_read) == (6, while_read)


@pytest.mark.parametrize(("on", "known"), [(date(2018, 9, 27), False), (date(2018, 9, 28), True)])
def test_there_are_no_limits_before_workers_kv(on, known):
    if known:
        assert account_limits("free", on).kv_writes_per_day == 1_000
    else:
        with pytest.raises(ValueError, match="Workers KV did not exist yet"):
            account_limits("free", on)


def test_the_source_of_a_number_is_that_of_its_newest_row():
    assert "older copy" in source_of("external_subrequests", "paid", date(2026, 2, 10)).source
    row = source_of("external_subrequests", "paid", TODAY)
    assert (row.value, row.since) == (10_000, date(2026, 2, 11))
    assert "2026-02-11" in row.source


@pytest.mark.parametrize(
    ("soft", "percents"), [("0..37%", (0, 37)), ("2.5% .. 10%", (2.5, 10)), ("0..0%", (0, 0))]
)
def test_a_band_is_two_percentages(soft, percents):
    assert CutOff(soft).percents == percents


@pytest.mark.parametrize("soft", ["", "37%", "0..37", "37..0%", "-1..2%", "0..1000%", "0..37%x"])
def test_what_is_no_band_is_refused(soft):
    with pytest.raises(ValueError, match="is no band; write the least and the most percent"):
        CutOff(soft)


@pytest.mark.parametrize(
    ("soft", "units"), [(None, (0, 0)), ("0..37%", (0, 370)), ("0.01..0.02%", (1, 1)), ("1..1%", (10, 10))]
)
def test_a_band_is_whole_units_above_the_number(soft, units):
    assert CutOff(soft).units_above(1000) == units


@pytest.mark.parametrize("name", ["daily_kv", "key_write_rate", "subrequests", "value_sizes"])
def test_unless_told_otherwise_a_limit_of_the_platform_is_enforced(name):
    assert getattr(Switches(), name) == "enforce"
