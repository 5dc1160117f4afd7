"""The terminal and JSON reports: what they hold, and what a reader sees at 80 columns."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from edgeday.measure.budgets import Breach, BudgetResult, Spender
from edgeday.measure.metrics import Snapshot
from edgeday.measure.results import ClaimResult, Finding, ScenarioResult, overall
from edgeday.report import json_report, terminal
from tests.replay.runs import METRICS, MIDNIGHT, PLANS, run
from worker_port.profile import PROFILE

DAY_S = 86_400
LIMITS = {"kv.writes.accepted": 1000, "subrequests.max_per_invocation": 50}


def result(**changes):
    """A result in which nothing happened, with these fields."""
    without_data = {"kv.reads.used_percent"}
    values = {name: 0 for name in METRICS if name not in without_data}
    fields = {
        "name": "day", "description": "", "account": "free", "variant": "", "started_at": MIDNIGHT,
        "ended_at": MIDNIGHT + DAY_S, "seed": 0, "verdict": "pass",
        "budgets": (), "claims": (), "findings": (),
        "metrics": Snapshot({**values, **changes.pop("values", {})}, LIMITS, METRICS),
        "noun": PLANS, "usage": PROFILE.usage,
    }  # fmt: skip
    return ScenarioResult(**{**fields, **changes})


def shown(*results, width=80):
    """The lines of the terminal report, without colour."""
    out = io.StringIO()
    terminal.show(Console(file=out, width=width, color_system=None), results)
    return [line.rstrip() for line in out.getvalue().splitlines()]


def budget(metric="kv.writes.accepted", text="<= 6", verdict="within", measured=5, margin=1):
    return BudgetResult(metric, text, verdict, measured, 1000, margin)


# JSON


def test_the_json_report_has_the_fields_of_schema_1():
    report = json.loads(json_report.render([result()]))
    assert (report["schema"], report["verdict"]) == (1, "pass")
    (scenario,) = report["scenarios"]
    assert {"name", "verdict", "metrics", "budgets", "claims", "findings"} <= set(scenario)
    assert set(scenario["metrics"]) == set(METRICS)


def test_a_metric_without_data_is_null():
    (scenario,) = json.loads(json_report.render([result()]))["scenarios"]
    assert scenario["metrics"]["kv.reads.used_percent"] is None
    assert scenario["metrics"]["kv.writes.used_percent"] == 0


def test_budgets_claims_and_findings_are_told_in_full():
    outcome = result(
        budgets=[budget(verdict="no data", measured=None, margin=None)],
        claims=[ClaimResult("6 writes", "page 1", "kv.writes.accepted", 6, 6)],
        findings=[Finding("some-id", "some text")],
    )
    (scenario,) = json.loads(json_report.render([outcome]))["scenarios"]
    (row,) = scenario["budgets"]
    assert row["metric"] == "kv.writes.accepted"
    assert (row["budget"], row["verdict"], row["measured"], row["margin"]) == (
        "<= 6",
        "no data",
        None,
        None,
    )
    (claim,) = scenario["claims"]
    assert (claim["claimed"], claim["measured"], claim["holds"], claim["where"]) == (6, 6, True, "page 1")
    assert scenario["findings"] == [{"id": "some-id", "weight": "note", "text": "some text"}]


def test_the_same_run_gives_the_same_text():
    fields = {"traffic": [{"plans": 5, "errors": {"rate": 0.5}, "arrivals": "poisson"}]}
    first, second = (json_report.render([run(**fields)]) for _ in range(2))
    assert first == second
    assert first != json_report.render([run(**fields, seed=1)])


def test_json_keeps_letters_as_they_are():
    assert "Петък" in json_report.render([result(description="Петък")])


@pytest.mark.parametrize(
    ("verdicts", "whole"),
    [
        (["pass", "pass"], "pass"),
        (["pass", "fail"], "fail"),
        (["pass", "partial"], "partial"),
        (["partial", "fail"], "fail"),
        (["void", "partial", "pass"], "void"),
        (["void", "fail"], "fail"),
        (["fail", "error"], "error"),
        ([], "partial"),
    ],
)
def test_the_verdict_on_all_is_the_worst_of_them(verdicts, whole):
    results = [result(verdict=verdict) for verdict in verdicts]
    assert overall(results) == whole
    assert json.loads(json_report.render(results))["verdict"] == whole


# the terminal


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"), (0, "0"), (6, "6"), (1400, "1,400"), (1_000_000, "1,000,000"), (-3, "-3"),
        (0.6, "0.6"), (3.0, "3"), (12.3456, "12.3456"), (1234.5, "1,234.5"), (100.0, "100"),
    ],
)  # fmt: skip
def test_numbers_are_written_for_a_reader(value, text):
    assert terminal.number(value) == text


@pytest.mark.parametrize(
    ("verdict", "headline"),
    [
        ("pass", "PASS  day, FITS the free account"),
        ("fail", "FAIL  day, FITS the free account"),
        ("void", "VOID  day, FITS the free account: what is wrong"),
        ("partial", "PARTIAL  day: interrupted at 2026-02-17 00:00:00 UTC, so that this is a part of"),
        ("error", "ERROR  day: the worker misbehaved: what is wrong"),
    ],
)
def test_the_verdict_is_a_word_that_needs_no_colour(verdict, headline):
    lines = shown(result(verdict=verdict, problem="what is wrong" if verdict in {"void", "error"} else ""))
    word = headline.partition(" ")[0]
    assert lines[0] == headline
    assert lines[-1].startswith(f"{word}  ")


def test_the_last_line_counts_scenarios_and_budgets():
    broken = result(verdict="fail", budgets=[budget(), budget(verdict="broken", measured=9, margin=-3)])
    assert shown(broken, result())[-1] == "FAIL  1 of 2 scenarios passed, 1 failed, 1 of 2 budgets kept"


def test_a_budget_shows_what_was_allowed_measured_and_left():
    lines = shown(result(budgets=[budget(measured=1005, margin=-999, verdict="broken")]))
    assert ["kv.writes.accepted", "<=", "6", "1,005", "-999", "broken"] in [line.split() for line in lines]


def test_claims_stand_beside_what_was_measured():
    claims = [
        ClaimResult("6 writes", "", "kv.writes.accepted", 6, 6),
        ClaimResult("450 calls", "", "ai.calls", 450, 2300),
        ClaimResult("no quota", "", "kv.reads.used_percent", 1, None),
    ]
    lines = [line.split() for line in shown(result(claims=claims))]
    assert ['"6', 'writes"', "(keys)", "6", "6", "holds"] in lines
    assert ['"450', 'calls"', "(calls)", "450", "2,300", "does", "not", "hold"] in lines
    assert ['"no', 'quota"', "(%)", "1", "-", "does", "not", "hold"] in lines


@pytest.mark.parametrize(
    ("ends_after_s", "length"),
    [(0.2 * DAY_S, "1 day"), (DAY_S, "1 day"), (DAY_S + 40, "1 day"), (3.5 * DAY_S, "3.5 days")],
)
def test_the_length_of_the_run_is_in_days(ends_after_s, length):
    lines = shown(result(ended_at=MIDNIGHT + ends_after_s, variant="hybrid"))
    assert lines[1].strip() == f"{length} from 2026-02-16 00:00 UTC, free account, variant hybrid, seed 0"


def test_what_was_refused_and_what_was_used_is_shown_beside_its_limit():
    values = {"kv.writes.asked": 1005, "kv.writes.accepted": 1000, "kv.writes.refused": 5,
              "kv.writes.used_percent": 100.0, "subrequests.max_per_invocation": 55}  # fmt: skip
    lines = [line.split() for line in shown(result(values=values))]
    assert ["KV", "writes", "1,000", "1,000/day", "100", "%", "5", "refused"] in lines
    assert ["subrequests", "55", "50/request", "110", "%"] in lines


def test_brackets_in_a_text_stay_brackets():
    claims = [ClaimResult("[bold]50[/bold] [/]", "", "ai.calls", 1, 1)]
    odd = result(
        description="[red]x[/]", claims=claims, budgets=[budget("kv.writes.accepted{family=[/]}")],
        findings=[Finding("x", "[/]")],
    )  # fmt: skip
    lines = "\n".join(shown(odd))
    for text in ("[bold]50[/bold] [/]", "[red]x[/]", "{family=[/]}"):
        assert text in lines


def test_a_key_can_neither_move_the_cursor_nor_forge_a_line():
    first = Breach(MIDNIGHT, "KV put", "\x1b[2K\rlog:1\nPASS  1 of 1", "GET /\x9b2J")
    odd = result(
        verdict="fail",
        description="first line\nsecond",
        budgets=[
            replace(budget(verdict="broken"), first=first, spent_by=[Spender("\x1b]0;log:*", "GET /", 3)])
        ],
        findings=[Finding("x", "lost \x1b[31mlog:1")],
    )
    lines = shown(odd)
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]", "".join(lines))
    assert [line for line in lines if line.startswith("PASS")] == []
    assert r"\x1b[2K\rlog:1\nPASS  1 of 1 in GET /\x9b2J" in " ".join(map(str.strip, lines))
    assert [line.strip() for line in lines[1:3]] == ["first line", "second"]


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=120)


@pytest.mark.slow
@given(texts, texts, st.integers(0, 10**12), st.sampled_from(sorted(METRICS)))
def test_no_line_is_longer_than_the_terminal_is_wide(description, says, value, metric):
    odd = result(
        description=description,
        values={"kv.writes.accepted": value, "cache.matches": value, "cache.hits": value},
        budgets=[budget(metric, "<= 1000000 or no data", measured=value, margin=-value)],
        claims=[ClaimResult(says, "", metric, value, value)],
        findings=[Finding("x", description + says)],
    )
    out = io.StringIO()
    terminal.show(Console(file=out, width=80, color_system=None), [odd])
    assert max(map(cell_len, out.getvalue().splitlines())) <= 80


def test_no_cell_is_broken_where_no_row_has_a_note():
    values = {"kv.writes.accepted": 800, "kv.writes.used_percent": 80}
    rows = [line.split() for line in shown(result(values=values)) if "KV writes" in line]
    assert rows == [["KV", "writes", "800", "1,000/day", "80", "%"]]


def test_the_report_of_a_real_run_fits_80_columns():
    fields = {"traffic": [{"plans": 20, "ai_calls": 9, "errors": {"plans": 3}}]}
    names = [f"{name}{{status=404}}" if metric.by else name for name, metric in METRICS.items()]
    lines = shown(run(**fields, budgets=dict.fromkeys(names, ">= 0 or no data")))
    assert len(lines) > len(METRICS)
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("width", [33, 80, 120])
def test_lines_end_where_their_text_ends(width):
    out = io.StringIO()
    console = Console(file=out, width=width, color_system=None)
    terminal.show(console, [run(budgets={"kv.writes.accepted": "<= 0", "cache.puts": ">= 0 or no data"})])
    lines = out.getvalue().splitlines()
    assert len(lines) > 10
    assert [line for line in lines if line.endswith(" ")] == []
