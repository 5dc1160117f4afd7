"""Crons of a scenario in a run: when they run, as what they count, and what is said of them."""

from __future__ import annotations

import asyncio

import pytest

from edgeday.clock import DAY_S, epoch_seconds
from edgeday.events import InvocationEnded, InvocationStarted, Operation
from edgeday.replay.capacity import measure_capacity
from edgeday.replay.runner import replay
from edgeday.scenario.loader import load_text
from edgeday.web import Response
from tests.scenario_days import HEAD, loaded, replayed

MONDAY = epoch_seconds("2026-02-16T00:00:00Z")


class Rates:
    """Stores what its crons were given; each may be slow or fail, as the variables say."""

    async def fetch(self, request):
        return Response(str(await self.env.KV.get("runs")))

    async def scheduled(self, controller):
        await asyncio.sleep(self.env.TAKES_S)
        if self.env.FAILS:
            raise ValueError("no rates today")
        await self.env.KV.put(f"run:{controller.cron}:{controller.scheduledTime}", "x")


class NoCrons:
    async def fetch(self, request):
        return Response("ok")


def head(worker="Rates", takes_s=0, fails=False, more=""):
    entry = f"tests.replay.test_crons:{worker}"
    given = f"{{TAKES_S: {takes_s}, FAILS: {str(fails).lower()}}}"
    return f'{HEAD}worker: {{entry: "{entry}", vars: {given}}}\nnamespaces: {{KV: kv}}\n{more}'


class Events:
    """An observer that keeps every event."""

    def __init__(self):
        self.all = []

    def begin(self, start, events):
        for kind in (InvocationStarted, InvocationEnded, Operation):
            events.subscribe(kind, self.all.append)

    def end(self, end):
        self.ended_at = end.ended_at

    def of(self, kind):
        return [event for event in self.all if type(event) is kind]


def run(traffic, **options):
    """The result and the events of a run with such crons."""
    events = Events()
    day = f"traffic: [{traffic}]\nbudgets: {{requests.started: '>= 0'}}"
    result = replayed(day, head(**options), observers=(events,))
    return result, events


def found(result):
    return [finding.id for finding in result.findings]


def test_a_cron_runs_at_each_of_its_minutes_with_its_own_invocation():
    result, events = run('{name: rates, cron: "*/30 9,17 * * *"}')
    at = [(event.at - MONDAY) / 60 for event in events.of(InvocationStarted)]
    assert at == [540, 570, 1020, 1050]
    assert {event.route for event in events.of(InvocationStarted)} == {"cron */30 9,17 * * *"}
    stored = [event.key for event in events.of(Operation)]
    assert stored[0] == f"run:*/30 9,17 * * *:{round(MONDAY + 540 * 60) * 1000}"
    assert result.metrics.values["requests.started"] == 4
    assert result.metrics.values["requests.failed"] == 0
    assert result.metrics.values["kv.writes.accepted"] == 4
    assert result.verdict == "pass"


def test_runs_are_counted_by_their_route():
    result, _ = run('{cron: "0 * * * *"}, {requests: 3, path: /runs}', fails=True)
    assert result.metrics.values["requests.started"] == 27
    assert result.metrics.values["requests.failed"] == 24
    both = [
        replayed(
            'traffic: [{cron: "0 * * * *"}]\n'
            f'budgets: {{"requests.failed{{route=cron 0 * * * *}}": "{budget}"}}',
            head(fails=True),
        ).verdict
        for budget in ("== 24", "== 23")
    ]
    assert both == ["pass", "fail"]


def test_a_worker_without_a_handler_fails_each_run_in_the_platforms_words():
    result, events = run('{cron: "0 */12 * * *"}', worker="NoCrons")
    assert result.metrics.values["requests.failed"] == 2
    assert {event.outcome for event in events.of(InvocationEnded)} == {"exception"}
    assert "Handler does not export a scheduled() function" in events.of(InvocationEnded)[0].error


def test_runs_count_towards_the_requests_of_the_day():
    result, _ = run(
        '{cron: "* * * * *"}, {requests: 98600, path: /runs}', more="limits: {subrequests: off}\n"
    )
    assert result.metrics.values["requests.refused"] == 1440 + 98_600 - 100_000


test_runs_count_towards_the_requests_of_the_day = pytest.mark.slow(
    test_runs_count_towards_the_requests_of_the_day
)


@pytest.mark.parametrize(("takes_s", "overlaps"), [(59.999, 0), (60, 0), (60.001, 4)])
def test_a_run_that_lasts_longer_than_its_interval_overlaps_the_next(takes_s, overlaps):
    result, _ = run('{cron: "0-4 7 * * *"}', takes_s=takes_s)
    texts = [finding.text for finding in result.findings if finding.id == "cron-overlap"]
    said = f'cron "0-4 7 * * *": {overlaps} runs began while a run before was still going on, as Cloudflare '
    assert texts == [f"{said}holds none back; first at 2026-02-16T07:01:00Z"] * bool(overlaps)


