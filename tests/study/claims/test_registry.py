"""One registry of claims: scenario files repeat it, and each claim's proof shows what was measured."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from edgeday.commands.cli import main
from edgeday.replay.runner import replay
from edgeday.scenario.loader import load_one
from worker_port.profile.traffic import PlanTraffic
from worker_port.study.claims.all_claims import CLAIMS
from worker_port.study.claims.model import Verdict

ROOT = Path(__file__).parents[3]
FILES = {path.stem: path for path in sorted((ROOT / "scenarios").rglob("*.yaml"))}
REPEATED = sorted({one.scenario for claim in CLAIMS for one in claim.in_scenarios})
MODELS = {"normal-day", "high-load-day", "system-issues-day", "benefit-case-day"}
"""Scenarios in which a request can have an error and a failed call stops nothing."""


def registered(scenario):
    """What the registry says the claims of a scenario file are."""
    return sorted(
        (claim.says, one.metric, one.value, f"claim {claim.number}, {claim.lines_in_words}")
        for claim in CLAIMS
        for one in claim.in_scenarios
        if one.scenario == scenario
    )


def words(text):
    return " ".join(text.split())


def is_shown(text, output):
    """Whether a text stands in an output, as a whole where it is a number."""
    return re.search(rf"(?<![\w,.]){re.escape(text)}(?!\w|[,.]\d)", words(output)) is not None


@pytest.mark.parametrize("name", FILES)
def test_the_claims_of_a_scenario_file_are_those_of_the_registry(name):
    written = load_one(FILES[name]).scenario.claims
    assert sorted((one.says, one.metric, one.value, one.where) for one in written) == registered(name)


def test_every_scenario_that_the_registry_names_is_there():
    assert set(REPEATED) <= set(FILES)


@pytest.mark.slow
@pytest.mark.parametrize("name", REPEATED)
def test_a_scenario_and_the_registry_agree_in_number_and_verdict(outcomes, name):
    measured = {(one.where, one.metric): one for one in replay(load_one(FILES[name])).claims}
    for claim in CLAIMS:
        for one in claim.in_scenarios:
            if one.scenario != name:
                continue
            outcome = outcomes[claim.number]
            seen = measured[f"claim {claim.number}, {claim.lines_in_words}", one.metric]
            assert seen.measured == outcome.values[one.measured]
            in_its_model = outcome.verdict is Verdict.MODEL and name in MODELS
            assert seen.holds == (outcome.verdict is Verdict.HOLDS or in_its_model)


def test_only_a_day_of_the_model_observes_the_limit_of_subrequests_and_lets_failed_plans_go_on():
    for name, path in FILES.items():
        scenario = load_one(path).scenario
        plans = [part for part in scenario.traffic if isinstance(part, PlanTraffic)]
        goes_on = any(part.errors is not None and part.errors.then == "continue" for part in plans)
        assert (name in MODELS) == goes_on == (scenario.limits.subrequests == "observe"), name


@pytest.fixture(scope="module")
def output_of():
    """What a command prints on 80 columns; each is run once."""
    outputs: dict[str, str] = {}

    def run(command):
        if command not in outputs:
            program, *arguments = shlex.split(command)
            assert program == "edgeday"
            result = CliRunner(env={"COLUMNS": "80", "NO_COLOR": "1"}).invoke(main, arguments)
            assert result.exit_code == 0, command
            outputs[command] = result.stdout
        return outputs[command]

    return run


@pytest.mark.slow
@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: f"claim {claim.number}")
def test_the_command_that_a_claim_names_shows_what_was_measured(outcomes, output_of, monkeypatch, claim):
    monkeypatch.chdir(ROOT)
    measured = outcomes[claim.number].measured
    if claim.shown_by == f"edgeday claims {claim.number}":
        assert words(measured) in words(output_of(claim.shown_by))
        return
    assert claim.shows
    for text in claim.shows:
        assert is_shown(text, measured), text
        assert is_shown(text, output_of(claim.shown_by)), text
