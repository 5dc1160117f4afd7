from __future__ import annotations

import re

import pytest

from edgeday.scenario.loader import json_schema
from tests.commands.conftest import SCENARIOS

COMMANDS = ("replay", "validate")


def test_validate_says_that_good_files_are_good(edgeday):
    paths = sorted(SCENARIOS.glob("*.yaml"))
    result = edgeday("validate", *paths)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [f"{path}: {path.stem} is a valid scenario" for path in paths]


def test_validate_shows_every_problem_of_every_file_and_exits_with_2(edgeday, day):
    result = edgeday("validate", day("a", days="0"), day("b"), day("c", acount="free"))
    assert (result.exit_code, result.stdout) == (2, "")
    assert [line for line in result.stderr.splitlines() if line[0] != " "] == [
        'a.yaml:5:7: "days" must be at least 1; this is 0',
        'c.yaml:5:1: unknown key "acount"',
        "2 problems; fix them and validate again",
    ]
    assert '       | ^^^^^^ did you mean "account"?' in result.stderr.splitlines()


def test_validate_prints_the_schema(edgeday):
    result = edgeday("validate", "--schema")
    assert (result.exit_code, result.stdout) == (0, json_schema())


def test_validate_of_nothing_is_2(edgeday):
    assert edgeday("validate").exit_code == 2


@pytest.mark.parametrize(
    "command", [(), *((name,) for name in COMMANDS)], ids=lambda part: " ".join(part) or "edgeday"
)
def test_help_lists_the_exit_codes_within_80_columns(edgeday, command):
    result = edgeday(*command, "--help")
    assert result.exit_code == 0
    for code in (0, 1, 2, 3, 130):
        assert re.search(rf"^ *(Exit codes: )? *{code} \w", result.stdout, re.MULTILINE)
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "Example: edgeday" in result.stdout


def test_help_lists_every_command_with_what_it_does(edgeday):
    lines = edgeday("--help").stdout.splitlines()
    for name in COMMANDS:
        assert any(re.match(rf"  {name} +\w", line) for line in lines)


def test_a_misspelt_command_is_2_and_names_the_nearest(edgeday):
    result = edgeday("replya", "x.yaml")
    assert result.exit_code == 2
    assert "no command 'replya'. Did you mean 'replay'?" in result.stderr


def test_a_command_that_is_like_no_other_lists_those_there_are(edgeday):
    result = edgeday("xyzzy")
    assert result.exit_code == 2
    assert re.search(r"There are: replay, .*validate", result.stderr.replace("\n", " "))


def test_the_version_is_that_of_the_package(edgeday):
    from importlib.metadata import version

    assert edgeday("--version").stdout == f"edgeday, version {version('edgeday')}\n"


def test_help_loads_neither_the_worker_nor_the_models(edgeday_process):
    result = edgeday_process("--help", PYTHONPROFILEIMPORTTIME="1")
    loaded = {
        line.rpartition("|")[2].strip()
        for line in result.stderr.splitlines()
        if line.startswith("import time:")
    }
    assert "edgeday.commands.cli" in loaded
    assert loaded.isdisjoint({"pydantic", "rich", "yaml", "aiohttp", "edgeday.runtime.edge", "worker_port"})
