"""Probes of the admin panel, by the names that the profile brings."""

from __future__ import annotations

import pytest

from tests.scenario_days import SHOP, replayed


@pytest.mark.parametrize(("at", "ok"), [("+23h59m", True), ("2026-02-16T23:59:00Z", True), ("+2d", False)])
def test_logs_are_read_through_the_admin_route_at_their_instant(at, ok):
    probe = f"{{at: {at}, get_ai_logs: {{expect: {{cache: '> 0'}}}}}}"
    result = replayed(f"traffic: [{{plans: 3}}]\nprobes: [{probe}]")
    assert result.probes[0].ok is ok
    assert result.probes[0].request == "GET /api/admin/get-ai-logs"


ERRORS = """
worker: {variant: %s, vars: {ADMIN_TOKEN: secret}}
traffic: [{plans: 8, errors: {plans: 3}}]
probes:
  - {at: +3d, get_ai_logs: {hasError: true, limit: 100, expect: {kv: %s, cache: 0}}}
"""


@pytest.mark.parametrize(("variant", "kv"), [("hybrid", '"> 0"'), ("hybrid_designed", "3")])
def test_error_logs_are_found_after_three_days_where_a_variant_shows_them(variant, kv):
    result = replayed(ERRORS % (variant, kv))
    assert result.metrics.values["kv.writes.accepted"] == 3
    assert result.probes[0].ok is (variant == "hybrid_designed")


def test_an_answer_that_is_not_json_has_no_logs_to_count():
    result = replayed(
        SHOP.replace('Shop"', 'Shop", profile: diet')
        + "probes: [{at: +1h, request: {path: /nowhere}, expect: {cache: 0, kv: 0}}]"
    )
    assert [check.absent for check in result.probes[0].checks] == [True, True]
