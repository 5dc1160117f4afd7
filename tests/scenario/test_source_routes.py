"""Routes and bodies that are seen in a worker's source, without running it."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest

from edgeday.scenario.source_routes import routes_in


@pytest.fixture
def seen(tmp_path):
    def routes_of(text, **others):
        (tmp_path / "entry.py").write_text(dedent(text), encoding="utf-8")
        for name, other in others.items():
            (tmp_path / f"{name}.py").write_text(dedent(other), encoding="utf-8")
        return routes_in(tmp_path / "entry.py")

    return routes_of


def in_fetch(text):
    """A handler with these statements."""
    return "class Default:\n    async def fetch(self, request):\n" + indent(dedent(text), " " * 8)


@pytest.mark.parametrize(
    ("text", "routes"),
    [
        ('if url.path == "/health":\n    return 1', ["GET /health"]),
        ('if "/health" == urlparse(request.url).path: return 1', ["GET /health"]),
        ('path = url.path\nif path in ("/a", "/b"): return 1', ["GET /a", "GET /b"]),
        ('p = url.pathname\nif p == "/a": return 1\nelif p == "/b": return 2', ["GET /a", "GET /b"]),
        ('if request.method == "POST" and url.path == "/a": return 1', ["POST /a"]),
        ('if request.method == "POST":\n    if url.path == "/a": return 1\nelif url.path == "/b": return 2',
         ["POST /a", "GET /b"]),
        ('if request.method == HTTPMethod.PUT and url.path == "/a": return 1', ["PUT /a"]),
        ('if request.method != "POST": return 405\nif url.path == "/a": return 1', ["POST /a"]),
        ('if (request.method, url.path) == ("DELETE", "/a"): return 1', ["DELETE /a"]),
        ('if f"{request.method} {url.path}" == "POST /a": return 1', ["POST /a"]),
        ('if url.path.startswith("/items/"): return 1', ["GET /items/1"]),
        ('if m := re.match(r"^/items/(\\d+)$", url.path): return 1', ["GET /items/1"]),
        ('if re.fullmatch(r"/u/(?P<name>[a-z]+)/?", url.path): return 1', []),
        ('match url.path:\n    case "/a" | "/b": return 1\n    case _: return 2', ["GET /a", "GET /b"]),
        ('match (request.method, url.path):\n    case ("POST", "/a"): return 1', ["POST /a"]),
        ('routes = {"/a": self.a, ("POST", "/b"): self.b, "DELETE /c": self.c}',
         ["GET /a", "POST /b", "DELETE /c"]),
        ('try:\n    return 1 if url.path == "/a" else 2\nfinally:\n    pass', ["GET /a"]),
        ('ok = url.path == "/a"', ["GET /a"]),
        ('if "/admin" in url.path: return 1', ["GET /admin"]),
        ('if "/" in url.path: return 1', []),
        ('if sep == "/": return 1', []),
        ('if name == "/etc": return 1', []),
        ('slug = url.path.strip("/")', []),
        ('data = {"/a": 1}', []),
    ],
)  # fmt: skip
def test_paths_that_code_compares_with_the_urls_are_routes(seen, text, routes):
    assert [f"{route.method} {route.path}" for route in seen(in_fetch(text))] == routes


@pytest.mark.parametrize(
    ("text", "routes"),
    [
        ('@app.get("/items/{item_id}")\nasync def item(item_id: int): ...', ["GET /items/1"]),
        ('@app.post("/a", status_code=201)\nasync def a(): ...', ["POST /a"]),
        ('@app.route("/a/<int:id>", methods=["PUT", "DELETE"])\ndef a(id): ...', ["PUT /a/1", "DELETE /a/1"]),
        ('@app.api_route("/a", methods=["POST"])\ndef a(): ...', ["POST /a"]),
        ('app = Starlette(routes=[Route("/a", a), Route("/b", b, methods=["POST"])])', ["GET /a", "POST /b"]),
        ('app.add_url_rule("/a", view_func=a)', ["GET /a"]),
        ('r = APIRouter(prefix="/v1")\n@r.get("/a")\ndef a(): ...\napp.include_router(r, prefix="/api")',
         ["GET /api/v1/a"]),
        ('@cache.get("key")\ndef a(): ...', []),
    ],
)  # fmt: skip
def test_decorators_and_tables_of_web_frameworks_are_routes(seen, text, routes):
    assert [f"{route.method} {route.path}" for route in seen(text)] == routes


def test_parameters_and_places_are_kept_for_the_comment(seen):
    (route,) = seen('\n@app.get("/a/{shop}/{item:path}")\nasync def a(shop, item): ...\n')
    assert (route.path, route.parameters, route.line) == ("/a/1/1", ("shop", "item"), "entry.py:2")


def test_modules_beside_the_worker_are_looked_at_and_others_are_not(seen):
    entry = "import api\nfrom views import pages\nimport json\nfrom . import more\n"
    there = 'if url.path == "/{}": pass'
    routes = seen(entry, api=there.format("api"), views=there.format("v"), other=there.format("no"))
    assert [route.path for route in routes] == ["/api", "/v"]


@pytest.mark.parametrize("text", ["def (", "\x00", ""])
def test_a_file_that_is_no_python_shows_no_routes(seen, text):
    assert seen(text) == []


def test_a_route_is_named_once(seen):
    text = in_fetch('if url.path == "/a": return 1\nif url.path != "/a": return 2')
    assert [route.path for route in seen(text)] == ["/a"]


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ('body = await request.json()\nput(body["slug"], body.get("url"), body["count"])',
         {"slug": "slug", "url": "https://example.com/", "count": 1}),
        ('name = (await request.json())["name"]', {"name": "name"}),
        ("data = await request.json()", {}),
        ("text = await request.text()", None),
    ],
)  # fmt: skip
def test_the_fields_that_code_reads_of_a_json_body_are_sent(seen, text, body):
    handler = 'if request.method == "POST" and url.path == "/a":\n' + indent(text, "    ")
    (route,) = seen(in_fetch(handler))
    assert (route.method, route.body) == ("POST", body)


def test_a_route_that_reads_a_body_without_a_word_on_the_method_is_posted_to(seen):
    (route,) = seen(in_fetch('if url.path == "/a":\n    body = await request.json()\n'))
    assert (route.method, route.body) == ("POST", {})


def test_a_model_among_the_parameters_of_a_handler_is_its_body(seen):
    text = """
    class Order(BaseModel):
        dish: str
        count: int
        note: str = ""
        tags: list[str]
        by: str | None

    @app.post("/orders")
    async def order(order: Order): ...
    """
    assert seen(text)[0].body == {"dish": "dish", "count": 1, "tags": [], "by": "by"}
