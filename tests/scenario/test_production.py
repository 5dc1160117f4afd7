"""What a scenario may say about the platform, and what it is told when it says something else."""

from __future__ import annotations

import pytest

from edgeday.errors import BadInput
from edgeday.scenario.production import ScenarioProduction, assumptions_of
from tests.scenario_days import SHOP, loaded


@pytest.mark.parametrize(
    ("section", "message"),
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
        ("moves: [{at: +1h, colo: IAD}]", 'nothing arrives at "IAD"; the data centres are SOF'),
        ("eviction: {per_hour: 1}", "must be less than 1"),
        ("isolates: {life: 30}", "30 has no unit; write days, hours, minutes or seconds, as 1d2h3m4s"),
        ("isolates: two", "write true, false, or a mapping"),
        ("latency: fast", "write true, false, or a mapping"),
        ("faults: [{service: kv, at: 7200, lasts: 1h}]", "7200 has no unit"),
        ("faults: [{service: kv, at: +2h, lasts: 1h, ops: [match]}]", "it has get, put, delete, list"),
        (
            "faults: [{service: kv, at: +2h, lasts: 1h, status: 404}]",
            "404 is how KV says that a key is missing",
        ),
        ("faults: [{service: fetch, at: +2h, lasts: 1h, slower_s: 100000}]", "may go up to 86,400"),
        ("weather: rain", "weather"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(section, message):
    with pytest.raises(BadInput) as refused:
        loaded(f"platform: {{{section}}}\n")
    assert message in str(refused.value)


@pytest.mark.parametrize(
    "section",
    [
        "faults: [{service: kv, at: OFFSET, lasts: 1h}]",
        "moves: [{at: OFFSET, colo: SOF}]",
        "purges: [OFFSET]",
    ],
)
def test_what_would_come_after_the_end_of_the_run_is_refused_with_its_place(section):
    with pytest.raises(BadInput) as refused:
        loaded(f"platform:\n  {section.replace('OFFSET', '+1d1s')}\n")
    (problem,) = refused.value.problems
    assert problem.what == "at +1d1s everything is over; say an earlier one, more days or a later probe"
    assert problem.where == f"day.yaml:4:{section.index('OFFSET') + 3}"
    loaded(f"platform: {{{section.replace('OFFSET', '+1d')}}}\n")
    later = SHOP + "probes: [{at: +2d, request: {path: /}, expect: {status: 404}}]\n"
    loaded(f"platform: {{{section.replace('OFFSET', '+1d1s')}}}\n{later}")


def test_an_audit_needs_a_profile_that_says_what_there_is_to_audit():
    with pytest.raises(
        BadInput, match="Shop cannot be audited: no worker profile says what there is to audit"
    ):
        loaded(SHOP + "platform: {audit: true}\n")


def test_a_probe_that_is_wrong_does_not_make_a_fault_come_too_late():
    with pytest.raises(BadInput) as refused:
        loaded("platform: {purges: [+2d]}\nprobes: [{at: +3d, request: {path: /}}]\n")
    (problem,) = refused.value.problems
    assert "expects something" in problem.what


def test_the_admin_sits_at_the_first_data_centre_unless_another_one_is_said():
    assert ScenarioProduction.model_validate({"colos": {"FRA": 1, "SOF": 9}}).admin_colo == "FRA"
    assert ScenarioProduction.model_validate({"admin": "IAD"}).admin_colo == "IAD"


def test_faults_moves_and_purges_come_at_their_offsets():
    model = ScenarioProduction.model_validate(
        {
            "faults": [{"service": "kv", "at": "+1h", "lasts": "30m"}],
            "moves": [{"at": "+2h", "colo": "SOF"}],
            "purges": ["+1h30m"],
        }
    )
    (fault,) = model.faults
    assert (fault.begins_s, fault.ends_s) == (3600, 5400)
    assert model.incidents() == [(5400, ""), (7200, "SOF")]


def test_requests_arrive_by_weight_and_each_seed_gives_the_same_place_again():
    production = ScenarioProduction(colos={"SOF": 6, "FRA": 3, "IAD": 1})
    places = [production.colo_of(f"seed/{number}") for number in range(3000)]
    assert places == [production.colo_of(f"seed/{number}") for number in range(3000)]
    for colo, expected in (("SOF", 1800), ("FRA", 900), ("IAD", 300)):
        assert 0.85 * expected < places.count(colo) < 1.15 * expected


def test_a_data_centre_without_weight_gets_no_request():
    production = ScenarioProduction(colos={"SOF": 1, "FRA": 0})
    assert {production.colo_of(f"{number}") for number in range(200)} == {"SOF"}


def test_isolates_are_on_with_two_for_half_an_hour_or_with_others():
    settings = ScenarioProduction.model_validate({"isolates": True}).isolates
    assert (settings.per_colo, settings.life_s) == (2, 1800)
    assert ScenarioProduction.model_validate({"isolates": False}).isolates is None


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"service": "kv", "share": 0.5}, "kv answers 500 from +1h on for 2h, 50 % of the calls"),
        ({"service": "kv", "ops": ["put"], "status": 429}, "kv put answers 429 from"),
        ({"service": "cache"}, "cache does nothing from"),
        ({"service": "fetch"}, "fetch loses its connection from"),
        ({"service": "fetch", "status": 503}, "fetch answers 503 from"),
        ({"service": "fetch", "slower_s": [5, 20]}, "fetch takes 5..20 s more from"),
    ],
)
def test_an_assumed_fault_says_what_it_does(fault, words):
    model = ScenarioProduction.model_validate({"faults": [{"at": "+1h", "lasts": "2h", **fault}]})
    (text,) = assumptions_of(model)
    assert text.startswith(words)


def test_latency_is_on_with_the_default_times_or_with_some_of_its_own():
    plain = ScenarioProduction.model_validate({"latency": True}).latency
    changed = ScenarioProduction.model_validate({"latency": {"kv_get": 7}}).latency
    assert changed.kv_get.middle == (7, 7)
    assert changed.kv_put == plain.kv_put
    assert ScenarioProduction.model_validate({"latency": False}).latency is None


def test_every_part_in_force_says_what_it_assumes():
    assert (
        assumptions_of(None)
        == assumptions_of(ScenarioProduction())
        == assumptions_of(ScenarioProduction(audit=True))
        == ()
    )
    for parts in (
        {"colos": {"SOF": 1, "FRA": 1}},
        {"propagation": True},
        {"isolates": {}},
        {"eviction": {"megabytes": 1}},
        {"eviction": {"per_hour": 0.1}},
        {"cache_works": False},
        {"latency": True},
        {"faults": [{"service": "kv", "at": "+0s", "lasts": "1d"}]},
        {"moves": [{"at": "+1h", "colo": "SOF"}]},
        {"purges": ["+1h"]},
    ):
        texts = assumptions_of(ScenarioProduction.model_validate(parts))
        assert texts
        assert any(word in text for text in texts for word in ("assumption", "documentation")), parts
