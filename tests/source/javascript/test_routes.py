"""Routes that are seen in the source of a JavaScript worker, without running it."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest

from edgeday.source.seen import routes_in


@pytest.fixture
def seen(project):
    def routes_of(text, name="worker.js", **others):
        return routes_in(project({name: text, **{f"{key}.js": other for key, other in others.items()}}))

    return routes_of


def in_fetch(text):
    """A module's handler with these statements."""
    inner = indent(dedent(text), " " * 4)
    return f"export default {{\n  async fetch(request, env, ctx) {{\n    const url = new URL(request.url);\n{inner}\n  }},\n}};\n"


def named(routes):
    return [f"{route.method} {route.path}" for route in routes]


@pytest.mark.parametrize(
    ("text", "routes"),
    [
        ('if (url.pathname === "/a") return a();', ["GET /a"]),
        ("if ('/a' == url.pathname) return a();", ["GET /a"]),
        ('if (new URL(request.url).pathname === `/a`) return a();', ["GET /a"]),
        ('const { pathname } = url; if (pathname === "/a") return a();', ["GET /a"]),
        ('const { pathname: p } = new URL(request.url); if (p === "/a") return a();', ["GET /a"]),
        ('let path = url.pathname; if (path === "/a" || path === "/b") return a();', ["GET /a", "GET /b"]),
        ('const path = url.pathname.toLowerCase(); if (path == "/a") return a();', ["GET /a"]),
        ('const path = url.pathname.replace(/\\/+$/, ""); if (path === "/a") return a();', ["GET /a"]),
        ('const path = url.pathname.replace(/^\\/api/, ""); if (path === "/a") return a();', ["GET /api/a"]),
        ('const path = url.pathname.slice("/api".length); if (path === "/a") return a();', ["GET /api/a"]),
        ('if (["/a", "/b"].includes(url.pathname)) return a();', ["GET /a", "GET /b"]),
        ('const P = new Set(["/a"]); if (P.has(url.pathname)) return a();', ["GET /a"]),
        ('if (["/a"].indexOf(url.pathname) > -1) return a();', ["GET /a"]),
        ('const A = "/a"; if (url.pathname === A) return a();', ["GET /a"]),
        ('const R = { A: "/a" }; if (url.pathname === R.A) return a();', ["GET /a"]),
        ('if (request.method === "POST" && url.pathname === "/a") return a();', ["POST /a"]),
        ('if (url.pathname === "/a" && request.method === "PUT") return a();', ["PUT /a"]),
        ('const { method } = request; if (method == "DELETE" && url.pathname == "/a") return a();', ["DELETE /a"]),
        ('if (request.method.toLowerCase() === "post" && url.pathname === "/a") return a();', ["POST /a"]),
        ('if (["PUT", "PATCH"].includes(request.method) && url.pathname === "/a") return a();',
         ["PUT /a", "PATCH /a"]),
        ('if (request.method === "POST") { if (url.pathname === "/a") return a(); }'
         ' else if (url.pathname === "/b") return b();', ["POST /a", "GET /b"]),
        ('if (request.method !== "POST") return no();\nif (url.pathname === "/a") return a();', ["POST /a"]),
        ('if (url.pathname !== "/a") return no();\nreturn a();', ["GET /a"]),
        ('if (url.pathname !== "/a") return no();\nif (request.method !== "POST") return no();\nreturn a();',
         ["POST /a"]),
        ('if (url.pathname === "/a") { if (request.method !== "POST") return no(); return a(); }', ["POST /a"]),
        ('if (url.pathname === "/a") { if (request.method === "POST") return a(); return b(); }',
         ["GET /a", "POST /a"]),
        ('if (url.pathname === "/a") { if (request.method === "POST") return a();'
         ' return new Response("", { status: 405 }); }', ["POST /a"]),
        ('if (url.pathname === "/a") switch (request.method) { case "GET": return a(); case "PUT": return b(); }',
         ["GET /a", "PUT /a"]),
        ('if (`${request.method} ${url.pathname}` === "POST /a") return a();', ["POST /a"]),
        ('switch (url.pathname) { case "/a": case "/b": return a(); default: return b(); }', ["GET /a", "GET /b"]),
        ('switch (true) { case url.pathname === "/a": return a(); case url.pathname.startsWith("/b/"): return b(); }',
         ["GET /a", "GET /b/1"]),
        ('switch (request.method + " " + url.pathname) { case "POST /a": return a(); }', ["POST /a"]),
        ('switch (request.method) { case "POST": if (url.pathname === "/a") return a(); }', ["POST /a"]),
        ('return url.pathname === "/a" ? a() : url.pathname === "/b" ? b() : c();', ["GET /a", "GET /b"]),
        ('const isA = url.pathname === "/a"; if (isA) return a();', ["GET /a"]),
        ('try { if (url.pathname === "/a") return a(); } catch { return b(); }', ["GET /a"]),
        ('url.pathname === "/a" && a();', ["GET /a"]),
        ('if (url.pathname.startsWith("/items/")) return a();', ["GET /items/1"]),
        ('if (url.pathname.startsWith("/api/")) { if (url.pathname === "/api/a") return a(); }', ["GET /api/a"]),
        ('if (request.url.endsWith("/a")) return a();', ["GET /a"]),
        ('if (request.url.includes("/api/")) return a();', ["GET /api/1"]),
        ('if (/^\\/items\\/(\\d+)$/.test(url.pathname)) return a();', ["GET /items/1"]),
        ('const m = url.pathname.match(/^\\/u\\/([a-z]{3})$/); if (m) return a();', ["GET /u/aaa"]),
        ('let m; if ((m = url.pathname.match(/^\\/u\\/(?<name>\\w+)\\/?$/))) return a();', ["GET /u/1"]),
        ('const R = /^\\/a\\/\\d+$/; if (request.method === "POST" && R.exec(url.pathname)) return a();',
         ["POST /a/1"]),
        ('const p = new URLPattern({ pathname: "/books/:id" }); if (p.test(request.url)) return a();',
         ["GET /books/{id}"]),
        ('const p = new URLPattern("/b/:id", "https://x.example");\nconst m = p.exec(request.url);\nif (m) return a();',
         ["GET /b/{id}"]),
        ('const parts = url.pathname.split("/");\nif (parts[1] === "api" && parts[2] === "users") return a();',
         ["GET /api/users"]),
        ('const [, first] = url.pathname.split("/");\nif (first === "a") return a();', ["GET /a"]),
        ('const [a, b] = url.pathname.slice(1).split("/");\nif (a === "x") { if (b === "y") return c(); }',
         ["GET /x/y"]),
        ('const parts = url.pathname.split("/").filter(Boolean);\nif (parts.length === 2 && parts[0] === "a") return c();',
         ["GET /a/1"]),
        ('const slug = url.pathname.slice(1);\nif (!slug) return home();\nif (slug === "new") return a();',
         ["GET /", "GET /new"]),
        ('const slug = url.pathname.slice(1);\nreturn Response.redirect(await env.LINKS.get(slug));', ["GET /{slug}"]),
        ('const id = url.pathname.split("/")[2];\nconst text = await env.NOTES.get(`note:${id}`);', ["GET /1/{id}"]),
        ('return new Response(await env.PAGES.get(url.pathname));', ["GET /{key}"]),
        ('const API = "/api"; if (url.pathname === `${API}/a`) return a();', ["GET /api/a"]),
        ('const API = "/api"; if (url.pathname.startsWith(API + "/a/")) return a();', ["GET /api/a/1"]),
        ('if (url.pathname.match("^/old/.*")) return a();', ["GET /old/1"]),
        ('if (matches("/posts/:id", url.pathname)) return a();', ["GET /posts/{id}"]),
        ('const key = `${request.method}:${url.pathname}`;\nswitch (key) { case "PUT:/a": return a(); }', ["PUT /a"]),
        ('if (request.method === "POST") return a();\nreturn b();', ["POST /"]),
        ('if (request.method === "OPTIONS") return cors();', []),
        ('if (url.pathname === "/a" && request.method === "OPTIONS") return cors();', []),
        ('if (sep === "/") return a();', []),
        ('if (name === "/etc") return a();', []),
        ('const data = { "/a": 1 };', []),
        ('cache.put("/a", response);', []),
        ('if (url.hostname === "/a") return a();', []),
        ('// if (url.pathname === "/a") return a();', []),
        ('const text = \'if (url.pathname === "/a")\';', []),
    ],
)  # fmt: skip
def test_paths_that_code_compares_with_the_urls_are_routes(seen, text, routes):
    assert named(seen(in_fetch(text))) == routes


