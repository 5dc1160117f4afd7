"""The registry of differences against the bundled vectors, and the documents made from the registries."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from importlib import import_module

import pytest

from edgeday.fidelity import ASSUMED, DIFFERENCES, FOLLOWED
from tools import docs

from .conftest import BUNDLED, VECTORS
from .rules import RULES, explains

CASES = {case.id: case for case in VECTORS.load(BUNDLED).cases}


def test_every_suspected_case_is_either_a_difference_or_followed():
    registered = Counter(case_id for row in (*DIFFERENCES, *FOLLOWED) for case_id in row.cases)
    suspected = Counter(case.id for case in CASES.values() if case.tag == "simulator")
    assert registered == suspected


@pytest.mark.parametrize("row", DIFFERENCES, ids=lambda row: row.rule)
def test_every_case_of_a_difference_does_what_its_rule_is_about(row):
    assert all(explains(row.rule, CASES[case_id]) for case_id in row.cases)


ROWS = (*DIFFERENCES, *FOLLOWED)
NAMED_TESTS = [(row, test) for row in ROWS for test in row.tests]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.here if row in DIFFERENCES else row.what)
def test_every_row_is_shown_by_cases_or_tests_of_its_area(row):
    """That the cases of a difference differ, and those of what is followed agree, is held by the vectors."""
    assert bool(row.cases) != bool(row.tests)
    assert {CASES[case_id].area for case_id in row.cases} <= {row.area}


@pytest.mark.parametrize(("row", "test"), NAMED_TESTS, ids=[test for _, test in NAMED_TESTS])
def test_every_test_that_a_row_names_is_there_and_runs_and_asserts(row, test):
    assert test.startswith((f"tests/{row.area}/", "tests/production/"))
    assert_runs_and_asserts(test)


@pytest.mark.parametrize("row", ASSUMED, ids=lambda row: row.what)
def test_every_assumption_has_its_reason_and_tests_that_run_and_assert(row):
    assert row.why
    assert row.source
    assert row.tests
    for test in row.tests:
        assert_runs_and_asserts(test)


def assert_runs_and_asserts(test):
    path, _, name = test.partition("::")
    function = getattr(import_module(path.removesuffix(".py").replace("/", ".")), name)
    marks = {mark.name for mark in getattr(function, "pytestmark", ())}
    assert not marks & {"skip", "skipif", "xfail"}
    assert re.search(r"^ +(assert |with pytest\.raises)", inspect.getsource(function), re.MULTILINE)


def test_every_rule_can_be_recognised_in_a_case():
    assert RULES.keys() == {row.rule for row in DIFFERENCES}


@pytest.mark.parametrize("name", docs.FILES)
def test_a_document_is_what_its_registry_says(name):
    assert (docs.ROOT / name).read_text("utf-8") == docs.FILES[name]()


def test_the_generator_reports_a_stale_document(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(docs, "ROOT", tmp_path)
    for name in docs.FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    assert docs.main(["--check"]) == 1
    assert "docs/fidelity.md is not up to date" in capsys.readouterr().out
    assert docs.main([]) == 0
    assert docs.main(["--check"]) == 0
