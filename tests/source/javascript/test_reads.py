"""What the code of a route reads of its request, in JavaScript."""

from __future__ import annotations

import pytest

from edgeday.source.seen import routes_in


@pytest.fixture
def route_of(project):
    """The one route of a handler for POST /a, or of a whole file."""

    def route(code, before="", after="", method="POST"):
        text = (
            f"export default {{ async fetch(request, env) {{ {before}\n"
            f'if (request.method === "{method}" && new URL(request.url).pathname === "/a") {{ {code} }} }} }};\n'
            f"{after}"
        )
        (found,) = routes_in(project({"worker.ts": text}))
        return found

    return route


@pytest.mark.parametrize(
    ("code", "body"),
    [
        ("const body = await request.json(); put(body.slug, body['url'], body?.count);",
         {"slug": "slug", "url": "https://example.com/", "count": 1}),
        ("const { slug, url: target, count = 7, tags = [], on: isOn = true } = await request.json();",
         {"slug": "slug", "url": "https://example.com/", "count": 7, "tags": [], "on": True}),
        ("const { tags } = await request.json(); const all = tags || [];", {"tags": []}),
        ("const { tags } = await request.json(); put(tags.map(String).join(','));", {"tags": []}),
        ("const name = (await request.json()).name;", {"name": "name"}),
        ("const body = await request.json<Body>(); put(body.name);", {"name": "name"}),
        ("const body = (await request.json()) as Body; put(body.name);", {"name": "name"}),
        ("const body = await request.clone().json().catch(() => ({})); put(body.name);", {"name": "name"}),
        ("const body = JSON.parse(await request.text()); put(body.name);", {"name": "name"}),
        ("let body; try { body = await request.json(); } catch { return bad(); } put(body.name);",
         {"name": "name"}),
        ("const body = await request.json(); put(body.items.length, body.tags.map(String));",
         {"items": "items", "tags": []}),
        ("const data = await request.json();", {}),
        ("const text = await request.text();", None),
        ("const got = await (await fetch(other)).json(); put(got.name);", None),
    ],
)  # fmt: skip
def test_the_fields_that_code_reads_of_a_json_body_are_sent(route_of, code, body):
    route = route_of(code)
    assert (route.method, route.path, route.body, route.form) == ("POST", "/a", body, None)


@pytest.mark.parametrize(
    ("code", "form"),
    [
        ('const form = await request.formData(); put(form.get("name"), form.getAll("tag"));',
         {"name": "name", "tag": "tag"}),
        ('put((await request.formData()).get("name"));', {"name": "name"}),
        ('const form = new URLSearchParams(await request.text()); put(form.get("name"));', {"name": "name"}),
        ("await request.formData();", {}),
    ],
)  # fmt: skip
def test_the_fields_that_code_reads_of_a_form_are_sent(route_of, code, form):
    route = route_of(code)
    assert (route.form, route.body) == (form, None)


@pytest.mark.parametrize(
    "code",
    [
        'new URL(request.url).searchParams.get("q");',
        'const url = new URL(request.url); const q = url.searchParams.get("q");',
        'const { searchParams } = new URL(request.url); const q = searchParams.get("q");',
        'const params = new URL(request.url).searchParams; put(params.get("q"));',
        'const params = new URLSearchParams(new URL(request.url).search); put(params.get("q"));',
        "const { q } = Object.fromEntries(new URL(request.url).searchParams);",
        "const { q } = request.query;",
    ],
)
def test_the_parameters_that_code_reads_of_the_query_are_sent(route_of, code):
    assert route_of(code, method="GET").query == {"q": "q"}


