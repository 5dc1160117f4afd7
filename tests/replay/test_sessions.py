"""Sessions of visitors: steps in order, values kept, cookies, chances to leave, and what ends one early."""

from __future__ import annotations

import asyncio
from math import sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeday import limits
from edgeday.clock import epoch_seconds
from edgeday.replay.journal import JournalWriter, judge_journal
from edgeday.report import json_report, markdown
from edgeday.report.html import render as html
from edgeday.report.terminal import as_text
from edgeday.storage.sqlite import SqliteStore
from tests.replay.till import CHECKOUT, TILL, Till, session_of, till_day
from tests.scenario_days import HEAD

MIDNIGHT = epoch_seconds("2026-02-16T00:00:00Z")
ENDS = ("started", "completed", "left", "failed")


def ends_of(result):
    """How many sessions started, were completed, left and failed."""
    return tuple(result.metrics.values[f"sessions.{end}"] for end in ENDS)


# steps, in order


def test_a_visitor_makes_the_steps_in_their_order_with_what_the_answers_gave():
    result, _ = till_day(CHECKOUT % 3)
    assert ends_of(result) == (3, 3, 0, 0)
    assert result.metrics.values["requests.started"] == 6
    assert result.metrics.values["expectations.failed"] == 0
    assert result.verdict == "pass"
    paid = [path for method, path, _ in Till.seen if path.endswith("/pay")]
    assert len({*paid}) == 3
    assert all("{" not in path for path in paid)


def test_each_step_is_counted_as_its_own_route():
    result, watched = till_day(CHECKOUT % 3)
    assert [(row.route, row.started) for row in result.requests] == [
        ("POST /cart", 3),
        ("POST /cart/{cart}/pay", 3),
    ]
    assert {check.route for check in watched.checks} == {"POST /cart/{cart}/pay"}


def test_the_next_step_begins_when_the_answer_was_read_and_the_thinking_is_over():
    _, watched = session_of(
        "{get: /slow}", "{wait: 40s}", "{get: /item/soup}", "{wait: 1.5}", "{get: /item/a}"
    )
    assert [one.at - MIDNIGHT for one in watched.requests] == [43_200, 43_242, 43_243.5]
    (ended,) = watched.ended
    assert (ended.started_at, ended.at, ended.requests) == (MIDNIGHT + 43_200, MIDNIGHT + 43_243.5, 3)


def test_thinking_times_are_drawn_for_each_session():
    _, watched = session_of("{get: /item/a}", "{wait: [10s, 2m]}", "{get: /item/b}", sessions=50)
    times = [one.at - one.started_at for one in watched.ended]
    assert all(10 <= time <= 120 for time in times)
    assert len({*times}) > 45


def test_sessions_run_past_midnight_and_past_the_end_of_the_day():
    result, watched = session_of(
        "{get: /item/a}", "{wait: 10h}", "{get: /item/b}", "{wait: 10h}", "{get: /item/c}", sessions=2
    )
    assert ends_of(result) == (2, 2, 0, 0)
    assert [one.at - MIDNIGHT for one in watched.ended] == [(6 + 20) * 3600, (18 + 20) * 3600]
    assert result.ended_at - MIDNIGHT == 38 * 3600


def test_sessions_take_turns_with_other_even_traffic():
    _, watched = till_day(
        """
        traffic:
          - {name: visit, sessions: 1, steps: [{get: /item/a}]}
          - {name: pages, requests: 1, get: /item/b}
        """
    )
    assert [(one.route, one.at - MIDNIGHT) for one in watched.requests] == [
        ("GET /item/a", 21_600),
        ("GET /item/b", 64_800),
    ]


def test_sessions_are_counted_for_every_day():
    result, watched = till_day(
        "days: 2\ntraffic: [{name: visit, sessions: [1, 2], steps: [{get: /item/a}]}]\n"
    )
    assert [one.session for one in watched.began] == [1, 2, 3]
    assert ends_of(result) == (3, 3, 0, 0)


# values


def test_a_value_is_the_same_in_the_whole_session_and_another_in_the_next():
    session_of('{get: "/item/{n}"}', '{get: "/item/{n}"}', sessions=2)
    assert sorted(path for _, path, _ in Till.seen) == ["/item/1", "/item/1", "/item/2", "/item/2"]


