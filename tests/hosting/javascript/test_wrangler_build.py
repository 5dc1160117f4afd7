"""Bundles that the real wrangler makes, and what is kept of them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from edgeday.errors import BadInput
from edgeday.hosting.javascript.bundles import read_bundle
from edgeday.hosting.javascript.wrangler_build import BUILDS_VARIABLE, Build, Target, build, forget_builds
from edgeday.hosting.javascript.wrangler_command import find_wrangler

pytestmark = [pytest.mark.wrangler, pytest.mark.slow]
BUNDLES = Path(__file__).parent / "bundles"


@pytest.fixture(autouse=True)
def _nothing_built(monkeypatch, tmp_path):
    builds = tmp_path / "builds"
    builds.mkdir()
    monkeypatch.setenv(BUILDS_VARIABLE, str(builds))


@pytest.fixture
def shop(tmp_path) -> Path:
    """A project of two TypeScript files and four that are modules by themselves."""
    return shutil.copytree(BUNDLES / "shop", tmp_path / "shop")


def built(config: Path | None, environment: str = "", script: Path | None = None) -> Build:
    target = Target(config, environment, script)
    wrangler = find_wrangler(target.folder)
    assert wrangler is not None
    return build(target, wrangler)


def problems_of(file: Path) -> list[str]:
    with pytest.raises(BadInput) as bad:
        built(file)
    return [f"{Path(one.path).name}:{one.line}:{one.column}: {one.what}" for one in bad.value.problems]


def test_a_configuration_is_built_as_it_is_deployed(shop):
    made = built(shop / "wrangler.jsonc")
    committed = read_bundle(BUNDLES / "shop.bundle")
    assert made.bundle.namespaces == committed.namespaces
    assert made.bundle.variables == committed.variables
    assert made.bundle.modules[1:] == committed.modules[1:]
    assert made.warnings == ()


def test_a_bundle_knows_the_files_that_it_is_made_of(shop):
    made = built(shop / "wrangler.jsonc").bundle
    assert made.folder == shop
    names = ["add.wasm", "data.bin", "greet.ts", "index.ts", "note.txt", "page.html"]
    assert list(made.sources) == [*(shop / "src" / name for name in names), shop / "wrangler.jsonc"]


def test_nothing_is_left_in_the_project(shop):
    before = sorted(shop.rglob("*"))
    built(shop / "wrangler.jsonc")
    assert sorted(shop.rglob("*")) == before


def test_what_was_built_is_not_built_again_until_a_file_changes(shop, monkeypatch):
    first = built(shop / "wrangler.jsonc")
    command = os.environ["EDGEDAY_WRANGLER"]
    again = find_wrangler(shop)
    with monkeypatch.context() as without:
        without.setenv("PATH", "")  # no Node: nothing can be built
        assert build(Target(shop / "wrangler.jsonc"), again) == first
    greet = shop / "src" / "greet.ts"
    greet.write_text(greet.read_text("utf-8").replace("hello", "good day"), "utf-8")
    assert os.environ["EDGEDAY_WRANGLER"] == command
    changed = built(shop / "wrangler.jsonc")
    assert changed.bundle.hash != first.bundle.hash
    assert b"good day" in changed.bundle.modules[0].body


def test_what_is_forgotten_is_built_again(shop, monkeypatch):
    built(shop / "wrangler.jsonc")
    forget_builds()
    monkeypatch.setenv("PATH", "")
    with pytest.raises(BadInput, match="Node"):
        built(shop / "wrangler.jsonc")


def test_a_process_that_is_started_for_work_takes_what_the_one_before_it_built(shop):
    script = """if True:
        import multiprocessing, os, sys
        from pathlib import Path
        from edgeday.hosting.javascript.wrangler_build import Target, build
        from edgeday.hosting.javascript.wrangler_command import find_wrangler

        def hash_of(folder):
            return build(Target(Path(folder, "wrangler.jsonc")), find_wrangler(Path(folder))).bundle.hash

        if __name__ == "__main__":
            folder = sys.argv[1]
            here = hash_of(folder)
            Path(folder, "src/index.ts").write_text("export default {};")
            os.environ["PATH"] = ""
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                assert pool.apply(hash_of, [folder]) == here
            print(os.environ["EDGEDAY_BUILDS"])
    """
    file = shop / "spawning.py"
    file.write_text(script.replace("if True:\n", "", 1).replace("\n        ", "\n").lstrip(), "utf-8")
    environment = {name: value for name, value in os.environ.items() if name != BUILDS_VARIABLE}
    done = subprocess.run(
        [sys.executable, file, shop], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert not Path(done.stdout.strip()).exists()


def test_an_environment_has_variables_of_its_own(shop):
    config = shop / "wrangler.jsonc"
    text = config.read_text("utf-8").replace(
        '"name"', '"env": {"staging": {"vars": {"NAME": "s"}}}, "name"', 1
    )
    config.write_text(text, "utf-8")
    assert built(config, "staging").bundle.variables == {"NAME": "s"}
    assert built(config).bundle.variables["NAME"] == "ed"


def test_variables_of_the_process_that_name_another_environment_are_not_heard(shop, monkeypatch):
    monkeypatch.setenv("CLOUDFLARE_ENV", "nowhere")
    assert built(shop / "wrangler.jsonc").bundle.variables["NAME"] == "ed"


def test_a_script_without_a_configuration_is_built_too(shop):
    (shop / "wrangler.jsonc").unlink()
    made = built(None, script=shop / "src" / "index.ts").bundle
    assert (made.main, made.variables, made.date) == ("index.js", {}, "")
    assert made.folder == shop / "src"


def test_another_script_than_the_main_one_is_built_with_the_configuration(shop):
    made = built(shop / "wrangler.jsonc", script=shop / "src" / "greet.ts").bundle
    assert (made.main, made.date) == ("greet.js", "2025-01-01")
    assert made.sources == (shop / "src" / "greet.ts", shop / "wrangler.jsonc")


def test_every_error_is_told_with_its_place(shop):
    (shop / "src" / "index.ts").write_text(
        'import { Hono } from "hono";\nimport x from "./nowhere";\nexport default { x: Hono + x };\n'
    )
    assert problems_of(shop / "wrangler.jsonc") == [
        'index.ts:1:22: Could not resolve "hono"',
        'index.ts:2:15: Could not resolve "./nowhere"',
    ]


def test_a_syntax_error_is_told_with_its_place(shop):
    (shop / "src" / "greet.ts").write_text("export const greet: string = ;\n")
    assert problems_of(shop / "wrangler.jsonc") == ['greet.ts:1:30: Unexpected ";"']


def test_a_configuration_that_wrangler_refuses_is_named(shop):
    config = json.loads((shop / "wrangler.jsonc").read_text("utf-8"))
    (shop / "wrangler.jsonc").write_text(json.dumps({**config, "r2_buckets": [{"binding": 3}]}))
    first, *_ = problems_of(shop / "wrangler.jsonc")
    assert first.startswith('wrangler.jsonc:0:0: "r2_buckets[0]" bindings should have')


def test_a_warning_about_code_is_told_and_kept(shop):
    with (shop / "src" / "index.ts").open("a") as file:
        file.write("export const twice = { a: 1, a: 2 };\n")
    first, again = built(shop / "wrangler.jsonc"), built(shop / "wrangler.jsonc")
    assert first.warnings == again.warnings
    assert len(first.warnings) == 1
    assert 'Duplicate key "a"' in first.warnings[0]
