"""The registry of differences against the bundled vectors, and the documents made from the registries."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from edgeday import web
from edgeday.coverage import MEMBERS
from edgeday.fidelity import DIFFERENCES, FOLLOWED
from tools import docs

from .conftest import BUNDLED
from .notation import load
from .rules import RULES, explains

ROOT = Path(__file__).parents[2]
CASES = {case.id: case for case in load(BUNDLED)}


def test_every_suspected_case_is_either_a_difference_or_followed():
    told = Counter(case_id for row in (*DIFFERENCES, *FOLLOWED) for case_id in row.cases)
    suspected = Counter(case.id for case in CASES.values() if case.tag == "simulator")
    assert told == suspected


@pytest.mark.parametrize("row", DIFFERENCES, ids=lambda row: row.rule)
def test_every_difference_is_shown_by_a_case_or_a_test(row):
    assert row.cases or row.tests
    for case_id in row.cases:
        assert CASES[case_id].area == row.area
        assert explains(row.rule, CASES[case_id])
    for test in row.tests:
        path, _, function = test.partition("::")
        assert re.search(rf"^(?:async )?def {function}\(", (ROOT / path).read_text("utf-8"), re.MULTILINE)


def test_every_rule_can_be_recognised_in_a_case():
    assert RULES.keys() == {row.rule for row in DIFFERENCES}


@pytest.mark.parametrize("name", docs.FILES)
def test_a_document_is_what_its_registry_says(name):
    assert (docs.DIRECTORY / name).read_text("utf-8") == docs.FILES[name]()


def test_the_generator_reports_a_stale_document(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(docs, "DIRECTORY", tmp_path)
    assert docs.main(["--check"]) == 1
    assert "docs/fidelity.md is not up to date" in capsys.readouterr().out
    assert docs.main([]) == 0
    assert docs.main(["--check"]) == 0


async def test_what_is_not_supported_says_what_the_registry_says(kv, caches):
    cache, url = caches.default, "https://example.com/"
    uses = {
        "deleteBulk(keys)": lambda: kv.deleteBulk(["a"]),
        "match, delete: ignoreSearch": lambda: cache.match(url, {"ignoreSearch": True}),
        "match, delete: ignoreVary": lambda: cache.delete(url, ignoreVary=False),
        "match, delete: cacheName": lambda: cache.match(url, cacheName="a"),
        **{f"caches.{name}": getattr(web.caches, name) for name in ("match", "has", "delete", "keys")},
        **{f"cache.{name}": getattr(cache, name) for name in ("add", "addAll", "matchAll", "keys")},
    }
    unsupported = {member.name: member.raises for member in MEMBERS if not member.supported}
    assert uses.keys() == unsupported.keys()
    for name, use in uses.items():
        with pytest.raises(Exception, match=re.escape(unsupported[name])):
            await use()