def test_a_value_is_drawn_anew_from_the_step_that_says_so():
    steps = ['{get: "/item/{item}"}', '{get: "/item/{item}", again: item}', '{get: "/item/{item}"}']
    session_of(*steps, sessions=40)
    visits = {}
    for place, (_, path, _) in enumerate(Till.seen):
        visits.setdefault(place // 3, []).append(path)
    assert all(second == third for _, second, third in visits.values())
    assert 8 < sum(first != second for first, second, _ in visits.values()) < 32


@pytest.mark.parametrize(
    ("source", "then"),
    [
        ("json:number", "/item/7"),
        ("json:price", "/item/%7B%22eur%22%3A1.5%7D"),
        ("json:price.eur", "/item/1.5"),
        ("json:slug.length", "/item/4"),
        ("header:content-type", "/item/application%2Fjson"),
        ("status", "/item/200"),
    ],
)
def test_what_is_kept_of_an_answer_stands_in_later_steps(source, then):
    result, _ = session_of(f'{{get: /item/soup, keep: {{it: "{source}"}}}}', '{get: "/item/{it}"}')
    assert ends_of(result) == (1, 1, 0, 0)
    assert Till.seen[1][1] == then


def test_the_next_step_can_go_where_an_answer_leads():
    steps = '{get: "/lines/%2Fitem%2Fsoup", keep: {where: text}}', '{get: "{where}", expect: {status: 200}}'
    result, _ = session_of(*steps)
    assert ends_of(result) == (1, 1, 0, 0)
    assert (Till.seen[1][:2], result.metrics.values["expectations.failed"]) == (("GET", "/item/soup"), 0)


def test_a_session_ends_where_an_answer_leads_nowhere():
    _, watched = session_of('{get: "/lines/nowhere", keep: {where: text}}', '{get: "{where}"}')
    assert [(end.outcome, end.step, end.route) for end in watched.ended] == [("failed", 2, "GET {where}")]
    assert "'nowhere' is neither a path, which begins with /, nor a URL" in watched.ended[0].reason


def test_a_cookie_and_the_text_of_an_answer_can_be_kept():
    session_of('{get: /short, keep: {it: "cookie:pass", all: text}}', '{get: "/item/{it}-{all}"}')
    assert Till.seen[1][1] == "/item/1-here%20you%20are"


def test_a_kept_value_keeps_its_type_in_json():
    _, watched = session_of(
        '{get: /item/soup, keep: {number: "json:number"}}',
        '{post: /cart, json: {number: "{number}"}, expect: {"json:item": \'{"number":7}\'}}',
    )
    assert [check.unmet for check in watched.checks] == [0]


def test_a_value_that_is_kept_twice_is_the_later_one():
    steps = ['{get: /item/a, keep: {it: "json:slug"}}', '{get: /item/b, keep: {it: "json:slug"}}']
    session_of(*steps, '{get: "/item/{it}-now"}')
    assert Till.seen[2][1] == "/item/b-now"


# cookies


def test_cookies_come_back_where_they_belong():
    session_of("{post: /cart}", "{get: /cart/1}", "{get: /item/soup}")
    (_, _, first), (_, _, below), (_, _, elsewhere) = Till.seen
    assert first == ""
    assert below.startswith("seen=1; visitor=v-")
    assert elsewhere.startswith("visitor=v-")


def test_every_session_has_cookies_of_its_own():
    till_day(CHECKOUT % 20)
    cookies = [cookie for _, path, cookie in Till.seen if path.endswith("/pay")]
    assert len({*cookies}) == 20


def test_a_secure_cookie_is_not_sent_over_http():
    session_of("{post: /cart}", '{get: /item/soup, host: "http://worker.example"}')
    assert Till.seen[1][2] == ""


def test_a_cookie_goes_to_the_host_that_set_it_alone():
    session_of("{post: /cart}", "{get: /item/soup, host: other.example}", "{get: /item/soup}")
    assert Till.seen[1][2] == ""
    assert Till.seen[2][2].startswith("visitor=")


@pytest.mark.parametrize(("wait", "cookie"), [("59s", "pass=1"), ("60s", "")])
def test_a_cookie_is_gone_once_it_has_expired_in_virtual_time(wait, cookie):
    session_of("{get: /short}", f"{{wait: {wait}}}", "{get: /item/soup}")
    assert Till.seen[1][2] == cookie


def test_a_cookie_of_the_step_itself_stands_before_those_that_are_kept():
    session_of("{get: /short}", "{get: /item/soup, headers: {Cookie: consent=yes}}")
    assert Till.seen[1][2] == "consent=yes; pass=1"


# leaving


@pytest.mark.parametrize(
    ("leave", "ends"), [("0", (20, 20, 0, 0)), ("0.0", (20, 20, 0, 0)), ("1", (20, 0, 20, 0))]
)
def test_nobody_leaves_by_a_chance_of_0_and_everybody_by_1(leave, ends):
    result, _ = session_of("{get: /item/a}", f"{{get: /item/b, leave: {leave}}}", sessions=20)
    assert ends_of(result) == ends


@pytest.mark.parametrize("step", ["{get: /item/b, leave: 0.2}", "{wait: 10s, leave: 0.2}"])
def test_as_many_leave_before_a_step_as_its_chance_says(step):
    count, chance = 1000, 0.2
    result, watched = session_of("{get: /item/a}", step, "{get: /item/c}", sessions=count)
    left = result.metrics.values["sessions.left"]
    assert abs(left - count * chance) < 4 * sqrt(count * chance * (1 - chance))
    assert result.metrics.values["sessions.completed"] == count - left
    assert {(one.step, one.requests) for one in watched.ended if one.outcome == "left"} == {(2, 1)}


def test_who_leaves_at_one_step_says_nothing_of_who_leaves_at_the_next():
    steps = ("{get: /item/a}", "{get: /item/b, leave: 0.5}", "{get: /item/c, leave: 0.5}")
    _, watched = session_of(*steps, sessions=1000)
    at = [one.step for one in watched.ended if one.outcome == "left"]
    assert abs(at.count(2) - 500) < 4 * sqrt(250)
    assert abs(at.count(3) - 250) < 4 * sqrt(188)


def test_a_chance_to_leave_leaves_the_draws_of_other_steps_as_they_were():
    def times(leave):
        _, watched = session_of(
            "{get: /item/a}", "{wait: [1, 60]}", f'{{get: "/item/{{item}}", leave: {leave}}}', sessions=30
        )
        return {one.session: one.at for one in watched.ended}

    assert times(0) == times(0.5)


# failing


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        ("{get: /status/499}", ""),
        ("{get: /status/500}", "answered 500"),
        ("{get: /defect}", "answered 500"),
        ("{get: /broken}", "the answer broke off"),
        ("{get: /status/500, expect: {status: 500}}", ""),
        ("{get: /status/503, expect: {status: 5xx}}", ""),
        ("{get: /status/500, expect: {status: 503}}", "answered 500"),
        ("{get: /status/500, expect: {text: as you wish}}", "answered 500"),
        ("{get: /status/404, expect: {status: 200}}", ""),
        ('{get: /item/a, keep: {it: "json:nix"}}', "json:nix was not in the answer, which had status 200"),
        ('{get: /short, keep: {it: "json:x"}}', "json:x was not in the answer, which had status 200"),
        ('{get: /item/a, keep: {it: "header:x"}}', "header:x was not in the answer, which had status 200"),
        ('{get: /short, keep: {it: "cookie:x"}}', "cookie:x was not in the answer, which had status 200"),
    ],
)
def test_a_failure_ends_the_session_there(step, reason):
    result, watched = session_of("{get: /item/a}", step, "{get: /item/c}")
    (ended,) = watched.ended
    assert (ended.reason, ended.outcome) == (reason, "failed" if reason else "completed")
    assert ended.requests == (2 if reason else 3)
    assert ended.step == (2 if reason else 0)
    assert ends_of(result) == ((1, 0, 0, 1) if reason else (1, 1, 0, 0))


