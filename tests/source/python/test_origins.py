from __future__ import annotations

from textwrap import dedent

import pytest

from edgeday.source.seen import fetched_hosts


def hosts_of(tmp_path, source, **modules):
    """The hosts that a worker's source shows. modules: others beside it, by name."""
    for name, text in {"entry": source, **modules}.items():
        (tmp_path / f"{name}.py").write_text(dedent(text))
    return [host for host, _ in fetched_hosts(tmp_path / "entry.py")]


def in_handler(code, head="from workers import Request, fetch"):
    """A worker that runs some code for each request."""
    lines = dedent(code).strip().splitlines()
    body = "\n".join(f"        {line}" for line in lines)
    return f"{head}\n\nclass Default:\n    async def fetch(self, request):\n{body}\n"


@pytest.mark.parametrize(
    "code",
    [
        'await fetch("https://api.example/x")',
        'await fetch("https://api.example")',
        'await fetch("https://API.example/")',
        'await fetch("https://api.example:443/")',
        'await fetch("https://user:word@api.example/")',
        'await fetch(f"https://api.example/{request.path}")',
        'await fetch(f"https://api.example?q={request.path}")',
        'await fetch("https://api.example/" + request.path)',
        'await fetch("https://api" + ".example" + "/x")',
        'await fetch("https://api.example/%s" % request.path)',
        'await fetch("https://api.example/{}".format(request.path))',
        'url = f"https://api.example/{request.path}"\nawait fetch(url)',
        'base = "https://api.example"\nawait fetch(f"{base}/x")',
        'base: str = "https://api.example"\nawait fetch(base)',
        'await fetch(Request("https://api.example/x", method="POST"))',
        'asked = Request("https://api.example/x")\nresponse = await fetch(asked)',
        'return await fetch("https://api.example/x", method="POST", headers={})',
        'async def inner():\n    return await fetch("https://api.example/x")\nawait inner()',
        'while True:\n    try:\n        await fetch("https://api.example")\n    except E:\n        pass',
    ],
)
def test_a_host_that_reaches_fetch_is_shown(tmp_path, code):
    assert hosts_of(tmp_path, in_handler(code)) == ["api.example"]


@pytest.mark.parametrize(
    "head",
    [
        "from js import fetch",
        "from edgeday.web import fetch",
        "from edgeday import Response, fetch",
        "from workers import fetch as fetch",
    ],
)
def test_the_platforms_fetch_is_known_wherever_it_comes_from(tmp_path, head):
    assert hosts_of(tmp_path, in_handler('await fetch("https://api.example/x")', head)) == ["api.example"]


@pytest.mark.parametrize(
    ("head", "call"),
    [
        ("import js", "js.fetch"),
        ("import workers", "workers.fetch"),
        ("from edgeday import web", "web.fetch"),
        ("from js import fetch as get", "get"),
    ],
)
def test_the_platforms_fetch_is_known_by_another_name(tmp_path, head, call):
    assert hosts_of(tmp_path, in_handler(f'await {call}("https://api.example/x")', head)) == ["api.example"]


@pytest.mark.parametrize(
    "code",
    [
        'await self.fetch("https://api.example/x")',
        'await self.env.API.fetch("https://api.example/x")',
        'await caches.default.match("https://cache.internal/x")',
        'await caches.default.put(Request("https://cache.internal/x"), response)',
        'key = Request("https://cache.internal/x")',
        'url = "https://docs.example/x"\nreturn Response.redirect(url)',
        "await fetch(request)",
        "await fetch(request.url)",
        'await fetch(f"https://api.example{request.path}")',
        'await fetch("https://api.example" + request.path)',
        'await fetch(f"https://{self.env.HOST}/x")',
        'await fetch(f"https://api.{request.path}/x")',
        'await fetch(self.base + "/x")',
        'base = "https://a.example"\nbase = "https://b.example"\nawait fetch(base + "/x")',
        'base = "https://a.example/"\nbase += request.path\nawait fetch(base)',
        'if request:\n    x = "https://a.example"\nelse:\n    x = "https://b.example"\nawait fetch(x + "/")',
        'for base in ["https://a.example"]:\n    await fetch(base + "/x")',
        'def fetch(url):\n    return None\nfetch("https://api.example/x")',
        'fetch = self.env.API.fetch\nawait fetch("https://api.example/x")',
        'async def unused():\n    await fetch("https://api.example/x")',
        'if False:\n    await fetch("https://api.example/x")',
        'await fetch("/x")',
        'await fetch("ftp://api.example/x")',
        'await fetch("https://{host}/x")',
        "await fetch()",
    ],
)
def test_what_is_no_host_for_certain_or_does_not_reach_fetch_is_not_shown(tmp_path, code):
    assert hosts_of(tmp_path, in_handler(code)) == []


