"""Plain files as a bundle: what they import, how it is named, and what only a bundler can do."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from edgeday.errors import BadInput
from edgeday.hosting.javascript.bundles import Bundle
from edgeday.hosting.javascript.source_maps import SourceMap
from edgeday.runtime.plain_modules import NeedsBundler, read_plain

DEFAULT = "export default { fetch() { return new Response('x'); } };\n"


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Writes files, and gives the first one's path."""
    monkeypatch.chdir(tmp_path)

    def files(**contents: str | bytes) -> Path:
        paths = []
        for name, content in contents.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
            paths.append(path)
        return paths[0]

    return files


def modules_of(bundle: Bundle) -> dict[str, str]:
    return {module.name: module.kind for module in bundle.modules}


def problems_of(main: Path, kind: type[BadInput] = NeedsBundler) -> list[str]:
    with pytest.raises(BadInput) as bad:
        read_plain(main)
    assert type(bad.value) is kind
    return [f"{problem.where}: {problem.what}" for problem in bad.value.problems]


def test_a_file_by_itself_is_one_module(write):
    main = write(**{"worker.js": DEFAULT})
    bundle = read_plain(main, date="2026-01-01", flags=("a",))
    assert (bundle.main, bundle.form) == ("worker.js", "modules")
    assert (bundle.date, bundle.flags) == ("2026-01-01", ("a",))
    assert modules_of(bundle) == {"worker.js": "esModule"}
    assert bundle.modules[0].body.decode() == DEFAULT
    assert (bundle.folder, bundle.sources) == (main.parent, (main,))


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("export default {};", "modules"),
        ("const x = {}; export { x as default };", "modules"),
        ("export class Api {}", "modules"),
        ("export const a = 1, b = 2;", "modules"),
        ("addEventListener('fetch', (event) => {});", "service-worker"),
        ("// export default\nconst text = 'export default 1';", "service-worker"),
        ("", "service-worker"),
        ("export default { async fetch() { return new Response('x') }", "modules"),
        ("const a = {\nexport default { fetch() {} };", "modules"),
        ("const text = `\nexport default 1`;", "service-worker"),
        ("addEventListener('fetch', (event) => {;", "service-worker"),
    ],
)
def test_a_file_that_exports_something_is_an_es_module_and_any_other_a_service_worker(write, text, form):
    bundle = read_plain(write(**{"worker.js": text}))
    kind = "esModule" if form == "modules" else "serviceWorkerScript"
    assert (bundle.form, bundle.modules[0].kind) == (form, kind)


def test_files_that_are_imported_are_modules_of_their_kinds(write):
    imports = "".join(
        f'import {name} from "./parts/{file}";\n'
        for name, file in (
            ("a", "a.txt"),
            ("b", "b.html"),
            ("c", "c.sql"),
            ("d", "d.bin"),
            ("e", "e.wasm"),
            ("f", "f.wasm?module"),
            ("g", "g.json"),
            ("h", "h.mjs"),
        )
    )
    names = ["a.txt", "b.html", "c.sql", "d.bin", "e.wasm", "f.wasm", "g.json", "h.mjs"]
    parts = {f"parts/{name}": b"\x00\r\n" for name in names}
    bundle = read_plain(write(**{"worker.js": imports + DEFAULT, **parts}))
    assert modules_of(bundle) == {
        "worker.js": "esModule",
        "parts/a.txt": "text",
        "parts/b.html": "text",
        "parts/c.sql": "text",
        "parts/d.bin": "data",
        "parts/e.wasm": "wasm",
        "parts/f.wasm": "wasm",
        "parts/f.wasm?module": "wasm",
        "parts/g.json": "json",
        "parts/h.mjs": "esModule",
    }
    assert {module.body for module in bundle.modules[1:]} == {b"\x00\r\n"}


def test_imports_are_followed_in_whatever_way_they_are_written(write):
    main = write(
        **{
            "worker.js": 'import "./a.js";\nexport * from "./b.js";\nexport { c } from "./c.js";\n'
            'const d = () => import("./d.js");\n// import "./no.js"\nconst text = `import "./no.js"`;\n',
            "a.js": 'import "./e.js";',
            "b.js": "",
            "c.js": "export const c = 1;",
            "d.js": 'import "./worker.js"; import "./a.js";',
            "e.js": 'import "node:buffer"; import "cloudflare:workers";',
        }
    )
    assert list(modules_of(read_plain(main))) == ["worker.js", "a.js", "b.js", "c.js", "d.js", "e.js"]


def test_files_above_the_main_one_move_the_folder_up(write):
    main = write(
        **{
            "src/worker.js": 'import "../lib/a.js";\n' + DEFAULT,
            "lib/a.js": 'import "../src/b.js";',
            "src/b.js": "",
        }
    )
    bundle = read_plain(main)
    assert bundle.main == "src/worker.js"
    assert bundle.folder == main.parents[1]
    assert list(modules_of(bundle)) == ["src/worker.js", "lib/a.js", "src/b.js"]