def test_a_kept_value_that_no_host_or_header_can_have_ends_the_session():
    keep = '{get: "/lines/a%0Ab", keep: {it: text}}'
    _, watched = session_of(keep, '{get: /item/b, headers: {x-it: "{it}"}}')
    (ended,) = watched.ended
    assert (ended.outcome, ended.step, ended.requests) == ("failed", 2, 1)
    assert ended.reason == "its request could not be sent: Invalid header value. x-it: 'a\\nb'"
    _, watched = session_of(keep, '{get: /item/b, host: "{it}.example"}')
    assert watched.ended[0].reason == "its request could not be sent: 'https://a\\nb.example' is no host"


def test_a_request_that_is_turned_away_ends_the_session(monkeypatch):
    rows = [row._replace(value=3) if row.name == "requests_per_day" else row for row in limits.LIMITS]
    monkeypatch.setattr(limits, "LIMITS", tuple(rows))
    steps = ("{get: /item/a}", "{get: /item/b}", "{get: /item/c}")
    result, watched = session_of(*steps, sessions=2)
    assert ends_of(result) == (2, 1, 0, 1)
    assert [(one.step, one.requests, one.reason) for one in watched.ended] == [
        (0, 3, ""),
        (1, 1, "the day's requests were spent (error code: 1027)"),
    ]


