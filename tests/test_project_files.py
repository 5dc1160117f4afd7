"""The maintainer's files: they can be read, name what exists, and agree with the project."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/tests.yml").read_text("utf-8"))
FORMS = sorted(path for path in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config")
DOCUMENTS = (
    "CONTRIBUTING.md", "SECURITY.md", "docs/architecture.md", "docs/releasing.md",
    ".github/PULL_REQUEST_TEMPLATE.md",
)  # fmt: skip
PLACE = re.compile(r"`([\w.-]+/[\w./-]*|[\w-]+\.(?:py|md|toml|yaml))`")
"""A path in a document: from the project's root, or from the product's."""


def text_of(document: str) -> str:
    return (ROOT / document).read_text("utf-8")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_place_that_a_document_names_exists(document):
    text = text_of(document)
    linked = [(ROOT / document).parent / path for path in re.findall(r"\]\((?!http|#)([^)#]+)", text)]
    assert [path for path in linked if not path.exists()] == []
    named = PLACE.findall(text)
    assert named
    for path in named:
        assert (ROOT / path).exists() or (ROOT / "emulator" / "edgeday" / path).exists(), path


@pytest.mark.parametrize("document", [*DOCUMENTS, "README.md"])
def test_every_make_target_that_a_document_names_is_there(document):
    targets = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([a-z-]+)", text_of(document), re.MULTILINE)) <= targets


def test_every_version_of_python_that_is_promised_is_tested():
    promised = [
        name.rpartition(" ")[2] for name in PROJECT["classifiers"] if re.search(r"Python :: 3\.\d", name)
    ]
    assert WORKFLOW["jobs"]["tests"]["strategy"]["matrix"]["python"] == promised
    assert PROJECT["requires-python"] == f">={promised[0]}"


def test_the_workflow_runs_what_continuous_integration_runs_with_the_least_rights():
    steps = WORKFLOW["jobs"]["tests"]["steps"]
    assert [step["run"] for step in steps if "run" in step] == ["bash .ci/run"]
    assert WORKFLOW["permissions"] == {"contents": "read"}
    for action in (step["uses"] for step in steps if "uses" in step):
        assert re.fullmatch(r"actions/[a-z-]+@(v\d+|[0-9a-f]{40})", action)


@pytest.mark.parametrize(
    "path", [form for form in FORMS if form.name != "config.yml"], ids=lambda path: path.stem
)
def test_an_issue_form_has_what_github_wants_of_it(path):
    form = yaml.safe_load(path.read_text("utf-8"))
    assert {"name", "description", "body"} <= set(form)
    fields = [field for field in form["body"] if field["type"] != "markdown"]
    assert len({field["id"] for field in fields}) == len(fields)
    for field in fields:
        assert field["type"] in {"input", "textarea", "dropdown"}
        assert field["attributes"]["label"]
        assert field["type"] != "dropdown" or len(field["attributes"]["options"]) > 1


def test_the_changelog_has_what_is_to_come_and_the_version_that_is_built():
    headings = re.findall(r"^## (.*)$", text_of("CHANGELOG.md"), re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert re.fullmatch(rf"{re.escape(PROJECT['version'])} \(\d{{4}}-\d\d-\d\d\)", headings[1])


def test_the_hooks_before_a_commit_download_nothing():
    (repository,) = yaml.safe_load(text_of(".pre-commit-config.yaml"))["repos"]
    assert repository["repo"] == "local"
    assert {hook["language"] for hook in repository["hooks"]} == {"system"}
