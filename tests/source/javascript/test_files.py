"""Which files of a JavaScript worker are read, and how much of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edgeday.source.javascript.modules import MOST_BYTES, read_worker
from edgeday.source.seen import fetched_hosts, kv_bindings_in, routes_in

BUNDLES = Path(__file__).parents[2] / "hosting" / "javascript" / "bundles"
ROUTE = 'if (url.pathname === "/{}") f();\n'


def bundle_of(main, source_map=None):
    """The form that wrangler writes for a module, with its source map."""
    metadata = {"main_module": "index.js", "bindings": []}
    parts = [
        ('name="metadata"', "", json.dumps(metadata)),
        ('name="index.js"; filename="index.js"', "application/javascript+module", main),
    ]
    if source_map is not None:
        head = 'name="index.js.map"; filename="index.js.map"'
        parts.append((head, "application/source-map", json.dumps(source_map)))
    lines = []
    for name, kind, body in parts:
        typed = f"Content-Type: {kind}\r\n" if kind else ""
        lines.append(f"--mark\r\nContent-Disposition: form-data; {name}\r\n{typed}\r\n{body}\r\n")
    return "".join(lines) + "--mark--"


def paths_of(main):
    return [route.path for route in routes_in(main)]


@pytest.mark.parametrize("name", ["shop", "shop-3"])
def test_a_bundle_with_a_source_map_shows_what_its_sources_do(name):
    sources = BUNDLES / "shop" / "src" / "index.ts"
    assert routes_in(BUNDLES / f"{name}.bundle") == routes_in(sources) != []
    assert kv_bindings_in(BUNDLES / f"{name}.bundle") == kv_bindings_in(sources)


def test_a_bundle_without_one_shows_what_its_own_code_does():
    (route,) = routes_in(BUNDLES / "script.bundle")
    assert (route.path, route.line, route.begins) == ("/{key}", "worker.js:7", True)


def test_of_a_bundle_the_users_own_files_are_read_and_no_packages(project):
    source_map = {
        "version": 3,
        "sources": ["../node_modules/hono/dist/hono.js", "../src/api.ts", "../src/index.ts"],
        "sourcesContent": [
            ROUTE.format("package"),
            'export const api = new Hono();\napi.get("/x", one);\n',
            'import { api } from "./api";\nnew Hono().route("/api", api);\nfetch("https://a.example/");\n',
        ],
        "mappings": "",
    }
    main = project({"dist/worker.bundle": bundle_of(ROUTE.format("bundled"), source_map)})
    assert [(route.path, route.line) for route in routes_in(main)] == [("/api/x", "api.ts:2")]
    assert fetched_hosts(main) == [("a.example", "index.ts:3")]


def test_what_is_no_bundle_shows_nothing(project):
    assert routes_in(project({"worker.bundle": "no bundle"})) == []


@pytest.mark.parametrize(
    ("specifier", "name"),
    [
        ("./other", "other.ts"),
        ("./other", "other/index.js"),
        ("./other.js", "other.js"),
        ("./other.js", "other.ts"),
        ("./other.mjs", "other.mts"),
        ("../src/./other", "other.tsx"),
        ("./other.page", "other.page.ts"),
    ],
)
def test_relative_paths_are_found_as_bundlers_find_them(project, specifier, name):
    files = {"src/index.ts": f'import "{specifier}";', f"src/{name}": ROUTE.format("a")}
    assert paths_of(project(files)) == ["/a"]


@pytest.mark.parametrize(
    ("options", "specifier"),
    [
        ('"paths": { "@/*": ["./src/*"] }', "@/deep/other"),
        ('"baseUrl": "./src", "paths": { "~/*": ["deep/*"] }', "~/other"),
        ('"baseUrl": "src"', "deep/other"),
        ('"paths": { "#other": ["./src/deep/other.ts"] }', "#other"),
        ('"paths": { "@/*": ["./none/*", "./src/*"] }', "@/deep/other"),
    ],
)
def test_files_of_the_project_are_found_by_the_names_that_its_tsconfig_has(project, options, specifier):
    files = {
        "src/index.ts": f'import "{specifier}"; import "@/missing"; import "hono";',
        "src/deep/other.ts": ROUTE.format("a"),
        "tsconfig.json": f'{{ // with comments\n "compilerOptions": {{ {options}, }} }}',
    }
    assert paths_of(project(files)) == ["/a"]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"compilerOptions": {"paths": 1}}'])
def test_a_tsconfig_that_says_nothing_hides_nothing(project, text):
    files = {"index.ts": 'import "./other";', "other.ts": ROUTE.format("a"), "tsconfig.json": text}
    assert paths_of(project(files)) == ["/a"]


@pytest.mark.parametrize("specifier", ["hono", "node:fs", "./missing", "./page.html", "cloudflare:workers"])
def test_packages_and_what_is_no_script_are_not_read(project, specifier):
    files = {
        "index.js": f'import x from "{specifier}";',
        "page.html": ROUTE.format("a"),
        "node_modules/hono/index.js": ROUTE.format("a"),
    }
    assert [module.name for module in read_worker(project(files))] == ["index.js"]


def test_files_that_import_each_other_are_read_once(project):
    files = {"a.js": 'import "./b";' + ROUTE.format("a"), "b.js": 'import "./a";' + ROUTE.format("b")}
    assert paths_of(project(files)) == ["/a", "/b"]


def test_more_than_is_read_in_a_second_is_left_out(project):
    padding = "/*" + "x" * MOST_BYTES + "*/"
    files = {
        "index.js": 'import "./big"; import "./small";',
        "big.js": ROUTE.format("big") + padding,
        "small.js": ROUTE.format("small"),
    }
    assert paths_of(project(files)) == ["/small"]


def test_a_file_that_has_changed_is_read_anew(project):
    main = project({"index.js": 'import "./b";', "b.js": ROUTE.format("first")})
    assert paths_of(main) == ["/first"]
    project({"b.js": ROUTE.format("then")})
    assert paths_of(main) == ["/then"]


def test_a_main_file_that_is_not_there_shows_nothing(tmp_path):
    assert routes_in(tmp_path / "index.ts") == []
