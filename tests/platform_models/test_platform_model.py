"""What a scenario may say about the platform, and what it is told when it says something else."""

from __future__ import annotations

import pytest

from emulator.errors import BadInput
from emulator.platform.settings import Colos
from emulator.replay.platform_model import PlatformModel
from tests.scenario_days import loaded


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("colos: {}", "no data centre has a weight"),
        ("colos: {SOF: 0}", "no data centre has a weight"),
        ("colos: {Sofia: 1}", "write three capital letters such as SOF"),
        ("colos: {SOF: -1}", "must be at least 0"),
        ("isolates: {life: soon}", "write 30m, 1h or 1d2h3m4s"),
        ("isolates: {life: 0s}", "write 30m, 1h or 1d2h3m4s"),
        ("eviction: {}", "say how much room there is"),
        ("eviction: {per_hour: 1}", "per_hour"),
        ("latency: {kv_get: 100000}", "may go up to 60,000 ms"),
        ("faults: [{service: kv, at: 2h, lasts: 1h}]", "write +3d, +23h59m"),
        ("faults: [{service: kv, at: +2h, lasts: 1h, ops: [match]}]", 'kv has no operation "match"'),
        ("faults: [{service: cache, at: +2h, lasts: 1h, status: 500}]", "a failing cache shows no status"),
        ("faults: [{service: kv, at: +2h, lasts: 1h, slower_s: 3}]", "slower_s belongs to a fetch"),
        ("moves: [{at: noon, colo: SOF}]", "write +3d, +23h59m"),
        ("weather: rain", "weather"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(said, told):
    with pytest.raises(BadInput) as refused:
        loaded(f"platform: {{{said}}}\n")
    assert told in str(refused.value)


def test_the_admin_sits_at_the_first_data_centre_unless_another_one_is_said():
    assert PlatformModel.model_validate({"colos": {"FRA": 1, "SOF": 9}}).admin_colo == "FRA"
    assert PlatformModel.model_validate({"admin": "IAD"}).admin_colo == "IAD"


def test_faults_moves_and_purges_come_at_their_offsets():
    model = PlatformModel.model_validate(
        {
            "faults": [{"service": "kv", "at": "+1h", "lasts": "30m"}],
            "moves": [{"at": "+2h", "colo": "SOF"}],
            "purges": ["+1h30m"],
        }
    )
    (fault,) = model.in_force(1000.0).faults
    assert (fault.from_at, fault.until_at) == (4600.0, 6400.0)
    assert model.incidents() == [(5400, ""), (7200, "SOF")]


def test_requests_arrive_by_weight_and_each_seed_gives_the_same_place_again():
    colos = Colos({"SOF": 6, "FRA": 3, "IAD": 1})
    places = [colos.of(f"seed/{number}") for number in range(3000)]
    assert places == [colos.of(f"seed/{number}") for number in range(3000)]
    for colo, expected in (("SOF", 1800), ("FRA", 900), ("IAD", 300)):
        assert 0.85 * expected < places.count(colo) < 1.15 * expected


def test_a_data_centre_without_weight_gets_no_request():
    colos = Colos({"SOF": 1, "FRA": 0})
    assert {colos.of(f"{number}") for number in range(200)} == {"SOF"}


def test_latency_is_on_with_the_default_times_or_with_some_of_its_own():
    plain = PlatformModel.model_validate({"latency": True}).latency
    changed = PlatformModel.model_validate({"latency": {"kv_get": 7}}).latency
    assert changed.kv_get.middle == (7, 7)
    assert changed.kv_put == plain.kv_put
    assert PlatformModel.model_validate({"latency": False}).in_force(0).latency is None