@pytest.mark.parametrize(
    ("text", "routes"),
    [
        ('const routes = { "/a": handleA, "/b": async (request) => b() };', ["GET /a", "GET /b"]),
        ('const routes = { "GET /a": handleA, "POST /a": (r) => 1 };', ["GET /a", "POST /a"]),
        ('const A = "/api";\nconst routes = { [`${A}/a`]: handleA };', ["GET /api/a"]),
        ('const routes = { "/a": { GET: list, POST: add } };', ["GET /a", "POST /a"]),
        ('const routes = { "/a/:id"(request) { return 1; } };', ["GET /a/{id}"]),
        ('const routes = new Map([["/a", handleA], ["/b", handleB]]);', ["GET /a", "GET /b"]),
        ('const routes = [{ method: "POST", path: "/a", handler: add }];', ["POST /a"]),
        ('const routes = [{ pattern: new URLPattern({ pathname: "/a/:id" }), handler: one }];', ["GET /a/{id}"]),
        ('const routes = [["PUT", "/a", put], ["GET", /^\\/b\\/\\d+$/, b]];', ["PUT /a", "GET /b/1"]),
        ('const redirects = { "/old": "/new" };\n' + in_fetch("if (url.pathname in redirects) return 1;"),
         ["GET /old"]),
        ('const redirects = { "/old": "/new" };\n' + in_fetch("const to = redirects[url.pathname];"), ["GET /old"]),
        ('const titles = { "/old": "Old" };', []),
        ('const options = { method: "POST", path: "/" };', []),
    ],
)  # fmt: skip
def test_tables_from_paths_to_handlers_are_routes(seen, text, routes):
    assert named(seen(text)) == routes