def test_a_path_without_an_ending_is_another_name_of_the_file(write):
    main = write(
        **{
            "worker.js": 'import { a } from "./a";\nimport b from "./b";\nimport "./c";\nimport "./a.js";\n'
            + DEFAULT,
            "a.js": "export const a = 1;",
            "b/index.js": "export default 1;",
            "c.json": "{}",
        }
    )
    modules = {module.name: module.body.decode() for module in read_plain(main).modules}
    assert list(modules) == ["worker.js", "a.js", "b/index.js", "c.json", "a", "b", "c"]
    assert modules["a"] == 'export * from "./a.js";\n'
    assert modules["b"] == 'export * from "./b/index.js";\nexport { default } from "./b/index.js";\n'
    assert modules["c"] == "{}"


def test_what_only_a_bundler_can_do_is_told_with_its_place(write):
    main = write(
        **{
            "worker.js": 'import { Hono } from "hono";\nimport { a } from "./a";\nimport "https://x.example/y.js";\n'
            'import b from "./b.cjs";\nimport c from "./c.js";\nconst d = require("./d.js");\n' + DEFAULT,
            "a.ts": "",
            "b.cjs": "",
            "c.js": "module.exports = 1;",
        }
    )
    assert problems_of(main) == [
        'worker.js:1:23: "hono" is an npm package',
        'worker.js:3:9: "https://x.example/y.js" is on the network, where modules do not come from',
        'worker.js:6:20: "./d.js" is required, which modules cannot',
        "a.ts: is TypeScript, so that it has to be bundled",
        "b.cjs: is CommonJS, so that it has to be bundled",
        "c.js: is CommonJS, so that it has to be bundled",
    ]


def test_a_problem_shows_its_line_and_what_to_do(write):
    main = write(**{"worker.js": 'import { Hono } from "hono";\n' + DEFAULT})
    with pytest.raises(NeedsBundler) as bad:
        read_plain(main)
    (problem,) = bad.value.problems
    assert problem.excerpt == '     1 | import { Hono } from "hono";\n       |                       ^^^^'
    assert "npm i -D wrangler" in problem.hint


def test_a_service_worker_that_imports_something_has_to_be_bundled(write):
    main = write(
        **{"worker.js": 'import t from "./t.txt";\naddEventListener("fetch", () => {});', "t.txt": ""}
    )
    assert problems_of(main) == ["worker.js:1:16: a service worker imports something"]


def test_a_file_that_is_not_there_is_told_with_its_place_before_all_else(write):
    main = write(**{"worker.js": 'import "hono";\nimport "./util.js";\n' + DEFAULT, "utils.js": ""})
    assert problems_of(main, BadInput) == [
        'worker.js:2:9: there is no file "./util.js"',
        'worker.js:1:9: "hono" is an npm package',
    ]
    with pytest.raises(BadInput, match=r'did you mean "\./utils\.js"\?'):
        read_plain(main)
    assert problems_of(main.with_name("none.js"), BadInput) == [f"{main.with_name('none.js')}: no such file"]


@pytest.mark.parametrize("root", ["", "src/"])
def test_the_source_map_that_a_file_names_is_read_with_its_paths_from_the_folder(write, root):
    map = {"version": 3, "sources": ["a.ts"], "sourceRoot": root, "mappings": "AAAA"}
    main = write(
        **{
            "worker.js": 'import "./dist/a.js";\n' + DEFAULT,
            "dist/a.js": "let a;\n//# sourceMappingURL=maps/a.js.map\n",
            "dist/maps/a.js.map": json.dumps(map),
        }
    )
    (data,) = read_plain(main).source_maps.values()
    position = SourceMap(data).position(1, 1)
    assert position is not None
    assert position.source == f"dist/maps/{root}a.ts"


def test_a_source_map_may_stand_in_the_file_itself(write):
    text = base64.b64encode(b'{"version": 3, "sources": ["a.ts"], "mappings": "AAAA"}').decode()
    url = f"//# sourceMappingURL=data:application/json;charset=utf-8;base64,{text}"
    bundle = read_plain(write(**{"worker.js": DEFAULT + url}))
    assert SourceMap(bundle.source_maps["worker.js"]).sources == ("a.ts",)


@pytest.mark.parametrize("url", ["gone.map", "data:application/json;base64,%%%", "worker.js"])
def test_a_source_map_that_cannot_be_read_is_left_out(write, url):
    bundle = read_plain(write(**{"worker.js": f"{DEFAULT}//# sourceMappingURL={url}"}))
    assert bundle.source_maps == {}
