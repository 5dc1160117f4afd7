"""What workerd says when it does not start is told as problems of the user's files."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgeday.commands.cli import main
from edgeday.errors import Problem
from edgeday.hosting.javascript.bundles import Bundle, Module
from edgeday.hosting.javascript.stacks import Stacks
from edgeday.hosting.javascript.start_problems import start_problems

SOURCE = """import { shop } from "./lib/shop.js";
const a = 1;
const a = shop(new Date());
"""
SHOP = """import { Hono } from 'hono';
import { price } from "../price.js";
"""


def problems(said: str) -> tuple[Problem, ...]:
    modules = (
        Module("worker.js", "esModule", SOURCE.encode()),
        Module("lib/shop.js", "esModule", SHOP.encode()),
        Module("menu.json", "json", b'{"soup": 1,\n "tea" 2}'),
    )
    bundle = Bundle("worker.js", "modules", modules)
    return start_problems(said, bundle, Stacks(bundle))


def problem(said: str) -> Problem:
    (only,) = problems(f"service i0: {said}\n")
    return only


def test_a_syntax_error_has_its_place_and_the_line() -> None:
    said = "Uncaught SyntaxError: Identifier 'a' has already been declared\n  at worker.js:3:6"
    assert str(problem(said)).splitlines() == [
        "worker.js:3:7: SyntaxError: Identifier 'a' has already been declared",
        "     3 | const a = shop(new Date());",
        "       |       ^",
    ]


def test_an_exception_has_the_innermost_line_of_the_worker() -> None:
    said = "Uncaught TypeError: no menu\n  at edgeday:state:1:2 in need\n  at lib/shop.js:2:10 in shop"
    found = problem(f"{said}\n  at worker.js:3:11")
    assert (found.where, found.what) == ("lib/shop.js:2:10", "evaluating it raised TypeError: no menu")


@pytest.mark.parametrize(
    ("name", "importer", "where", "hint"),
    [
        ("hono", "lib/shop.js", "lib/shop.js:1:22", "npm packages"),
        ("price.js", "lib/shop.js", "lib/shop.js:2:23", "npm packages"),
        ("lib/shop.js", "worker.js", "worker.js:1:22", "npm packages"),
        ("node:fs", "worker.js", "worker.js:1:1", "nodejs_compat"),
        ("fs", "worker.js", "worker.js:1:1", "nodejs_compat"),
        ("cloudflare:new", "worker.js", "worker.js:1:1", "workerd@latest"),
    ],
)
def test_a_missing_module_has_the_import_that_names_it(
    name: str, importer: str, where: str, hint: str
) -> None:
    found = problem(f'Uncaught Error: No such module "{name}".\n  imported from "{importer}"')
    assert (found.where, found.what) == (where, f'there is no module "{name}"')
    assert hint in found.hint


@pytest.mark.parametrize(
    ("url", "where", "what"),
    [
        ("file:///bundle/hono", "lib/shop.js:1:22", 'there is no module "hono"'),
        ("file:///bundle/price.js", "lib/shop.js:2:23", 'there is no module "price.js"'),
        ("file:///bundle/lib/shop.js", "worker.js:1:22", 'there is no module "lib/shop.js"'),
        ("file:///bundle/other.js", "worker.js", 'there is no module "other.js"'),
    ],
)
def test_the_newer_registry_of_modules_says_it_in_other_words(url: str, where: str, what: str) -> None:
    found = problem(f"Uncaught Error: Module not found: {url}")
    assert (found.where, found.what) == (where, what)


def test_a_module_of_json_that_is_none_has_its_place() -> None:
    found = problem("Uncaught SyntaxError: Expected ':' after property name in JSON at position 18\n:1:1")
    assert found.where == "menu.json:2:8"


def test_json_that_the_worker_parses_itself_has_the_workers_line() -> None:
    found = problem("Uncaught SyntaxError: Unexpected token in JSON at position 1\n  at worker.js:3:10")
    assert found.line == 3
    assert found.path == "worker.js"


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("No such compatibility flag: nodejs", 'workerd knows no compatibility flag "nodejs"'),
        (
            "Compatibility flag specified multiple times: nodejs_compat",
            'the compatibility flag "nodejs_compat" is given twice',
        ),
        (
            "The compatibility flag unsafe_module is experimental and may break or be removed.",
            'the compatibility flag "unsafe_module" is experimental',
        ),
        ("Invalid compatibility date: 20xx", "workerd does not take the compatibility date 20xx"),
        (
            "Uncaught Error: Top-level await in module is unsettled.",
            "it waits at its top level for what never comes",
        ),
        ("something new", "workerd does not start it; workerd said: something new"),
    ],
)
def test_what_has_no_line_is_said_of_the_worker(said: str, what: str) -> None:
    found = problem(said)
    assert (found.where, found.what) == ("worker.js", what)


def test_what_workerd_writes_for_its_own_developers_is_not_shown() -> None:
    said = "workerd/jsg/util.c++:300: error: e = jsg.Error: x; stack: 1a2b 3c4d\nservice i0: something new"
    (found,) = problems(f"{said}; stack: 7f01 7f02\n")
    assert found.what == "workerd does not start it; workerd said: something new"


def test_what_workerd_says_at_length_is_shown_in_short() -> None:
    assert len(problem("x" * 5000).what) < 400


def test_isolates_that_fail_alike_are_one_problem() -> None:
    said = "Uncaught TypeError: no menu\n  at worker.js:2:1\n"
    assert len(problems(f"service i0: {said}service i1: {said}")) == 1


@pytest.mark.parametrize("said", ["", "\n", "workerd/server/server.c++:12: info: listening"])
def test_silence_is_a_problem_too(said: str) -> None:
    (found,) = problems(said)
    assert found.what == "workerd ended before it was ready, and did not say why"


DAY = """name: a day
start: 2026-02-16T00:00:00Z
worker: worker.js
traffic:
  - {name: visits, requests: 24, get: /}
"""


@pytest.mark.workerd
@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("export default { fetch() { return new Response( } };", "worker.js:1:49: SyntaxError: Unexpected"),
        ("export default { fetch() { return new Response() }\n", "worker.js:2:1: SyntaxError: Unexpected"),
        ("export default { fetch() {\n  return `x) } };", "worker.js:2:18: SyntaxError: Unexpected"),
        ("const a = {\nexport default { fetch() {} };", "worker.js:2:8: SyntaxError: Unexpected"),
        (
            "\nconst menu = nothing.soup;\nexport default { fetch() {} };",
            "worker.js:2:14: evaluating it raised",
        ),
        (
            "export default { fetch() {} };\nsetTimeout(() => {}, 10);",
            "worker.js:2:1: it fetches, waits or",
        ),
    ],
)
def test_validate_names_the_place_in_the_users_file(
    workerd: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    source: str,
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("worker.js").write_text(source)
    Path("day.yaml").write_text(DAY)
    with pytest.raises(SystemExit) as ended:
        main(["validate", "day.yaml"])
    assert ended.value.code == 2
    shown = capsys.readouterr().err
    assert said in shown
    assert "workerd" not in shown
    assert "edgeday:" not in shown