def test_the_finding_says_at_which_step_and_why():
    result, _ = session_of(
        "{get: /item/a}", '{post: /cart, keep: {it: "json:nix"}}', "{get: /item/c}", sessions=3
    )
    (text,) = [finding.text for finding in result.findings if finding.id == "sessions-failed"]
    assert text == (
        "visit: 3 of 3 sessions ended at step 2, POST /cart: json:nix was not in the answer, "
        "which had status 201"
    )


def test_sessions_are_0_where_there_are_none():
    result, _ = till_day("traffic: [{requests: 3, get: /item/soup}]\n")
    assert ends_of(result) == (0, 0, 0, 0)
    assert "session" not in as_text(result)


# the run around them


def test_a_visitor_stays_at_one_data_centre():
    _, watched = till_day(
        """
        traffic:
          - {name: visit, sessions: 40, steps: [{get: "/item/{n}"}, {wait: 1h}, {get: "/item/{n}"}]}
        platform: {colos: {SOF: 1, FRA: 1}}
        """
    )
    colos_of = {}
    for (_, path, _), request in zip(Till.seen, watched.requests, strict=True):
        colos_of.setdefault(path, []).append(request.colo)
    assert sorted(map(len, colos_of.values())) == [2] * 40
    assert all(first == second for first, second in colos_of.values())
    assert {first for first, _ in colos_of.values()} == {"SOF", "FRA"}


@pytest.mark.parametrize(("move", "seen"), [("", "1 2"), ("+12h30m", "1 1")])
def test_the_data_centre_of_a_session_can_be_lost_between_two_steps(move, seen):
    moves = f", moves: [{{at: {move}, colo: SOF}}]" if move else ""
    _, watched = till_day(
        f"""
        traffic:
          - name: visit
            sessions: 1
            steps:
              - {{get: /counted, expect: {{text: "seen {seen.split()[0]}"}}}}
              - {{wait: 1h}}
              - {{get: /counted, expect: {{text: "seen {seen.split()[1]}"}}}}
        platform: {{colos: {{SOF: 1}}{moves}}}
        """
    )
    assert [check.unmet for check in watched.checks] == [0, 0]


def test_two_runs_give_the_same_bytes(tmp_path):
    def journal(name):
        writer = JournalWriter(tmp_path / name)
        result, _ = till_day(CHECKOUT.replace("expect:", "leave: 0.3, expect:") % 50, observers=[writer])
        writer.keep()
        return json_report.render([result]), (tmp_path / name).read_bytes()

    assert journal("one") == journal("two")


def test_another_seed_gives_other_sessions():
    text = CHECKOUT.replace("expect:", "leave: 0.5, expect:") % 50
    first, second = (till_day(text, seed=seed)[1].ended for seed in (1, 2))
    assert [one.outcome for one in first] != [one.outcome for one in second]