def test_two_crons_of_one_minute_are_invocations_of_their_own_and_no_overlap():
    result, events = run('{cron: "0 7 * * *"}, {cron: "0 7 * * MON"}', takes_s=30)
    assert [event.at for event in events.of(InvocationStarted)] == [MONDAY + 7 * 3600] * 2
    assert "cron-overlap" not in found(result)


def test_late_runs_keep_their_planned_minute():
    _, events = run('{cron: "59 23 * * *", jitter: 90}')
    (started,) = events.of(InvocationStarted)
    assert started.at == MONDAY + DAY_S - 60 + 90
    assert events.of(Operation)[0].key.endswith(f":{round(MONDAY + DAY_S - 60) * 1000}")


def test_lateness_over_the_end_of_a_day_holds_nothing_back():
    _, events = run('{cron: "59 23 * * *", jitter: 3600}, {cron: "5 0 * * *"}', more="days: 2\n")
    routes = [(event.route, event.at - MONDAY - DAY_S) for event in events.of(InvocationStarted)]
    assert routes[1:3] == [("cron 5 0 * * *", 300), ("cron 59 23 * * *", 3540)]


def test_crons_arrive_at_the_data_centres_of_the_scenario():
    _, events = run('{cron: "0 * * * *"}', more="platform: {colos: {FRA: 1}}\n")
    assert {event.colo for event in events.of(InvocationStarted)} == {"FRA"}


@pytest.mark.parametrize(
    ("cron", "ids"),
    [
        ("0 9 * * 1-5", ["cron-weekday-number"]),
        ("0 22-2 * * *", ["cron-wrapping-range"]),
        ("0 0 31 2 *", ["cron-never-fires"]),
        ("0 9 * * MON-FRI", []),
    ],
)
def test_what_is_to_be_said_of_an_expression_is_a_finding_of_every_run(cron, ids):
    result, _ = run(f'{{cron: "{cron}"}}')
    assert [id for id in found(result) if id.startswith("cron-")] == ids
    assert all(
        finding.text.startswith(f'cron "{cron}": ') for finding in result.findings if "cron-" in finding.id
    )


@pytest.mark.parametrize(
    ("account", "count", "said"),
    [
        ("free", 5, ""),
        ("free", 6, "Workers Free limit of 5 cron triggers"),
        ("paid", 250, ""),
        ("paid", 251, "250"),
    ],
)
def test_more_triggers_than_the_account_has_are_a_finding(account, count, said):
    crons = [f'{{cron: "{minute % 60} {minute // 60} 1 1 *"}}' for minute in range(count)]
    result, _ = run(", ".join(crons), more=f"account: {account}\n")
    texts = [finding.text for finding in result.findings if finding.id == "cron-triggers-over-limit"]
    assert len(texts) == bool(said)
    assert all(said in text for text in texts)


def test_capacity_takes_crons_as_given_and_grows_the_requests():
    one = loaded(
        'traffic: [{cron: "* * * * *"}, {requests: 10, path: /runs}]\nlimits: {key_write_rate: off}', head()
    )
    capacity = measure_capacity(one)
    uses = {use.limit: use for use in capacity.uses}
    assert (uses["requests_per_day"].before, uses["kv_writes_per_day"].before) == (1440, 1440)
    assert capacity.first.limit == "kv_writes_per_day"
    assert capacity.fits == 0


HOSTED = """
from workers import Response, WorkerEntrypoint


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        return Response("ok")

    async def scheduled(self, controller, env, ctx):
        self.ctx.waitUntil(self.env.KV.put(controller.cron, str(controller.scheduledTime)))
"""


@pytest.mark.slow
def test_a_python_worker_of_cloudflares_own_kind_runs_its_crons(tmp_path):
    (tmp_path / "entry.py").write_text(HOSTED, "utf-8")
    events = Events()
    text = f"{HEAD}worker: entry.py\nnamespaces: {{KV: kv}}\ntraffic: [{{cron: '0 */12 * * *'}}]\n"
    result = replay(load_text(text, tmp_path / "day.yaml"), observers=(events,))
    assert [event.error for event in events.of(InvocationEnded)] == ["", ""]
    assert [event.key for event in events.of(Operation)] == ["0 */12 * * *"] * 2
    assert result.metrics.values["requests.failed"] == 0


def test_the_same_seed_gives_the_same_run():
    first, second = (run('{cron: "*/10 * * * *", jitter: [0, 30]}')[1].all for _ in range(2))
    assert first == second
