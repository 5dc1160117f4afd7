"""`edgeday claims`: its reports, its exit codes, and the page that is made with it."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from edgeday.commands.cli import main
from worker_port.study.reports import claims as report

ROOT = Path(__file__).parents[3]
CHEAP = ["10", "49"]


@pytest.fixture
def claims():
    def run(*arguments):
        words = ["claims", *map(str, arguments)]
        return CliRunner(env={"COLUMNS": "80", "NO_COLOR": "1"}).invoke(main, words)

    return run


@pytest.fixture
def expected(tmp_path):
    """Write a file of expected verdicts: number -> verdict."""

    def write(verdicts):
        path = tmp_path / "expected.json"
        rows = [{"number": number, "verdict": verdict} for number, verdict in verdicts.items()]
        path.write_text(json.dumps({"claims": rows}))
        return path

    return write


@pytest.mark.slow
def test_the_page_on_claims_is_up_to_date(checked):
    page = (ROOT / "worker_port" / "study" / "docs" / "claims.md").read_text("utf-8")
    assert page == report.markdown(checked), "run: edgeday claims --markdown worker_port/study/docs/claims.md"


def test_the_report_is_80_columns_wide(checked):
    output = io.StringIO()
    report.show(Console(width=80, file=output), checked, [])
    assert max(map(len, output.getvalue().splitlines())) <= 80


def test_the_gravest_claims_come_first_and_those_of_other_documents_last(checked):
    titles = [title for title, _, _ in report.groups(checked)]
    assert titles == [
        "breaks production", "too optimistic", "too pessimistic", "contradicts itself", "cosmetic", "holds",
        "cannot be checked", "about other documents",
    ]  # fmt: skip


def test_the_summary_counts_what_claims_come_to(checked):
    assert report.summary(checked) == (
        "68 claims of the document: 4 break production, 24 are too optimistic, 13 are too pessimistic, "
        "8 contradict themselves, 3 are cosmetic, 13 hold, 3 cannot be checked; "
        "3 about other documents not counted"
    )


def test_named_claims_are_the_ones_that_are_checked(claims):
    result = claims(*CHEAP)
    assert result.exit_code == 0
    assert result.stdout.rstrip().endswith("2 claims of the document: 2 cannot be checked")
    assert "10  cannot be checked" in result.stdout


def test_json_has_every_field_of_a_claim(claims):
    data = json.loads(claims("34", "--json", "-").stdout)
    assert data["schema"] == 2
    assert data["counted"] == 1
    assert {name for name, count in data["verdicts"].items() if count} == {"holds under stated conditions"}
    assert {name for name, count in data["consequences"].items() if count} == {"too optimistic"}
    (row,) = data["claims"]
    assert row.pop("measured")
    assert row == {
        "number": 34,
        "says": "Chat messages are not logged to KV",
        "where": "Examples",
        "lines": [256],
        "document": "",
        "consequence": "too optimistic",
        "verdict": "holds under stated conditions",
        "condition": "if they succeed",
        "values": {"good": 0, "failed": 1},
        "shown_by": "edgeday claims 34",
    }


def test_a_claim_of_another_document_is_said_and_not_counted(claims):
    data = json.loads(claims("51", "--json", "-").stdout)
    assert data["counted"] == 0
    assert [row["document"] for row in data["claims"]] == ["SECURITY_SUMMARY_CACHE_API.md"]
    assert "0 claims of the document; 1 about other documents not counted" in claims("51").stdout


def test_its_own_json_is_what_it_expects(claims, tmp_path):
    path = tmp_path / "claims.json"
    assert claims(*CHEAP, "--json", path).exit_code == 0
    assert claims(*CHEAP, "--expect", path).exit_code == 0


def test_a_verdict_that_was_not_expected_gives_exit_code_1_and_is_named(claims, expected):
    result = claims("34", "--expect", expected({34: "holds"}))
    assert result.exit_code == 1
    assert 'claim 34: "holds under stated conditions", expected was "holds"' in result.stdout


def test_what_is_expected_of_claims_that_are_not_checked_does_not_matter(claims, expected):
    assert claims("49", "--expect", expected({34: "holds", 49: "cannot be checked"})).exit_code == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "not JSON"),
        ("[]", "is no report on claims"),
        ('{"claims": 5}', "is no report on claims"),
        ('{"claims": [{"number": 72, "verdict": "holds"}]}', "72 is the number of no claim"),
        ('{"claims": [{"number": 5, "verdict": "true"}]}', "'true' is no verdict"),
        ('{"claims": [5]}', "None is the number of no claim"),
        ("[" * 100_000, "is no report on claims"),
    ],
)
def test_a_bad_file_of_expected_verdicts_is_refused(claims, tmp_path, content, message):
    path = tmp_path / "expected.json"
    path.write_text(content)
    result = claims("49", "--expect", path)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


def test_all_that_is_wrong_with_expected_verdicts_is_said_in_one_go(claims, expected):
    assert "2 problems" in claims("49", "--expect", expected({0: "holds", 1: "maybe"})).stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["0"], "0 is no claim"),
        (["72"], "72 is no claim"),
        (["1", "--expect", "missing.json"], "cannot be read"),
        (["1", "--json", "missing/claims.json"], "there is no directory missing"),
    ],
)
def test_bad_input_is_refused_with_exit_code_2(claims, arguments, message):
    result = claims(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