def test_a_journal_gives_the_same_report(tmp_path):
    writer = JournalWriter(tmp_path / "day.jsonl")
    text = CHECKOUT.replace("expect:", "leave: 0.3, expect:").replace("text: paid", "text: thanks") % 50
    result, _ = till_day(text, observers=[writer])
    writer.keep()
    (judged,) = judge_journal(tmp_path / "day.jsonl")
    assert result.metrics.values["expectations.failed"] > 0
    assert json_report.render([judged.result]) == json_report.render([result])


def test_a_journal_holds_no_cookie(tmp_path):
    writer = JournalWriter(tmp_path / "day.jsonl")
    till_day(CHECKOUT % 2, observers=[writer])
    writer.keep()
    assert any("visitor=" in cookie for _, _, cookie in Till.seen)
    assert "visitor" not in (tmp_path / "day.jsonl").read_text()


def test_a_session_says_the_same_on_both_stores(tmp_path):
    store = SqliteStore.open_in_place(tmp_path / "day.sqlite")
    on_disk, _ = till_day(CHECKOUT % 10, store=store)
    in_memory, _ = till_day(CHECKOUT % 10)
    assert json_report.render([on_disk]) == json_report.render([in_memory])
    assert store.held_entries() == 10
    asyncio.run(store.close())


def test_progress_counts_requests_and_ends_at_its_total():
    told = []
    text = CHECKOUT.replace("expect:", "leave: 0.5, expect:") % 20
    result, _ = till_day(text, progress=lambda done, total, _: told.append((done, total)))
    made = result.metrics.values["requests.started"]
    assert [done for done, _ in told] == list(range(1, made + 1))
    assert told[0][1] == 40
    assert 20 < made < 40


def test_reports_say_what_became_of_the_sessions():
    result, _ = till_day(CHECKOUT.replace("expect:", "leave: 0.5, expect:") % 20)
    _, completed, left, _ = ends_of(result)
    row = next(line.split() for line in as_text(result).splitlines() if line.strip().startswith("sessions"))
    assert row == ["sessions", "20", str(completed), "completed,", str(left), "left"]
    said = f"{completed} of 20 sessions completed, {left} left"
    assert said in markdown.render([result])
    assert said in html([result])


STEPS = [
    '{get: "/item/{n}", expect: {"json:slug": "{n}"}}',
    '{get: "/item/{item}", again: item, expect: {"json:slug": soup}}',
    '{post: /cart, keep: {cart: "json:id"}, leave: 0.2}',
    "{wait: [1s, 10h], leave: 0.1}",
    '{get: "/status/{status}", expect: {status: "< 500"}}',
    '{get: "/status/{status}", again: [status], keep: {now: status}}',
    "{get: /broken, leave: 0.9}",
]
VARIED = "values: {item: [soup, bread], n: {sequence: 1}, status: {choice: {200: 8, 404: 1, 500: 1}}}\n"


@settings(deadline=None, max_examples=25)
@given(st.lists(st.sampled_from(STEPS), min_size=1, max_size=6), st.integers(1, 12), st.integers(0, 9))
def test_whatever_the_steps_are_every_session_ends_once_and_every_request_is_counted(steps, count, seed):
    told = []
    lines = "".join(f"      - {step}\n" for step in [*steps, "{get: /item/last}"])
    result, watched = till_day(
        f"traffic:\n  - name: visit\n    sessions: {count}\n    steps:\n{lines}",
        head=HEAD + TILL + VARIED,
        seed=seed,
        progress=lambda done, total, _: told.append((done, total)),
    )
    started, completed, left, failed = ends_of(result)
    assert started == completed + left + failed == count
    made = sum(one.requests for one in watched.ended)
    assert made == result.metrics.values["requests.started"] == len(told)
    assert all(done <= total for done, total in told)
    assert [one.session for one in sorted(watched.ended, key=lambda one: one.session)] == list(
        range(1, count + 1)
    )
    assert all(bool(one.reason) is (one.outcome == "failed") for one in watched.ended)
    assert all((one.step > 0) is (one.outcome != "completed") for one in watched.ended)
    assert result.metrics.values["expectations.checked"] == len(watched.checks)
