from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeday.events import Operation
from edgeday.ledger import Op
from edgeday.replay.background import operations
from edgeday.scenario.traffic import Background
from tests.replay.test_traffic import Listener
from tests.scenario_days import SHOP, SHOP_HEAD, replayed

START = 1_771_200_000.0  # 2026-02-16T00:00:00Z


def test_background_code_is_charged_to_the_quotas_of_the_account():
    result = replayed(
        """
        days: 2
        background: [{reads: 10, writes: 5, deletes: 2, lists: 1}]
        budgets:
          kv.reads.accepted: == 480
          kv.writes.accepted: == 240
          kv.deletes.accepted: == 96
          kv.lists.accepted: == 48
          "kv.writes.accepted{family=background:*}": == 240
          requests.started: == 0
        """,
        SHOP_HEAD,
    )
    assert [row.verdict for row in result.budgets] == ["within"] * 6


def test_what_background_code_spends_is_missing_elsewhere():
    text = "traffic: [{requests: 40, method: POST, path: /put/a, body: x}]\n"
    assert replayed(SHOP + text).metrics.values["kv.refused"] == 0
    result = replayed(SHOP + text + "background: [{writes: 42}]\n")  # 1,008 a day
    assert result.metrics.values["kv.writes.refused"] == 1008 + 40 - 1000
    assert result.metrics.values["requests.failed"] > 0


def test_background_code_has_a_namespace_of_its_own():
    listener = Listener(Operation)
    replayed(SHOP + "background: [{name: shop, writes: 2}, {name: blog, reads: 2}]", observers=[listener])
    assert {(event.binding, event.op, event.invocation) for event in listener.events} == {
        ("shop", "put", 0),
        ("blog", "get", 0),
    }
    assert all(event.outcome == "miss" for event in listener.events if event.op == "get")


def test_rates_can_differ_by_hour_of_the_clock():
    writes = [0] * 24
    writes[7] = 6
    schedule = list(operations(Background(writes=tuple(writes)), START + 6 * 3600, 24))
    assert [one.at - START - 7 * 3600 for one in schedule] == [300, 900, 1500, 2100, 2700, 3300]


@pytest.mark.parametrize(("starts", "hour"), [("11:30", 3), ("23:30", 23), ("23:00", 23)])
def test_hours_of_background_code_are_hours_of_the_clock_whatever_the_start(starts, hour):
    start = START + int(starts[:2]) * 3600 + int(starts[3:]) * 60
    writes = tuple(1000 if one == hour else 0 for one in range(24))
    schedule = list(operations(Background(writes=writes), start, 24))
    assert len(schedule) == 1000
    assert {int(one.at // 3600) % 24 for one in schedule} == {hour}
    assert len({int(one.at // 86_400) for one in schedule}) == 1


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 5))
def test_operations_come_in_order_and_as_many_as_the_rates_say(reads, writes, hours):
    schedule = list(operations(Background(reads=(reads,), writes=(writes,)), START, hours))
    assert [one.op for one in schedule].count(Op.READ) == reads * hours
    assert [one.op for one in schedule].count(Op.WRITE) == writes * hours
    assert all(earlier.at <= later.at for earlier, later in pairwise(schedule))
    assert all(START <= one.at < START + hours * 3600 for one in schedule)


@pytest.mark.parametrize(("keys", "names"), [(3, 3), (1000, 120)])
def test_keys_are_used_in_turn(keys, names):
    listener = Listener(Operation)
    replayed(SHOP + f"background: [{{writes: 5, keys: {keys}}}]", observers=[listener])
    assert len({event.key for event in listener.events}) == names
