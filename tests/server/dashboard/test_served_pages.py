"""`edgeday serve --scenarios`: what the dashboard of a served account can replay."""

from __future__ import annotations

import urllib.request

import pytest
from click.testing import CliRunner

from edgeday.commands.cli import main
from tests.server.test_serve_command import serving

pytestmark = pytest.mark.slow


def page(origin: str, path: str) -> str:
    with urllib.request.urlopen(f"{origin}/__edgeday/{path}", timeout=10) as answer:
        return answer.read().decode()


def test_the_command_says_where_the_dashboard_is_and_offers_the_scenarios_of_the_directory(scenarios):
    with serving("--scenarios", scenarios) as (_, origin, output):
        assert f"  dashboard {origin}/__edgeday/" in output
        assert "<option>small.yaml</option>" in page(origin, "replay")


def test_without_the_option_the_directory_scenarios_is_taken_if_there_is_one(scenarios, tmp_path):
    with serving(cwd=scenarios.parent) as (_, origin, _said):
        assert "<option>small.yaml</option>" in page(origin, "replay")
    (tmp_path / "empty").mkdir()
    with serving(cwd=tmp_path / "empty") as (_, origin, _said):
        assert "There are no scenarios to choose from." in page(origin, "replay")


def test_scenarios_that_are_no_directory_are_refused(tmp_path):
    result = CliRunner().invoke(main, ["serve", "--scenarios", str(tmp_path / "none")])
    assert result.exit_code == 2
    assert "is no directory" in result.output