def test_a_service_worker_is_read_too(seen):
    text = """
    addEventListener("fetch", (event) => event.respondWith(handle(event.request)));
    async function handle(request) {
      if (new URL(request.url).pathname === "/a") return new Response("a");
    }
    """
    assert named(seen(text)) == ["GET /a"]


def test_methods_that_are_looked_at_before_a_function_is_called_count_in_it(seen):
    text = in_fetch('if (request.method === "POST") return add(request, url.pathname);')
    text += 'function add(request, path) { if (path === "/a") return 1; }\n'
    assert named(seen(text)) == ["POST /a"]


@pytest.mark.parametrize(
    ("other", "routes"),
    [
        ("export class Room extends DurableObject {", ["GET /a"]),
        ("export class Room {", ["GET /a"]),
        ("export default class extends WorkerEntrypoint {", ["GET /b"]),
        ("const room = new Room();\nclass Room {", ["GET /a", "GET /b"]),
    ],
)
def test_paths_of_durable_objects_and_of_other_entrypoints_are_no_routes(seen, other, routes):
    main = "export class" if "default" in other else "export default class"
    text = (
        f'{main} Main {{ fetch(request) {{ if (new URL(request.url).pathname === "/a") return 1; }} }}\n'
        f'{other} fetch(request) {{ if (new URL(request.url).pathname === "/b") return 1; }} }}\n'
    )
    assert named(seen(text)) == routes


def test_typescript_is_read_with_its_types(seen):
    text = """
    interface Env { LINKS: KVNamespace }
    export default {
      async fetch(request: Request, env: Env): Promise<Response> {
        const { pathname } = new URL(request.url) as URL;
        if ((pathname as string) === "/a" && request.method! === "POST") return add<number>(<any>request);
        return new Response(null satisfies null);
      },
    } satisfies ExportedHandler<Env>;
    """
    assert named(seen(text, "worker.ts")) == ["POST /a"]


def test_the_place_is_kept_for_the_comment_and_what_is_only_a_beginning_is_said(seen):
    first, second = seen(
        in_fetch('if (url.pathname === "/a") return a();\nif (url.pathname.startsWith("/b")) return b();')
    )
    assert (first.line, first.begins) == ("worker.js:4", False)
    assert (second.path, second.line, second.begins) == ("/b", "worker.js:5", True)


def test_files_that_are_imported_by_relative_paths_are_read_and_others_are_not(seen):
    there = 'export function f(url) {{ if (url.pathname === "/{}") return 1; }}'
    entry = 'import { f } from "./api"; import x from "other"; export * from "./views.js"; const { m } = require("./more");'
    routes = seen(
        entry,
        api=there.format("api"),
        views=there.format("v"),
        more=there.format("m"),
        other=there.format("no"),
    )
    assert named(routes) == ["GET /api", "GET /v", "GET /m"]


@pytest.mark.parametrize(
    "text", ["function (", "\x00", "", "<div>", "if (url.pathname === ", "`${", b"\xff\xfe\x00", "}" * 99]
)
def test_odd_files_show_no_routes_and_no_error(seen, text):
    assert seen(text) == []


def test_what_is_wrong_in_one_place_hides_no_routes_in_others(seen):
    text = in_fetch('if (url.pathname === "/a") return a();') + "\nfunction broken( {\n"
    assert named(seen(text)) == ["GET /a"]


def test_a_chain_of_thousands_of_alternatives_ends(seen):
    text = "".join(f'if (url.pathname === "/{n}") return 1; else ' for n in range(3000)) + "return 2;"
    assert len(seen(in_fetch(text))) == 3000


def test_expressions_nested_deeper_than_python_goes_end(seen):
    assert seen("const x = " + "(" * 5000 + "1" + ")" * 5000 + ";") == []
    assert seen("const x = " + "[" * 5000 + "]" * 5000 + ";") == []
    assert seen("const x = " + " + ".join(["a"] * 5000) + ";") == []


def test_a_route_is_named_once(seen):
    text = in_fetch('if (url.pathname === "/a") return 1;\nif (url.pathname === "/a") return 2;')
    assert named(seen(text)) == ["GET /a"]
