"""Routes and bodies that are seen in a worker's source, without running it."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest

from edgeday.source.seen import routes_in


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
        ('@app.get("/items/{item_id}")\nasync def item(item_id: int): ...', ["GET /items/{item_id}"]),
        ('@app.post("/a", status_code=201)\nasync def a(): ...', ["POST /a"]),
        ('@app.route("/a/<int:id>", methods=["PUT", "DELETE"])\ndef a(id): ...',
         ["PUT /a/{id}", "DELETE /a/{id}"]),
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


def test_parameters_are_placeholders_and_the_place_is_kept_for_the_comment(seen):
    (route,) = seen('\n@app.get("/a/{shop}/{item:path}")\nasync def a(shop, item): ...\n')
    assert (route.path, route.line) == ("/a/{shop}/{item}", "entry.py:2")


def test_a_parameter_that_no_value_can_be_called_is_1(seen):
    (route,) = seen('\n@app.get("/a/{1st}/{b}")\nasync def a(b): ...\n')
    assert route.path == "/a/1/{b}"


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


@pytest.mark.parametrize(
    ("before", "body"),
    [
        (
            'if url.path == "/b" and request.method == "POST":\n    put(await request.json())\n    return',
            None,
        ),
        ('if request.method != "GET":\n    body = await request.json()', {"by": "by"}),
        ("body = await request.json()", {"by": "by"}),
    ],
)
def test_a_body_that_another_route_reads_for_itself_is_not_sent(seen, before, body):
    text = (
        f'{before}\nif url.path == "/a" and request.method == "DELETE":\n    drop(body["by"])\n    return\n'
    )
    routes = {route.path: route for route in seen(in_fetch(text))}
    assert (routes["/a"].method, routes["/a"].body) == ("DELETE", body)


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


@pytest.mark.parametrize(
    ("field", "required"),
    [
        ("price: float = Field(gt=0)", True),
        ("price: float = Field(..., gt=0)", True),
        ("price: float = ...", True),
        ("price: Annotated[float, Field(gt=0)]", True),
        ("price: float = Field(5)", False),
        ("price: float = Field(default=5)", False),
        ("price: list[float] = Field(default_factory=list)", False),
        ("price: float = 5", False),
    ],
)
def test_a_field_of_a_model_is_sent_where_it_has_no_default(seen, field, required):
    text = f'class Dish(BaseModel):\n    {field}\n\n@app.post("/dishes")\nasync def add(dish: Dish): ...\n'
    assert seen(text)[0].body == ({"price": 1} if required else {})


def test_models_are_found_in_other_modules_and_inherit_their_fields(seen):
    handler = '@app.post("/dishes")\nasync def add(dish: NewDish): ...\n'
    models = "class NewDish(Dish):\n    by: str\n\nclass Dish(pydantic.BaseModel):\n    name: str\n"
    assert seen(f"from models import NewDish\n{handler}", models=models)[0].body == {
        "name": "name",
        "by": "by",
    }


@pytest.mark.parametrize(
    "include",
    [
        'import users\napp.include_router(users.router, prefix="/api")',
        'from users import router\napp.include_router(router, prefix="/api")',
        'from users import router as users_router\napp.include_router(users_router, prefix="/api")',
        'import users as u\ni = APIRouter(prefix="/api")\ni.include_router(u.router)\napp.include_router(i)',
        'import users\napp.mount("/api/", users.router)',
    ],
)
def test_the_prefix_of_a_router_counts_where_another_module_includes_it(seen, include):
    users = 'router = APIRouter(prefix="/users")\n\n@router.get("/{name}")\nasync def user(name): ...\n'
    assert [route.path for route in seen(f"app = FastAPI()\n{include}\n", users=users)] == [
        "/api/users/{name}"
    ]


def test_routers_that_include_each_other_end_the_search(seen):
    text = 'a = APIRouter(prefix="/a")\na.include_router(a)\n\n@a.get("/x")\nasync def x(): ...\n'
    assert seen(text)[0].path.endswith("/a/x")


def test_routes_below_a_mount_of_starlette_have_its_path(seen):
    inner = 'Mount("/v/", routes=[Route("/{n}", one)]), Route("/", a)'
    text = f'routes = [Mount("/u", routes=[{inner}]), Route("/x", x)]'
    assert sorted(route.path for route in seen(text)) == ["/u/", "/u/v/{n}", "/x"]


@pytest.mark.parametrize(
    "text",
    [
        in_fetch('if request.method == "POST" and url.path == "/a": return await self.add(request)'),
        in_fetch(
            'match (request.method, url.path):\n    case ("POST", "/a"): return await notes.add(request)'
        ),
        'ROUTES = {"POST /a": add}',
        'routes = [Route("/a", add, methods=["POST"])]',
    ],
)
def test_the_body_is_what_a_function_reads_that_a_route_is_handed_to(seen, text):
    notes = """
    async def add(request):
        return await keep(request)

    async def keep(request):
        data = await request.json()
        return data["text"]
    """
    (route,) = seen(f"import notes\n{text}", notes=notes)
    assert (route.method, route.path, route.body) == ("POST", "/a", {"text": "text"})


def test_functions_of_one_name_say_nothing_of_a_body(seen):
    text = in_fetch('if request.method == "POST" and url.path == "/a": return await add(request)')
    two = "async def add(request):\n    (await request.json())['x']\n"
    assert seen(f"import one, two\n{text}", one=two, two=two)[0].body is None