@pytest.mark.parametrize(
    "head",
    ["from httpx import fetch", "from .own import fetch", "def fetch(url): ...", "fetch = print", ""],
)
def test_a_fetch_that_is_not_the_platforms_shows_nothing(tmp_path, head):
    assert hosts_of(tmp_path, in_handler('await fetch("https://api.example/x")', head)) == []


def test_constants_of_the_module_and_of_modules_beside_it_are_followed(tmp_path):
    source = """
        import settings
        from settings import MAPS
        from workers import fetch

        RATES = "https://rates.example"
        LATEST = f"{RATES}/latest"

        async def on_fetch(request):
            await fetch(LATEST)
            await fetch(MAPS + "/x")
            await fetch(f"{settings.MAIL}/send")
        """
    settings = 'MAPS = "https://maps.example"\nMAIL = "https://mail.example"\n'
    assert hosts_of(tmp_path, source, settings=settings) == ["rates.example", "maps.example", "mail.example"]


def test_a_constant_that_anything_sets_again_is_in_doubt(tmp_path):
    source = """
        from workers import fetch

        RATES = "https://rates.example"

        def use(url):
            global RATES
            RATES = url

        async def on_fetch(request):
            use(request.url)
            await fetch(RATES + "/x")
        """
    assert hosts_of(tmp_path, source) == []


def test_a_parameter_hides_a_constant_of_its_name(tmp_path):
    source = """
        from workers import fetch

        base = "https://rates.example"

        async def call(base):
            return await fetch(f"{base}/x")

        async def on_fetch(request):
            return await call(request.url)
        """
    assert hosts_of(tmp_path, source) == []


def test_functions_of_a_module_beside_it_count_if_anything_uses_them(tmp_path):
    helper = """
        from js import fetch

        async def used():
            return await fetch("https://used.example/x")

        async def idle():
            return await fetch("https://idle.example/x")
        """
    source = "from helper import used\n\nasync def on_fetch(request):\n    return await used()\n"
    assert hosts_of(tmp_path, source, helper=helper) == ["used.example"]


def test_each_host_comes_once_with_the_line_of_its_first_fetch(tmp_path):
    (tmp_path / "entry.py").write_text(
        in_handler(
            'await fetch("https://a.example/")\nawait fetch("https://b.example/")\nawait fetch("https://a.example/2")'
        )
    )
    assert fetched_hosts(tmp_path / "entry.py") == [("a.example", "entry.py:5"), ("b.example", "entry.py:6")]


def test_of_several_workers_in_a_file_only_the_one_that_runs_shows_its_hosts(tmp_path):
    worker = "class {}:\n    async def fetch(self, request):\n        await fetch('https://{}.example/')\n"
    text = "from js import fetch\n" + "".join(worker.format(name, name.lower()) for name in ("One", "Two"))
    (tmp_path / "entry.py").write_text(text)
    assert fetched_hosts(tmp_path / "entry.py", "Two") == [("two.example", "entry.py:7")]
    (tmp_path / "entry.py").write_text(text + "class Three(One): ...\n")
    assert fetched_hosts(tmp_path / "entry.py", "Three") == [("one.example", "entry.py:4")]


def test_a_port_belongs_to_the_host(tmp_path):
    assert hosts_of(tmp_path, in_handler('await fetch("http://localhost:8080/x")')) == ["localhost:8080"]


@pytest.mark.parametrize("source", ["def broken(:", "", "x = 1"])
def test_a_file_without_any_shows_none(tmp_path, source):
    assert hosts_of(tmp_path, source) == []


def test_a_file_that_is_not_there_shows_none(tmp_path):
    assert fetched_hosts(tmp_path / "gone.py") == []