@pytest.mark.parametrize(
    ("code", "headers"),
    [
        ('request.headers.get("Authorization");', {"authorization": "write-yours"}),
        ('if (request.headers.get("Authorization") !== `Bearer ${env.TOKEN}`) return no();',
         {"authorization": "Bearer write-yours"}),
        ('const { headers } = request; headers.get("X-Api-Key");', {"x-api-key": "write-yours"}),
        ('request.headers.get("User-Agent"); request.headers.get("CF-Connecting-IP");', {}),
        ('response.headers.get("X-Api-Key");', {}),
        ('request.headers.get("no header"); request.headers.get("");', {}),
    ],
)  # fmt: skip
def test_the_headers_that_only_a_client_of_its_own_sends_are_sent(route_of, code, headers):
    assert route_of(code).headers == headers


def test_what_a_function_reads_counts_that_the_request_is_handed_to(route_of):
    after = "async function add(request) { return keep(await request.json()); }\nfunction keep(data) { put(data.name); }\n"
    assert route_of("return add(request);", after=after).body == {"name": "name"}


def test_a_field_is_a_list_where_a_function_uses_it_as_one(route_of):
    after = "function keep(text, tags) { return text + tags.join(','); }\n"
    code = "const { text, tags: all } = await request.json(); return keep(text, all);"
    assert route_of(code, after=after).body == {"text": "text", "tags": []}


def test_what_is_read_before_the_route_is_looked_at_counts_where_it_is_used(route_of):
    before = 'const body = request.method === "POST" ? await request.json() : null;'
    assert route_of("put(body.name);", before=before).body == {"name": "name"}


def test_what_guards_the_routes_behind_it_is_read_for_them(route_of):
    before = 'if (!(await isAllowed(request, env))) return new Response("no", { status: 401 });'
    after = 'const isAllowed = (request, env) => request.headers.get("authorization") === env.TOKEN;\n'
    assert route_of("return 1;", before, after).headers == {"authorization": "write-yours"}


@pytest.mark.parametrize(
    ("handlers", "body"),
    [
        ("async (c) => { const { name } = await c.req.json(); return c.text(name); }", {"name": "name"}),
        ('zValidator("json", schema), (c) => c.json(c.req.valid("json"))', {"name": "name", "age": 1, "kind": "a"}),
        ('(c) => { const { name } = c.req.valid("json"); return c.text(name); }', {"name": "name"}),
        ("async (c) => c.json(schema.parse(await c.req.json()))", {"name": "name", "age": 1, "kind": "a"}),
        ("async (c) => { const r = schema.safeParse(await c.req.json()); return c.text(r.data.name); }",
         {"name": "name", "age": 1, "kind": "a"}),
    ],
)  # fmt: skip
def test_schemas_and_validators_of_hono_say_what_is_sent(project, handlers, body):
    text = (
        'const schema = z.object({ name: z.string(), age: z.number().int(), kind: z.enum(["a", "b"]),\n'
        "  note: z.string().optional() });\n"
        f'const app = new Hono();\napp.post("/a", {handlers});\n'
    )
    (route,) = routes_in(project({"worker.ts": text}))
    assert route.body == body


def test_queries_forms_headers_and_tokens_of_hono_are_seen(project):
    text = """
    const app = new Hono();
    app.get("/a", bearerAuth({ token: env.X }), (c) => c.text(c.req.query("q") + c.req.header("x-tenant")));
    app.use("/b", async (c, next) => { await next(); c.header("x-time", "1"); });
    app.post("/b", async (c) => { const { name } = await c.req.parseBody(); return c.text(name); });
    """
    first, second = routes_in(project({"worker.ts": text}))
    assert (first.query, first.headers) == (
        {"q": "q"},
        {"authorization": "Bearer write-yours", "x-tenant": "x-tenant"},
    )
    assert (second.form, second.headers) == ({"name": "name"}, {})


def test_a_middleware_that_lets_nobody_in_without_a_header_counts_below_its_path(project):
    text = """
    const app = new Hono();
    app.use("/admin/*", basicAuth({ username: "a", password: "b" }));
    app.get("/admin/x", one);
    app.get("/x", one);
    """
    first, second = routes_in(project({"worker.ts": text}))
    assert (first.headers, second.headers) == (
        {"authorization": "Basic YTpi"},
        {},
    )
