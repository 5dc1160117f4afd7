"""Calls of a KV binding from a Python Worker, on the Pyodide of its date, and what they lose silently."""

from __future__ import annotations

import contextlib

import pytest

from edgeday.events import Diagnostic

from .conftest import ask

NEW, OLD = "2025-09-29", "2025-09-28"
"""The first date of Pyodide 0.28, and the last one of 0.26."""

WRAPPED = """
from js import Object
from pyodide.ffi import to_js
from workers import Response, WorkerEntrypoint

class Default(WorkerEntrypoint):
    async def fetch(self, request):
        kv, m = self.env.KV, {{"m": 1}}
        await kv.put("a", "1")
        await kv.put("b", "1")
        result = {call}
        return Response(repr(result))
"""
RAW = """
from js import Object, Response
from pyodide.ffi import to_js

async def on_fetch(request, env):
    kv, m = env.KV, {{"m": 1}}
    result = {call}
    return Response.new(repr(result))
"""
STORED = """
        page = await kv.list(prefix="k")
        return Response(repr(["expiration" in page["keys"][0], page["keys"][0].get("metadata")]))
"""


async def run(host, account, source: str, date: str = NEW, **options) -> tuple[str, list[str]]:
    """What the worker answers, and the diagnostics of it."""
    edge = account(host(source, date=date, **options))
    texts: list[str] = []
    edge.events.subscribe(Diagnostic, lambda event: texts.append(f"{event.id} {event.place} {event.text}"))
    status, text = await ask(edge)
    assert status == 200
    return text, texts


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        ('await kv.get("a", "json", cacheTtl=60)', "1"),
        ('await kv.get("a", type="json")', "1"),
        ('await kv.get("missing")', "None"),
        ('await kv.get("a", "json")', "1"),
        ('len((await kv.list({"prefix": "a"}))["keys"])', "1"),
        ('len((await kv.list({"prefix": ""}, limit=1))["keys"])', "2"),
        ('(await kv.list()).list_complete', "True"),
        ('(await kv.list())["keys"][0].name', "'a'"),
        ('sorted((await kv.get(["a", "no"])).items())', "[('a', '1'), ('no', None)]"),
        ('bytes(await kv.get("a", "arrayBuffer"))', "b'1'"),
        ('[chunk.to_bytes() async for chunk in await kv.get("a", "stream")]', "[b'1']"),
        ('(await kv.getWithMetadata("a")).metadata', "None"),
    ],
)  # fmt: skip
async def test_reads_give_what_they_give_on_cloudflare(host, account, call, answer):
    text, _ = await run(host, account, WRAPPED.format(call=call))
    assert text == answer


@pytest.mark.parametrize(
    ("call", "stored", "lost"),
    [
        ('kv.put("k", "v", {"metadata": m}, expirationTtl=60)', "[False, {'m': 1}]", "the key never expires"),
        ('kv.put("k", "v", expiration_ttl=3600)', "[False, None]", "put() ignores expiration_ttl"),
        ('kv.put("k", "v", {"expirationTtl": 60})', "[True, None]", ""),
        ('kv.put("k", "v", expirationTtl=60, metadata=m)', "[True, {'m': 1}]", ""),
        ('kv.put("k", "v", to_js({"expirationTtl": 60}))', "[True, None]", ""),
        ('kv.put("k", "v", Object.fromEntries(to_js([["expirationTtl", 60]])))', "[True, None]", ""),
    ],
)  # fmt: skip
async def test_an_option_that_is_lost_on_cloudflare_is_lost_here_and_reported(
    host, account, call, stored, lost
):
    source = WRAPPED.format(call=f"await {call}").replace("        return Response(repr(result))\n", STORED)
    text, diagnostics = await run(host, account, source)
    assert text == stored
    assert [lost in one for one in diagnostics] == ([True] if lost else [])
    assert all(one.startswith("kv-option-lost ") and "entry.py:11 " in one for one in diagnostics)


@pytest.mark.parametrize(
    ("options", "new", "old", "lost"),
    [
        ('to_js({"expirationTtl": 60})', True, False, "expirationTtl in a dict or Map"),
        ('{"expirationTtl": 60}', True, False, "expirationTtl in a dict or Map"),
        ('to_js({"expirationTtl": 60}, dict_converter=Object.fromEntries)', True, True, ""),
    ],
)
async def test_options_of_a_raw_binding_are_read_as_the_pyodide_of_the_date_does(
    host, account, options, new, old, lost
):
    call = f'[await kv.put("k", "v", {options}), hasattr((await kv.list()).to_py()["keys"][0], "expiration")]'
    call = call.replace('hasattr((await kv.list()).to_py()["keys"][0], "expiration")',
                        '"expiration" in (await kv.list()).to_py()["keys"][0]')  # fmt: skip
    for date, expires in ((NEW, new), (OLD, old)):
        flags = ["disable_python_no_global_handlers"]
        text, diagnostics = await run(host, account, RAW.format(call=call), date, flags=flags)
        assert text == f"[None, {expires}]"
        assert [lost in one for one in diagnostics] == ([] if expires else [True])


async def test_what_a_put_needs_may_not_be_given_by_keyword(host, account):
    source = WRAPPED.format(call='await kv.put(key="k", value="v")').replace(
        "        result =",
        "        try: await kv.put(key='k', value='v')\n        except Exception as error:"
        " return Response(str(error))\n        result =",
    )
    text, _ = await run(host, account, source)
    assert text == (
        "TypeError: Failed to execute 'put' on 'KvNamespace': "
        "parameter 2 is not of type 'string or JsObject'."
    )


@pytest.mark.parametrize("use", ["[key for key in page.keys]", "page.keys[0]", "len(page.keys)"])
async def test_the_method_keys_of_a_page_taken_for_its_keys_is_reported(host, account, use):
    source = WRAPPED.format(call="await kv.list()").replace(
        "return Response", f"page = result; {use}; return Response"
    )
    edge = account(host(source, date=NEW))
    reports = []
    edge.events.subscribe(Diagnostic, reports.append)
    with contextlib.suppress(Exception):
        await ask(edge)
    assert [(one.id, one.text) for one in reports] == [
        (
            "kv-keys-method",
            'page.keys is the method of a dict, not the keys of the page, which are page["keys"]',
        )
    ]
    assert reports[0].place.endswith("entry.py:12")


CACHES = """
from js import caches, Response as JsResponse
from workers import Response, WorkerEntrypoint, fetch

class Default(WorkerEntrypoint):
    async def fetch(self, request):
        url = "https://a.example/page"
        page = JsResponse.new("cached", headers={"Cache-Control": "max-age=60"}.items())
        await caches.default.put(url, page)
        hit = await caches.default.match(url)
        named = await caches.open("other")
        miss = await named.match(url)
        gone = await caches.default.delete(url)
        answer = await fetch("https://origin.example/", method="POST", body="asked")
        return Response(f"{await hit.text()} {miss} {gone} {answer.status} {await answer.text()}")
"""


async def test_the_cache_api_and_fetch_are_those_of_the_account(host, account):
    from edgeday.web.messages import Response

    async def origin(request, _invocation):
        return Response(f"{request.method} {await request.text()}", status=201)

    edge = account(host(CACHES), outbound={"origin.example": origin})
    assert await ask(edge) == (200, "cached None True 201 POST asked")
