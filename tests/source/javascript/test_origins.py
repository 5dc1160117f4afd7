"""Hosts that are seen in the source of a JavaScript worker, without running it."""

from __future__ import annotations

import pytest

from edgeday.source.seen import fetched_hosts


@pytest.fixture
def hosts_of(project):
    def hosts(text, name="worker.js", **others):
        files = {name: text, **{f"{key}.js": other for key, other in others.items()}}
        return [host for host, _ in fetched_hosts(project(files))]

    return hosts


def in_handler(code, head=""):
    return f"{head}\nexport default {{ async fetch(request, env) {{ {code} }} }};\n"


@pytest.mark.parametrize(
    "code",
    [
        'await fetch("https://api.example/x");',
        'await fetch("https://API.example:443");',
        "await fetch(`https://api.example/${request.url}`);",
        "await fetch(`https://api.example?q=${request.url}`);",
        'await fetch("https://api.example/" + request.url);',
        'await fetch("https://api".concat(".example/x"));',
        'const base = "https://api.example"; await fetch(`${base}/x`);',
        'let url; url = "https://api.example/x"; await fetch(url);',
        'const API = { base: "https://api.example", v: 1 }; await fetch(API.base + "/x");',
        'await fetch(new Request("https://api.example/x", { method: "POST" }));',
        'const asked = new Request("https://api.example/x"); await fetch(asked);',
        'await fetch(new URL("/x", "https://api.example"));',
        'const url = new URL("https://api.example/x"); url.searchParams.set("q", "1"); await fetch(url.toString());',
        'const url = new URL("https://api.example/x"); await fetch(url.href);',
        'await globalThis.fetch("https://api.example/x");',
        'return fetch("https://api.example/x", { headers: {} }).then((r) => r.json());',
        'const get = async () => fetch("https://api.example/x"); await get();',
        'const ask = (url) => fetch(url); await ask("https://api.example/x");',
        'await ask("https://api.example/x", 1); async function ask(url, n) { return (await fetch(url)).json(); }',
        'try { if (request) { await fetch("https://api.example") } } catch {}',
    ],
)
def test_a_host_that_reaches_fetch_is_shown(hosts_of, code):
    assert hosts_of(in_handler(code)) == ["api.example"]


@pytest.mark.parametrize(
    "code",
    [
        'await env.API.fetch("https://api.example/x");',
        'await this.fetch("https://api.example/x");',
        'await caches.default.match("https://cache.internal/x");',
        'await caches.default.put(new Request("https://cache.internal/x"), response);',
        'return Response.redirect("https://docs.example/x");',
        "await fetch(request);",
        "await fetch(`https://api.example${request.url}`);",
        'await fetch("https://api.example" + request.url);',
        "await fetch(`https://${env.HOST}/x`);",
        'await fetch(env.BASE + "/x");',
        'let base = "https://a.example"; base = "https://b.example"; await fetch(base + "/x");',
        'let base = "https://a.example/"; base += request.url; await fetch(base);',
        'for (const base of ["https://a.example"]) await fetch(base + "/x");',
        'const fetch = env.API.fetch; await fetch("https://api.example/x");',
        'function unused() { return fetch("https://api.example/x"); }',
        'if (false) await fetch("https://api.example/x");',
        'await fetch("/x");',
        'await fetch("ftp://api.example/x");',
        'await fetch("https://");',
        '// await fetch("https://api.example/x")',
        "const text = 'fetch(\"https://api.example/x\")';",
    ],
)
def test_a_host_that_is_in_doubt_or_reaches_no_fetch_is_not_shown(hosts_of, code):
    assert hosts_of(in_handler(code)) == []


@pytest.mark.parametrize(
    ("field", "hosts"),
    [
        ('base = "https://api.example";', ["api.example"]),
        ('constructor() { this.base = "https://api.example"; }', ["api.example"]),
        ('base = "https://a.example"; constructor(base) { this.base = base; }', []),
        ("constructor(base) { this.base = base; }", []),
    ],
)
def test_a_field_of_a_class_that_is_set_once_is_a_constant(hosts_of, field, hosts):
    text = f"class Api {{ {field} list() {{ return fetch(`${{this.base}}/x`); }} }}\nnew Api().list();"
    assert hosts_of(text) == hosts


@pytest.mark.parametrize("variables", [{"API": "https://api.example"}, {}])
def test_a_variable_that_the_worker_is_given_says_a_host(project, variables):
    main = project({"worker.js": in_handler("await fetch(env.API + '/x');")})
    hosts = [host for host, _ in fetched_hosts(main, variables=variables)]
    assert hosts == (["api.example"] if variables else [])


def test_a_parameter_called_fetch_is_not_the_platforms(hosts_of):
    assert hosts_of('export const f = (fetch) => fetch("https://api.example/x");') == []


def test_constants_and_functions_of_other_files_are_followed(hosts_of):
    entry = in_handler(
        'await fetch(`${BASE}/a`); await ask("https://b.example/x");',
        'import { BASE } from "./config"; import ask from "./ask";',
    )
    others = {
        "config": 'export const BASE = "https://a.example";',
        "ask": "export default async function ask(url) { return await fetch(url); }",
    }
    assert hosts_of(entry, **others) == ["a.example", "b.example"]


def test_a_host_is_named_once_with_its_first_place(project):
    main = project({"worker.js": '\nfetch("https://a.example/1");\nfetch("https://a.example/2");\n'})
    assert fetched_hosts(main) == [("a.example", "worker.js:2")]
