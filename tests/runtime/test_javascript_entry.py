"""JavaScript workers by their names: what is run, on what, with which variables."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from edgeday.clock import VirtualClock
from edgeday.errors import BadInput
from edgeday.hosting.javascript.binary import find_workerd
from edgeday.runtime.edge import Edge
from edgeday.runtime.entry import BadEntry, NamedWorker, resolve_worker
from edgeday.virtual_loop import run_virtual
from edgeday.web.messages import Request

BUNDLES = Path(__file__).parents[1] / "hosting" / "javascript" / "bundles"
PLAIN = """
import { WorkerEntrypoint } from "cloudflare:workers";
export default { async fetch(request, env) { return new Response(`plain ${env.NAME ?? ""}`); } };
export class Other extends WorkerEntrypoint { async fetch() { return new Response("other"); } }
"""


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """A folder to run from, on a machine without wrangler."""
    monkeypatch.delenv("EDGEDAY_WRANGLER", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def configure(folder: Path, **fields: object) -> Path:
    path = folder / "wrangler.jsonc"
    path.write_text(json.dumps({"name": "shop", "compatibility_date": "2025-01-01", **fields}))
    return path


def answer(named: NamedWorker, path: str = "/", **values: str) -> str:
    """What a worker answers to one request. values: what its KV namespace SHOP has."""
    config = named.config
    assert config is not None
    namespaces = {binding.name: binding.namespace_id for binding in config.bindings}
    clock = VirtualClock("2026-03-01T12:00:00Z")
    edge = Edge(clock=clock, namespaces=namespaces, vars=config.vars, worker=named.worker)

    async def ask() -> str:
        for key, value in values.items():
            await edge.env.SHOP.put(key, value)
        response = await edge.dispatch(Request(f"https://shop.example{path}"))
        return await response.text()

    return run_virtual(clock, ask())


@pytest.mark.workerd
def test_a_plain_file_runs_with_the_configuration_above_it(project, workerd):
    (project / "src").mkdir()
    (project / "src" / "worker.js").write_text(PLAIN)
    configure(project, vars={"NAME": "ed"}, triggers={"crons": ["0 3 * * *"]})
    named = resolve_worker("src/worker.js")
    assert answer(named) == "plain ed"
    assert named.config is not None
    assert named.config.crons == ("0 3 * * *",)
    version = find_workerd(project, str(workerd)).version
    runs_on = f"workerd {version}, compatibility date 2025-01-01"
    assert named.says == f"src/worker.js (bundle {named.worker.bundle.hash}) on {runs_on}"
    assert named.worker.runtime == {
        "workerd": version,
        "compatibility_date": "2025-01-01",
        "bundle": named.worker.bundle.hash,
    }


@pytest.mark.workerd
def test_a_plain_file_imports_other_files_of_each_kind(project, workerd):
    (project / "lib").mkdir()
    (project / "lib" / "index.js").write_text(
        'import { name } from "../name";\nexport default () => name;\nexport const two = () => name + name;\n'
    )
    (project / "name.js").write_text('export const name = "ed";\n')
    (project / "page.html").write_text("<p>да</p>")
    (project / "data.json").write_text('{"a": [1]}')
    (project / "bytes.bin").write_bytes(b"\x00\x01")
    (project / "worker.js").write_text(
        'import lib, { two } from "./lib";\nimport page from "./page.html";\n'
        'import data from "./data.json";\nimport bytes from "./bytes.bin";\n'
        'import { WorkerEntrypoint } from "cloudflare:workers";\n'
        "export default class extends WorkerEntrypoint {\n"
        "  fetch() { return new Response([lib(), two(), page, data.a[0], bytes.byteLength].join()); }\n}\n"
    )
    assert answer(resolve_worker("worker.js")) == "ed,eded,<p>да</p>,1,2"


@pytest.mark.workerd
def test_a_plain_file_by_itself_runs_as_of_the_date_of_the_runtime(project, workerd):
    (project / "worker.js").write_text(PLAIN)
    named = resolve_worker("worker.js")
    assert answer(named) == "plain "
    assert named.says.endswith(f"compatibility date {find_workerd(project, str(workerd)).version}")
    assert named.warnings == ()


@pytest.mark.workerd
def test_a_configuration_whose_main_is_plain_needs_no_wrangler(project, workerd):
    (project / "worker.js").write_text(PLAIN)
    configure(project, main="worker.js", vars={"NAME": "ed"})
    (project / ".dev.vars").write_text("NAME=secret\n")
    named = resolve_worker("wrangler.jsonc")
    assert answer(named) == "plain secret"
    assert named.says.startswith("worker.js of shop (bundle ")


@pytest.mark.workerd
def test_another_entrypoint_is_named_behind_a_colon(project, workerd):
    (project / "worker.js").write_text(PLAIN)
    named = resolve_worker("worker.js:Other")
    assert answer(named) == "other"
    assert named.says.startswith("Other of worker.js (bundle ")


@pytest.mark.workerd
@pytest.mark.parametrize(
    ("text", "entry", "what", "hint"),
    [
        (PLAIN, "worker.js:Othr", r'worker\.js: has no export "Othr"', 'did you mean "Other"?'),
        ("export class Api { fetch() {} }", "worker.js", "worker.js has no fetch", "exports: worker.js:Api"),
        (PLAIN + "export class Not {}", "worker.js:Not", "worker.js exports no Not with a fetch or", ""),
        ("export default {};", "worker.js", "worker.js has no fetch", "export default { async fetch("),
        ("const x = 1;", "worker.js", "worker.js has no fetch", "export default { async fetch("),
    ],
)
def test_a_worker_that_answers_nothing_is_refused(project, workerd, text, entry, what, hint):
    (project / "worker.js").write_text(text)
    with pytest.raises((BadEntry, BadInput), match=what) as refused:
        resolve_worker(entry)
    assert hint in f"{refused.value} {getattr(refused.value, 'hint', '')}"


@pytest.mark.workerd
def test_a_worker_may_have_crons_alone(project, workerd):
    (project / "worker.js").write_text("export default { async scheduled() {} };")
    assert list(resolve_worker("worker.js").worker.handler_sites) == ["scheduled"]


@pytest.mark.workerd
def test_a_bundle_has_what_it_was_built_with(project, workerd):
    shutil.copy(BUNDLES / "shop.bundle", project / "worker.bundle")
    named = resolve_worker("worker.bundle")
    assert answer(named, seen="before") == "hello ed before"
    assert named.says.startswith("worker.bundle (bundle 76d9fba6) on workerd ")


@pytest.mark.workerd
def test_a_bundle_has_its_texts_and_webassembly(project, workerd):
    named = resolve_worker(str(BUNDLES / "shop.bundle"))
    note = (BUNDLES / "shop" / "src" / "note.txt").read_bytes().decode()
    for path, text in (("/page", "<p>здравей</p>\n"), ("/wasm", "true"), ("/note", note)):
        assert answer(named, path) == text


@pytest.mark.workerd
def test_a_bundle_in_a_project_has_the_projects_variables_and_crons(project, workerd):
    (project / "dist").mkdir()
    shutil.copy(BUNDLES / "shop.bundle", project / "dist")
    configure(project, main="src/index.ts", vars={"NAME": "new"}, triggers={"crons": ["0 4 * * *"]})
    named = resolve_worker("dist/shop.bundle")
    assert answer(named) == "hello new "
    assert named.config is not None
    assert named.config.crons == ("0 4 * * *",)
    assert named.config.vars["COUNT"] == 3
    assert named.says.endswith(", variables and crons of wrangler.jsonc")


@pytest.mark.workerd
def test_what_a_bundle_leaves_to_the_deployment_a_configuration_says(project, workerd):
    shutil.copy(BUNDLES / "bindings.bundle", project)
    alone = resolve_worker("bindings.bundle")
    assert alone.config is not None
    assert alone.config.unsupported_bindings["NEW"] == "inherited binding"
    assert any("edgeday does not emulate: inherited binding KEY" in warning for warning in alone.warnings)
    configure(project, main="w.js", kv_namespaces=[{"binding": "NEW"}])
    (project / ".dev.vars").write_text("KEY=s3\n")
    within = resolve_worker("bindings.bundle")
    assert within.config is not None
    assert {"NEW", "KEY"} & set(within.config.unsupported_bindings) == set()
    assert within.config.unsupported_bindings["DB"] == "D1 database"
    assert [binding.name for binding in within.config.bindings] == ["NEW"]
    (warning,) = [text for text in within.warnings if "does not emulate" in text]
    assert "D1 database DB" in warning
    assert "NEW" not in warning


@pytest.mark.workerd
def test_a_service_worker_finds_its_bindings_as_globals(project, workerd):
    shutil.copy(BUNDLES / "script.bundle", project)
    named = resolve_worker("script.bundle")
    assert answer(named, "/nothing") == "hello\ned3null"
    with pytest.raises(BadEntry, match="is a service worker, which has no classes"):
        resolve_worker("script.bundle:Other")


@pytest.mark.workerd
def test_a_date_that_the_runtime_does_not_know_yet_is_warned_of(project, workerd):
    (project / "worker.js").write_text(PLAIN)
    configure(project, compatibility_date="2999-01-01")
    named = resolve_worker("worker.js")
    assert answer(named) == "plain "
    assert any("takes no compatibility date after" in warning for warning in named.warnings)


def test_without_the_runtime_it_says_how_to_get_it(project, monkeypatch):
    monkeypatch.delenv("EDGEDAY_WORKERD", raising=False)
    monkeypatch.setenv("PATH", "")
    (project / "worker.js").write_text(PLAIN)
    with pytest.raises(BadEntry, match="the Workers runtime") as refused:
        resolve_worker("worker.js")
    assert "npm i -D workerd" in refused.value.hint


@pytest.mark.parametrize("entry", ["src/index.ts", "wrangler.jsonc"])
def test_typescript_without_wrangler_says_how_to_get_it(project, monkeypatch, entry):
    monkeypatch.setenv("PATH", "")
    (project / "src").mkdir()
    (project / "src" / "index.ts").write_text("export default {}")
    configure(project, main="src/index.ts")
    with pytest.raises(BadInput) as refused:
        resolve_worker(entry)
    assert str(refused.value).startswith("src/index.ts: ")
    assert "npm i -D wrangler" in str(refused.value)
    assert "dist/worker.bundle" in str(refused.value)


@pytest.mark.slow
def test_nothing_of_it_is_imported_for_a_python_worker(project):
    (project / "shop.py").write_text("class Shop:\n    async def fetch(self, request): ...\n")
    script = (
        "import sys\nfrom edgeday.runtime.entry import resolve_worker\nresolve_worker('shop.py')\n"
        "assert not [name for name in sys.modules if 'hosting.javascript' in name], sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=project, timeout=60)


@pytest.mark.workerd
@pytest.mark.wrangler
@pytest.mark.slow
@pytest.mark.parametrize("entry", ["wrangler.jsonc", "src/index.ts"])
def test_typescript_is_bundled_by_wrangler_with_its_configuration(tmp_path, monkeypatch, workerd, entry):
    monkeypatch.chdir(shutil.copytree(BUNDLES / "shop", tmp_path / "shop"))
    (tmp_path / "shop" / ".dev.vars").write_text("NAME=secret\n")
    named = resolve_worker(entry)
    assert answer(named, seen="before") == "hello secret before"
    assert ", bundled by wrangler " in named.says
    assert set(named.worker.runtime) == {"workerd", "wrangler", "compatibility_date", "bundle"}
    assert named.config is not None
    assert named.config.crons == ("*/5 * * * *",)
    assert named.worker.bundle.flags == ("nodejs_als",)


@pytest.mark.workerd
@pytest.mark.wrangler
@pytest.mark.slow
def test_a_plain_file_that_imports_a_package_is_bundled_by_wrangler(tmp_path, monkeypatch, workerd):
    monkeypatch.chdir(tmp_path)
    package = tmp_path / "node_modules" / "greeting"
    package.mkdir(parents=True)
    (package / "package.json").write_text('{"name": "greeting", "main": "index.js"}')
    (package / "index.js").write_text("module.exports = { hello: (name) => `package ${name}` };")
    (tmp_path / "worker.js").write_text(
        'import { hello } from "greeting";\nexport default { fetch: () => new Response(hello("ed")) };\n'
    )
    named = resolve_worker("worker.js")
    assert answer(named) == "package ed"
    assert ", bundled by wrangler " in named.says


@pytest.mark.workerd
@pytest.mark.parametrize("is_old", [True, False])
def test_a_workerd_that_does_not_start_a_worker_and_is_too_old_is_named(project, monkeypatch, is_old):
    if is_old:
        monkeypatch.setattr("edgeday.hosting.javascript.binary.OLDEST_TESTED", "2999-01-01")
    (project / "worker.js").write_text("export default { fetch() {} };\nthrow new TypeError('Illegal');\n")
    with pytest.raises(BadInput) as bad:
        resolve_worker("worker.js")
    said = [(one.what, one.hint, one.line) for one in bad.value.problems]
    assert said[-1] == ("evaluating it raised TypeError: Illegal", "", 2)
    assert [hint for _, hint, _ in said[:-1]] == ["npm i -D workerd@latest brings a newer one"] * is_old
    assert all("is too old: edgeday is tested from 2999-01-01 on" in what for what, _, _ in said[:-1])
