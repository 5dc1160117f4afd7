"""Names of scenarios: in any script, and in every report and file that carries them."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import jsonschema
import pytest
from click.testing import CliRunner

from edgeday.commands.cli import main
from edgeday.errors import BadInput
from edgeday.fields import is_name
from edgeday.scenario.loader import json_schema, load_text

GOOD = ("day", "7 days", "a.b_c-d", "петък-вечер", "δοκιμή 1", "दिन", "金曜日", "Été", "e\u0301te\u0301")
BAD = (
    "-day",
    " day",
    "a/b",
    "a:b",
    'a"b',
    "<b>",
    "день!",
    "🍏",
    "a\u202eb",
    "a\nb",
    "\u0301",
    "a\u00a0b",
    "",
)


def scenario(name):
    head = f"name: {json.dumps(name, ensure_ascii=False)}\nstart: 2026-02-16T00:00:00Z\n"
    return head + "traffic: [{plans: 3, errors: {plans: 1}}]\nbudgets: {plans.started: 3}\n"


@pytest.mark.parametrize("name", GOOD)
def test_letters_of_every_script_name_a_scenario(tmp_path, name):
    assert load_text(scenario(name), tmp_path / "day.yaml").scenario.name == name


@pytest.mark.parametrize("name", BAD)
def test_what_a_file_name_or_a_page_might_take_for_something_else_names_none(tmp_path, name):
    assert not is_name(name)
    with pytest.raises(BadInput, match=r"must be letters, digits, blanks and|must not be empty"):
        load_text(scenario(name), tmp_path / "day.yaml")


def test_the_schema_for_editors_knows_the_rule():
    schema = jsonschema.Draft202012Validator(json.loads(json_schema())["properties"]["name"])
    assert [name for name in GOOD if not schema.is_valid(name)] == []
    ascii_only = [name for name in BAD if name.isascii()]
    assert [name for name in ascii_only if schema.is_valid(name)] == []


def test_every_report_state_file_journal_and_baseline_carries_such_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name = "петък-вечер"
    (tmp_path / "day.yaml").write_text(scenario(name), "utf-8")

    def run(*arguments):
        result = CliRunner().invoke(main, [*arguments])
        assert result.exit_code == 0, result.output
        return result.output

    files = (
        "--json",
        "r.json",
        "--junit",
        "r.xml",
        "--markdown",
        "r.md",
        "--html",
        "r.html",
        "--journal",
        "j",
    )
    assert f"PASS  {name}, FITS the free account" in run(
        "replay", "day.yaml", "--store", "sqlite:{name}.sqlite", *files
    )
    assert (tmp_path / f"{name}.sqlite").is_file()
    assert json.loads((tmp_path / "r.json").read_text("utf-8"))["scenarios"][0]["name"] == name
    suite = ElementTree.parse(tmp_path / "r.xml").getroot()[0]
    assert suite.get("name") == name
    assert name in (tmp_path / "r.html").read_text("utf-8")
    assert f"| {name} |" in (tmp_path / "r.md").read_text("utf-8")
    run("baseline", "update", "day.yaml", "--to", "baseline.json")
    compared = run("replay", "--from-journal", "j", "--baseline", "baseline.json")
    assert "No metric has changed against baseline.json" in compared
