from __future__ import annotations

import pytest

from edgeday.errors import BadInput
from edgeday.replay.runner import ReplayFailed
from edgeday.report import json_report
from tests.scenario_days import HEAD, SHOP, SHOP_HEAD, loaded, replayed


def answered(expect, path="/json"):
    """The checks of one probe of the shop."""
    result = replayed(SHOP + f"probes: [{{at: +1h, request: {{path: {path}}}, expect: {expect}}}]")
    (probe,) = result.probes
    return result, probe.checks


@pytest.mark.parametrize(
    ("expect", "ok"),
    [
        ("{status: 200}", True),
        ("{status: 404}", False),
        ('{status: "200..299"}', True),
        ("{status: 2xx}", True),
        ("{status: 4XX}", False),
        ('{status: "< 200"}', False),
        ('{"json:total": 3}', True),
        ('{"json:total": "> 2"}', True),
        ('{"json:total": "> 3"}', False),
        ('{"json:logs.length": 2}', True),
        ('{"json:logs.0.a": 1}', True),
        ('{"json:logs.2.a": 1}', False),
        ('{"json:name": x}', True),
        ('{"json:name": y}', False),
        ('{"json:name": "> 1"}', False),
        ('{"json:name.length": 1}', True),
        ('{"json:ok": true}', True),
        ('{"json:ok": 1}', False),
        ('{"json:none": null}', True),
        ('{"json:nix": null}', False),
        ('{"header:content-type": application/json}', True),
        ('{"header:x-none": x}', False),
        ("{text: total}", True),
        ("{text: nix}", False),
        ("{status: 200, text: nix}", False),
    ],
)
def test_an_answer_is_compared_with_what_is_expected(expect, ok):
    result, checks = answered(expect)
    assert all(check.ok for check in checks) is ok
    assert result.verdict == ("pass" if ok else "fail")


def test_a_check_shows_what_was_found_and_whether_anything_was():
    _, (total, nix) = answered('{"json:total": "> 5", "json:nix.x": 1}')
    assert (total.expected, total.found, total.absent) == ("> 5", 3, False)
    assert (nix.found, nix.absent, nix.ok) == (None, True, False)


def test_an_answer_that_is_not_json_has_no_values():
    _, (check,) = answered('{"json:total": 3}', "/nowhere")
    assert check.absent


def test_a_run_goes_on_until_its_last_probe():
    result = replayed(SHOP + "probes: [{at: +3d12h, request: {path: /json}, expect: {status: 200}}]")
    assert result.ended_at - result.started_at == 3.5 * 86_400


def test_a_probe_costs_what_its_request_costs():
    with_probe = replayed(SHOP + "probes: [{at: +1h, request: {path: /get/a}, expect: {status: 200}}]")
    assert with_probe.metrics.values["kv.reads.accepted"] == 1
    assert with_probe.metrics.values["requests.started"] == 1


def test_a_probe_can_send_a_body_and_headers():
    result = replayed(
        """
        probes:
          - {at: +1h, request: {method: POST, path: /put/a, body: {x: 1}}, expect: {status: 200}}
          - at: +2h
            name: read
            request: {path: /get/a, headers: {accept: text/plain}}
            expect: {text: '{"x":1}'}
        """,
        SHOP_HEAD,
    )
    assert [probe.name for probe in result.probes] == ["POST /put/a", "read"]
    assert all(probe.ok for probe in result.probes)


def test_a_worker_that_raises_in_a_probe_has_not_answered_as_expected():
    result = replayed(SHOP + "probes: [{at: +1h, request: {path: /fail}, expect: {status: 200}}]")
    assert [check.found for check in result.probes[0].checks] == [500]
    assert result.verdict == "fail"


def test_a_worker_that_raises_in_a_probe_fails_a_strict_replay():
    with pytest.raises(ReplayFailed, match=r"the probe at \+1h"):
        replayed(
            SHOP + "probes: [{at: +1h, request: {path: /fail}, expect: {status: 200}}]", strict_worker=True
        )


def test_probes_stand_in_the_json_report():
    result, _ = answered("{status: 404}")
    (probe,) = json_report.as_dict([result])["scenarios"][0]["probes"]
    assert (probe["at"], probe["ok"]) == ("2026-02-16T01:00:00Z", False)
    assert probe["checks"][0] | {"found": 200, "expected": 404} == probe["checks"][0]


@pytest.mark.parametrize(
    ("probe", "message"),
    [
        ("{at: +1x, request: {path: /}, expect: {status: 200}}", "is no offset"),
        ("{at: yesterday, request: {path: /}, expect: {status: 200}}", "is no instant"),
        ("{at: 2026-02-16T01:00:00, request: {path: /}, expect: {status: 200}}", "has no time zone"),
        ("{at: 2026-02-15T01:00:00Z, request: {path: /}, expect: {status: 200}}", "is before the start"),
        ("{at: +1h, expect: {status: 200}}", "a probe makes one request"),
        ("{at: +1h, request: {path: /}}", "a probe expects something"),
        ("{at: +1h, request: {path: /}, expect: {stauts: 200}}", '"stauts" cannot be expected'),
        ("{at: +1h, request: {path: /}, expect: {status: ok}}", '"ok" is no status; write 200, 2xx'),
        ("{at: +1h, request: {path: /}, expect: {status: 6xx}}", '"6xx" is no status'),
        ("{at: +1h, request: {path: /}, expect: {status: true}}", "true is no status"),
        ('{at: +1h, request: {path: /}, expect: {status: "<= 50%"}}', "compared with numbers only"),
        ("{at: +1h, request: {path: /}, expect: {status: [200]}}", "text, a number, true, false or null"),
    ],
)
def test_a_probe_that_makes_no_sense_is_refused_before_the_run(probe, message):
    with pytest.raises(BadInput, match=message):
        loaded(f"probes: [{probe}]", HEAD)
