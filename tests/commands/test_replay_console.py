"""What a worker prints is shown when it is asked for; else a replay says how many lines there were."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.usefixtures("forgotten_workers")

SPEAKS = """
print("asked", number, "\\nand answered")
return Response("")"""
HALF = """
print("." * number, end="")
return Response("")"""


def test_what_a_worker_prints_is_counted_and_not_shown(edgeday, day):
    result = edgeday("replay", day("speaks", fetch=SPEAKS))
    assert "asked" not in result.output
    assert result.stderr.splitlines()[-1] == (
        "console  20 lines that the worker wrote were not shown; --console shows them"
    )


def test_it_is_shown_on_standard_error_where_it_is_asked_for(edgeday, day):
    path = day("speaks", fetch=SPEAKS)
    shown, hidden = edgeday("replay", path, "--console"), edgeday("replay", path)
    written = shown.stderr.splitlines()
    assert [line for line in written if line.startswith("asked")] == [f"asked {n} " for n in range(1, 11)]
    assert "not shown" not in shown.stderr
    assert shown.stdout == hidden.stdout


def test_a_line_without_an_end_is_a_line(edgeday, day):
    result = edgeday("replay", day("speaks", fetch=HALF))
    assert "console  1 line that the worker wrote was not shown" in result.stderr


def test_nothing_is_said_of_a_worker_that_is_silent(edgeday, day):
    assert "console" not in edgeday("replay", day()).stderr


def test_of_headlines_alone_nothing_is_said_of_the_console(edgeday, day):
    result = edgeday("replay", day("speaks", fetch=SPEAKS), "--quiet")
    assert result.stderr == ""


@pytest.mark.parametrize("options", [(), ("--console",)])
def test_a_report_on_standard_output_stays_json(edgeday, day, options):
    result = edgeday("replay", day("speaks", fetch=SPEAKS), "--json", "-", *options)
    assert json.loads(result.stdout)["scenarios"][0]["name"] == "speaks"


def test_it_is_said_also_of_a_run_that_the_worker_ended(edgeday, day):
    result = edgeday(
        "replay", day("speaks", fetch="print('goes')\nraise ValueError('no soup')"), "--strict-worker"
    )
    assert result.exit_code == 3
    assert "console  1 line" in result.stderr
    assert "no soup" in result.stderr


def test_capacity_and_baseline_show_nothing_of_it(edgeday, day):
    path = day("speaks", fetch=SPEAKS)
    for command in (("capacity", path), ("baseline", "update", path)):
        result = edgeday(*command)
        assert result.exit_code == 0
        assert "asked" not in result.output
