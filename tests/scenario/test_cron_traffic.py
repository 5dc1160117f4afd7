"""What a scenario may say about crons, and how it is told what is wrong with them."""

from __future__ import annotations

import json

import pytest

from edgeday.errors import BadInput
from edgeday.replay.traffic import requests_in, requests_of_day
from edgeday.scenario.loader import json_schema
from edgeday.scenario.model import Scenario
from tests.scenario_days import SHOP_HEAD, loaded

CODE = "(Cloudflare's error 10100):"
WEEKDAYS = "weekdays are 1 (Sunday) to 7 (Saturday) or SUN to SAT"
STEPS = "a step in this field is 1 to 59, this is 60: write 0 for once an hour"


def scenario(traffic: str, head: str = SHOP_HEAD) -> Scenario:
    return loaded(f"days: 2\ntraffic:\n{traffic}", head).scenario


def problem_with(traffic: str, head: str = SHOP_HEAD) -> str:
    """The only problem of such a traffic."""
    with pytest.raises(BadInput) as bad:
        scenario(traffic, head)
    (problem,) = bad.value.problems
    return str(problem).splitlines()[0]


def times(one: Scenario, day: int = 0) -> list[tuple[str, float, int]]:
    start = one.start.timestamp()
    return [
        (script.traffic.name, script.at - start, script.number)
        for script in requests_of_day(one, one.seed, day)
    ]


def test_a_cron_comes_at_second_0_of_its_minutes_on_every_day():
    one = scenario('  - {name: rates, cron: "0 */8 * * *"}')
    assert times(one) == [("rates", 0, 1), ("rates", 28_800, 2), ("rates", 57_600, 3)]
    assert times(one, 1) == [("rates", 86_400, 4), ("rates", 115_200, 5), ("rates", 144_000, 6)]
    assert requests_in(one) == 6


def test_a_cron_is_called_by_its_expression_where_nothing_else_is_said():
    assert [name for name, _, _ in times(scenario('  - {cron: "0 12 * * *"}'))] == ["cron 0 12 * * *"]


def test_a_cron_comes_in_the_order_of_time_among_other_requests():
    one = scenario('  - {name: noon, cron: "0 12 * * *"}\n  - {requests: 2, path: /get/a}')
    assert [name for name, _, _ in times(one)] == ["requests", "noon", "requests"]


def test_a_day_that_begins_within_a_minute_has_the_crons_of_its_own_24_hours():
    head = SHOP_HEAD.replace("T00:00:00Z", "T23:59:30Z")
    one = scenario('  - {cron: "0,59 0,23 * * *"}', head)
    assert [at for _, at, _ in times(one)] == [30, 59 * 60 + 30, 23 * 3600 + 30, 86_370]
    assert requests_in(one) == 8


def test_the_days_of_a_cron_are_those_of_the_calendar():
    one = scenario('  - {cron: "0 0 * * TUE"}')
    assert (len(times(one)), len(times(one, 1))) == (0, 1)


def test_a_cron_draws_nothing_that_another_traffic_would_have_drawn():
    alone = scenario("  - {requests: 3, path: /get/a, arrivals: poisson}")
    beside = scenario('  - {requests: 3, path: /get/a, arrivals: poisson}\n  - {cron: "* * * * *"}')
    assert times(alone) == [one for one in times(beside) if one[0] == "requests"]


def test_lateness_is_drawn_for_each_run_and_leaves_its_planned_minute():
    one = scenario('  - {cron: "0 * * * *", jitter: [1, 9]}')
    (traffic,) = one.traffic
    scripts = list(requests_of_day(one, 0, 0))
    late = [traffic.late_s(script.seed) for script in scripts]
    assert len(set(late)) == 24
    assert all(1 <= seconds <= 9 for seconds in late)
    assert [script.at % 3600 for script in scripts] == [0] * 24
    assert late == [traffic.late_s(script.seed) for script in scripts]
    assert scenario('  - {cron: "0 * * * *"}').traffic[0].late_s("0") == 0


@pytest.mark.parametrize(
    ("traffic", "problem"),
    [
        (
            '  - {cron: "0 0 * * 0"}',
            f"day.yaml:7:12: invalid cron string: 0 0 * * 0 {CODE} {WEEKDAYS}: write 1 or SUN for Sunday",
        ),
        (
            '  - name: rates\n    cron: "*/60 * * * *"',
            f"day.yaml:8:11: invalid cron string: */60 * * * * {CODE} {STEPS}",
        ),
        ("  - {cron: 5}", 'day.yaml:7:12: "cron" must be text; this is 5'),
        (
            '  - {cron: "0 0 * * *", requests: 5}',
            'day.yaml:7:25: unknown key "requests"',
        ),
        (
            '  - {cron: "0 0 * * *", arrivals: poisson}',
            'day.yaml:7:25: unknown key "arrivals"',
        ),
        ("  - {jitter: 5}", 'day.yaml:7:5: "cron" is missing'),
        (
            '  - {cron: "0 0 * * *", jitter: soon}',
            'day.yaml:7:33: "soon" is no duration; write 40s, 1m30s, 200ms or a number of seconds',
        ),
        ('  - {cron: "0 0 * * *", jitter: 3601}', 'day.yaml:7:33: "jitter" may go up to 3,600 s'),
        (
            '  - {name: a, cron: "* * * * *"}\n  - {name: b, cron: "*/1 * * * *"}',
            'day.yaml:8:21: "*/1 * * * *" has the same times as "* * * * *": Cloudflare refuses duplicates',
        ),
        (
            '  - {cron: "* * * * *"}\n  - {cron: "* * * * *"}',
            'day.yaml:8:12: "* * * * *" has the same times as "* * * * *": Cloudflare refuses duplicates',
        ),
        (
            '  - {name: a, cron: "0 0 * * 2"}\n  - {name: b, cron: "0 0 * * mon"}',
            'day.yaml:8:21: "0 0 * * mon" has the same times as "0 0 * * 2": Cloudflare refuses duplicates',
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_cron_is_said_with_its_place(traffic, problem):
    assert problem_with(traffic) == problem


def test_two_names_for_one_part_of_the_traffic_are_refused_for_crons_too():
    assert "two parts of the traffic are called" in problem_with(
        '  - {name: a, cron: "0 0 * * *"}\n  - {name: a, cron: "0 1 * * *"}'
    )


def test_an_expression_without_quotes_is_explained():
    """A star begins an alias in YAML."""
    for written in ("{cron: */5 * * * *}", "cron: * * * * *"):
        with pytest.raises(BadInput, match=r'quote text that begins with a star: "\*/5 \* \* \* \*"'):
            scenario(f"  - {written}")


def test_a_near_miss_of_cron_is_named():
    with pytest.raises(BadInput) as bad:
        scenario('  - {crons: "0 0 * * *"}')
    said = [(problem.what, problem.excerpt.split("|")[-1].strip()) for problem in bad.value.problems]
    assert said == [('"cron" is missing', "^"), ('unknown key "crons"', '^^^^^ did you mean "cron"?')]


def test_a_scenario_with_crons_goes_through_its_json_and_back():
    one = scenario('  - {cron: "0 0 * * MON-FRI", jitter: [0, 30]}\n  - {requests: 1, path: /get/a}')
    assert Scenario.model_validate(json.loads(one.model_dump_json())) == one
    assert one.crons == ("0 0 * * MON-FRI",)


def test_the_schema_knows_crons():
    schema = json.loads(json_schema())
    assert "CronTraffic" in schema["$defs"]
    assert schema["$defs"]["CronTraffic"]["required"] == ["cron"]
