"""Bundles of what an old wrangler writes, which knows folders only."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from edgeday.errors import BadInput
from edgeday.hosting.javascript.bundles import Bundle, read_bundle
from edgeday.hosting.javascript.wrangler_build import BUILDS_VARIABLE, Target, build
from edgeday.hosting.javascript.wrangler_command import Wrangler
from edgeday.hosting.javascript.wrangler_folder import Rule, bundle_of, rules_of

HASH = "e27ba74b58107b60039cd6a2b9861a06969bc9fc"
MODULE = """import page from "./{}-page.html";
var main_default = {{}};
export {{
  main_default as default
}};
"""
FILES = {"main.js": MODULE.format(HASH), "main.js.map": "{}", "README.md": "built"}


def bundled(tmp_path: Path, files: dict[str, str], *rules: Rule) -> Bundle | None:
    folder = tmp_path / "out"
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    made = bundle_of(folder, "main.js", rules)
    if made is None:
        return None
    (tmp_path / "made.bundle").write_bytes(made)
    return read_bundle(tmp_path / "made.bundle")


def kind_of(tmp_path: Path, name: str, *rules: Rule) -> str | None:
    made = bundled(tmp_path, {**FILES, f"{HASH}-{name}": "x"}, *rules)
    return None if made is None else made.modules[1].kind


def test_modules_and_source_maps_are_what_wrangler_wrote(tmp_path):
    made = bundled(tmp_path, {**FILES, f"{HASH}-page.html": "<p>\r\n"})
    assert made is not None
    assert (made.form, made.main) == ("modules", "main.js")
    assert [(one.name, one.kind) for one in made.modules] == [
        ("main.js", "esModule"),
        (f"{HASH}-page.html", "text"),
    ]
    assert made.modules[1].body == b"<p>\r\n"
    assert made.source_maps == {"main.js": b"{}"}


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.html", "text"), ("a.txt", "text"), ("a.sql", "text"), ("a.bin", "data"), ("a.wasm", "wasm")],
)
def test_a_module_is_of_the_kind_that_its_ending_says(tmp_path, name, kind):
    assert kind_of(tmp_path, name) == kind


@pytest.mark.parametrize(
    ("name", "rule", "kind"),
    [
        ("a.md", Rule("Text", ("**/*.md",)), "text"),
        ("client.js", Rule("Text", ("*/pages/**",)), "text"),
        ("a.md", Rule("Data", ("**/*.md",)), "data"),
    ],
)
def test_a_rule_says_what_endings_do_not(tmp_path, name, rule, kind):
    assert kind_of(tmp_path, name, rule) == kind


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("a.md", ()),
        ("a.html", (Rule("Data", ("*/pages/**",)),)),
        ("a.md", (Rule("Text", ("a/**",)), Rule("Data", ("b/**",)))),
    ],
    ids=["no rule", "a rule of a folder against the ending", "two rules"],
)
def test_there_is_no_bundle_where_a_module_may_be_of_one_kind_or_another(tmp_path, name, rules):
    assert kind_of(tmp_path, name, *rules) is None


def test_a_script_without_exports_is_a_service_worker(tmp_path):
    made = bundled(tmp_path, {"main.js": "(() => {\n  addEventListener('fetch', () => {});\n})();\n"})
    assert made is not None
    assert (made.form, made.modules[0].kind) == ("service-worker", "serviceWorkerScript")


def test_rules_are_those_of_the_environment(tmp_path):
    rules = {"rules": [{"type": "Text", "globs": ["**/*.md"]}]}
    path = tmp_path / "wrangler.json"
    path.write_text(json.dumps({"name": "shop", **rules, "env": {"test": {"name": "shop-test"}}}))
    assert rules_of(path, "") == rules_of(path, "test") == (Rule("Text", ("**/*.md",)),)
    assert rules_of(None, "") == ()


OLD_WRANGLER = """#!{python}
import sys
from pathlib import Path
arguments = sys.argv[1:]
if "--outfile" in arguments:
    print("X [ERROR] Unknown argument: outfile")
    sys.exit(1)
out = Path(arguments[arguments.index("--outdir") + 1])
out.mkdir()
for name, text in {files!r}.items():
    (out / name).write_text(text)
print({said!r})
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for wrangler is a script with a first line")
@pytest.mark.parametrize(
    ("files", "said", "is_made"),
    [
        (FILES, "Total Upload: 1 KiB", True),
        ({**FILES, "page.md": ""}, "Total Upload: 1 KiB", False),
        (FILES, "- Text Blobs:\n  - PAGE: page.txt", False),
    ],
    ids=["all is known", "a module of no known type", "parts of a service worker"],
)
def test_a_wrangler_that_writes_no_bundles_makes_one_where_its_folder_says_enough(
    tmp_path, monkeypatch, files, said, is_made
):
    (tmp_path / "builds").mkdir()
    monkeypatch.setenv(BUILDS_VARIABLE, str(tmp_path / "builds"))
    config, command = tmp_path / "wrangler.json", tmp_path / "wrangler"
    config.write_text('{"name": "shop", "main": "main.ts"}')
    command.write_text(OLD_WRANGLER.format(python=sys.executable, files=files, said=said))
    command.chmod(0o755)
    target, wrangler = Target(config), Wrangler(command, "3.44.0")
    if is_made:
        assert build(target, wrangler).bundle.main == "main.js"
        return
    with pytest.raises(BadInput) as bad:
        build(target, wrangler)
    (problem,) = bad.value.problems
    assert problem.what == "wrangler 3.44.0 does not write bundles: it is too old"
