"""Routes that frameworks are told in JavaScript."""

from __future__ import annotations

import pytest

from edgeday.source.seen import routes_in

HONO = 'import { Hono } from "hono";\nconst app = new Hono();\n'


def named(routes):
    return [f"{route.method} {route.path}" for route in routes]


@pytest.mark.parametrize(
    ("text", "routes"),
    [
        (HONO + 'app.get("/", (c) => c.text("x"));', ["GET /"]),
        (HONO + 'app.get("/a/:id", (c) => c.text("x")).post("/a", auth, add);', ["GET /a/{id}", "POST /a"]),
        (HONO + 'app.get("/a/:id{[0-9]+}/b/:file{.+\\\\.png}", one);', ["GET /a/{id}/b/{file}"]),
        (HONO + 'app.get("/a/:page?", one);', ["GET /a/{page}"]),
        (HONO + 'app.get("/files/*", serve);', ["GET /files/1"]),
        (HONO + 'app.all("/a", one); app.on("PURGE", "/b", one); app.on(["PUT", "DELETE"], "/c", one);',
         ["GET /a", "PUT /c", "DELETE /c"]),
        (HONO + 'app.get("/a", one).put(two);', ["GET /a", "PUT /a"]),
        (HONO + 'app.use("/a/*", cors()); app.notFound((c) => c.text("no")); app.onError(one);', []),
        (HONO + 'app.all("*", (c) => c.notFound()); app.get("*", (c) => c.text("no", 404));', []),
        (HONO + 'app.get("*", async (c) => c.text(await c.env.LINKS.get(c.req.path)));', ["GET /1", "GET /{key}"]),
        ('const app = new Hono().basePath("/api"); app.get("/a", one);', ["GET /api/a"]),
        (HONO + 'const v1 = app.basePath("/v1"); v1.get("/a", one); app.get("/b", two);', ["GET /v1/a", "GET /b"]),
        (HONO + 'const u = new Hono(); u.get("/", list); u.get("/:id", one); app.route("/users", u);',
         ["GET /users", "GET /users/{id}"]),
        ('const u = new Hono().get("/:id", one);\nexport default new Hono().route("/a", u).route("/b", u);',
         ["GET /a/{id}", "GET /b/{id}"]),
        (HONO + 'app.get("/a", async (c) => { if (c.req.method === "POST") return 1; return 2; });', ["GET /a"]),
        ('import { Router } from "itty-router";\nconst r = Router({ base: "/api" });\nr.get("/a/:id?", one).all("*", error);',
         ["GET /api/a/{id}"]),
        ('const router = AutoRouter(); router.post("/a", withContent, ({ content }) => add(content));', ["POST /a"]),
        ('const p = Router(); const c = Router({ base: "/c" }); p.all("/c/*", c.handle); c.get("/x", one);', ["GET /c/x"]),
        ('import { Router } from "worktop";\nconst API = new Router();\nAPI.add("GET", "/users/:name", show);',
         ["GET /users/{name}"]),
        ('const API = new Router(); API.add("POST", /^\\/v\\d\\/x$/, show);', ["POST /v1/x"]),
        ("const r = new Router(); r.get('.*/bar', () => 1); r.post('.*/foo.*', (request) => h(request));",
         ["GET /bar", "POST /foo"]),
        ('router.route("/a").get((req) => 1).post((req) => 2);', ["GET /a", "POST /a"]),
        ('const app = new OpenAPIHono();\nconst r = createRoute({ method: "get", path: "/a/{id}" });\n'
         'app.openapi(r, (c) => 1);', ["GET /a/{id}"]),
        ('const openapi = fromHono(new Hono(), { base: "/v1" });\nopenapi.get("/tasks/:slug", TaskFetch);',
         ["GET /v1/tasks/{slug}"]),
        ("r.get('/docs/:version?/:file+?', one); r.get('/dist/?:file+', one);",
         ["GET /docs/{version}/{file}", "GET /dist/{file}"]),
        ('await env.KV.put("/a", value); client.get("/b", done); axios.post("/c", body); caches.default.put("/d", r);', []),
        ('const m = new Map(); m.delete("/a", x); headers.get("/b", y);', []),
    ],
)  # fmt: skip
def test_what_routers_are_told_is_routes(project, text, routes):
    assert named(routes_in(project({"worker.ts": text}))) == routes


@pytest.mark.parametrize(
    ("entry", "users"),
    [
        ('import users from "./users";\napp.route("/users", users);',
         'const u = new Hono();\nu.get("/:id", one);\nexport default u;'),
        ('import { users } from "./users";\napp.route("/users", users);',
         'export const users = new Hono().get("/:id", one);'),
        ('import * as u from "./users";\napp.route("/users", u.users);',
         'export const users = new Hono();\nusers.get("/:id", one);'),
        ('import { makeUsers } from "./users";\napp.route("/users", makeUsers());',
         'export function makeUsers() { const u = new Hono(); u.get("/:id", one); return u; }'),
        ('import { addUsers } from "./users";\naddUsers(app.basePath("/users"));',
         'export function addUsers(router) { router.get("/:id", one); }'),
        ('import users from "./users";\napp.mount("/users", users.fetch);',
         'const r = Router();\nr.get("/:id", one);\nexport default r;'),
    ],
)  # fmt: skip
def test_what_stands_before_a_router_counts_in_the_file_that_makes_it(project, entry, users):
    main = project({"src/index.ts": HONO + entry, "src/users.ts": users})
    assert named(routes_in(main)) == ["GET /users/{id}"]


def test_each_call_of_a_function_that_makes_routers_makes_one_of_its_own(project):
    text = """
    const make = () => new Hono();
    const a = make(), b = make();
    a.get("/x", one);
    b.get("/y", one);
    make().route("/a", a).route("/b", b);
    """
    assert named(routes_in(project({"worker.js": text}))) == ["GET /a/x", "GET /b/y"]


def test_routes_that_another_file_describes_are_told_by_their_names(project):
    files = {
        "index.ts": 'import * as routes from "./routes";\nnew OpenAPIHono().openapi(routes.list, (c) => 1);',
        "routes.ts": 'export const list = createRoute({ path: "/a/{id}", method: "get", responses: {} });',
    }
    assert named(routes_in(project(files))) == ["GET /a/{id}"]


def test_routers_that_stand_below_each_other_end_the_search(project):
    text = 'const a = new Hono(), b = new Hono();\na.route("/a", b);\nb.route("/b", a);\na.get("/x", one);'
    assert all(route.path.endswith("/x") for route in routes_in(project({"worker.js": text})))
