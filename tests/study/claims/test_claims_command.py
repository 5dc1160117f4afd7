"""`edgeday claims`: its reports, its exit codes, and the page that is made with it."""

from __future__ import annotations

import io
import json
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from edgeday.commands.cli import main
from worker_port.study.claims.all_claims import CLAIMS
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


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: f"claim {claim.number}")
def test_the_command_that_shows_a_claim_is_there(claim):
    program, name, *arguments = shlex.split(claim.shown_by)
    assert program == "edgeday"
    context = main.make_context("edgeday", [name])
    command = main.get_command(context, name)
    assert command is not None
    for word in arguments:
        if word.endswith(".yaml"):
            assert (ROOT / word).is_file()
    if name == "logs":
        assert arguments[0] in command.commands
    if name == "claims":
        assert arguments == [str(claim.number)]


def test_named_claims_are_the_ones_that_are_checked(claims):
    result = claims(*CHEAP)
    assert result.exit_code == 0
    assert " ".join(result.stdout.split()).endswith("2 cannot be checked")
    assert "10  cannot be checked" in result.stdout


def test_json_has_every_field_of_a_claim(claims):
    data = json.loads(claims("34", "--json", "-").stdout)
    assert data["schema"] == 1
    assert data["verdicts"] == {
        "holds": 0, "holds under stated conditions": 1, "does not hold": 0, "cannot be checked": 0
    }  # fmt: skip
    (row,) = data["claims"]
    assert row.pop("measured")
    assert row == {
        "number": 34,
        "says": "Chat messages are not logged to KV",
        "where": "Examples",
        "verdict": "holds under stated conditions",
        "condition": "if they succeed",
        "values": {"good": 0, "failed": 1},
        "shown_by": "edgeday claims 34",
    }


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
        ('{"claims": [{"number": 54, "verdict": "holds"}]}', "54 is the number of no claim"),
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
        (["54"], "54 is no claim"),
        (["1", "--expect", "missing.json"], "cannot be read"),
        (["1", "--json", "missing/claims.json"], "there is no directory missing"),
    ],
)
def test_bad_input_is_refused_with_exit_code_2(claims, arguments, message):
    result = claims(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
