"""How arguments reach a binding: keywords are one object behind the others; what is ignored is reported."""

from __future__ import annotations

import asyncio
import inspect

import pytest

from edgeday.clock import VirtualClock
from edgeday.errors import PlatformTypeError
from edgeday.events import Diagnostic
from edgeday.kv.lost_options import lost_options
from edgeday.runtime.edge import Edge
from edgeday.web import Request, Response
from tests.conftest import START


@pytest.fixture
def account() -> Edge:
    return Edge(clock=VirtualClock(START), namespaces={"kv": "namespace-1"})


async def expiration_of(kv, key="k"):
    return next(row for row in (await kv.list())["keys"] if row["name"] == key).get("expiration")


@pytest.mark.parametrize(
    ("arguments", "keywords", "expires"),
    [
        ((), {"expirationTtl": 60}, True),
        (({"expirationTtl": 60},), {}, True),
        (({"metadata": 1},), {"expirationTtl": 60}, False),
        ((None,), {"expirationTtl": 60}, False),
        (({"metadata": 1}, {"expirationTtl": 60}), {}, False),
        ((), {"expiration_ttl": 60}, False),
        (({"expiration_ttl": 60},), {}, False),
        ((), {"options": {"expirationTtl": 60}}, False),
        (({"expirationTtl": 60},), {"metadata": 1}, True),
        (([],), {}, False),
    ],
)
async def test_only_the_third_argument_of_put_sets_an_expiry(kv, arguments, keywords, expires):
    await kv.put("k", "v", *arguments, **keywords)
    assert (await expiration_of(kv) is not None) is expires


async def test_keywords_behind_a_type_are_ignored(kv):
    await kv.put("k", "1")
    assert await kv.get("k", "json", cacheTtl=5) == 1
    assert await kv.get("k", None, type="json") == "1"
    assert (await kv.getWithMetadata("k", "json", cacheTtl=5))["value"] == 1
    assert await kv.get("k", "json", {"cacheTtl": 5}, "more") == 1


async def test_keywords_behind_the_options_of_list_are_ignored(kv):
    for name in ("a1", "a2", "b1"):
        await kv.put(name, "v")
    assert len((await kv.list({"prefix": "a"}, limit=1))["keys"]) == 2
    assert len((await kv.list(None, prefix="a"))["keys"]) == 3
    assert len((await kv.list(prefix="a", limit=1))["keys"]) == 1
    assert len((await kv.list(start="b"))["keys"]) == 3


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda kv: kv.get(), "'get' on 'KvNamespace': parameter 1 is not of type 'string or Array'."),
        (
            lambda kv: kv.getWithMetadata(),
            "'getWithMetadata' on 'KvNamespace': parameter 1 is not of type 'string or Array'.",
        ),
        (lambda kv: kv.delete(), "'delete' on 'KvNamespace': parameter 1 is not of type 'string'."),
        (lambda kv: kv.put(), "'put' on 'KvNamespace': parameter 1 is not of type 'string'."),
        (lambda kv: kv.put("k"), "'put' on 'KvNamespace': parameter 2 is not of type 'string or JsObject'."),
        (
            lambda kv: kv.put(key="k", value="v"),
            "'put' on 'KvNamespace': parameter 2 is not of type 'string or JsObject'.",
        ),
    ],
)
async def test_an_argument_that_is_left_out_is_refused_in_the_words_of_the_runtime(kv, call, text):
    with pytest.raises(PlatformTypeError) as raised:
        await call(kv)
    assert raised.value.message == f"Failed to execute {text}"


async def test_a_value_by_keyword_is_an_object_and_refused(kv):
    with pytest.raises(PlatformTypeError, match="accepts only strings, ArrayBuffers"):
        await kv.put("k", value="v")


async def test_a_key_by_keyword_is_an_object_and_named_so(kv):
    await kv.put("[object Object]", "v")
    assert await kv.get(key="k") == "v"
    await kv.delete(key="k")
    assert await kv.get("[object Object]") is None


NEVER_EXPIRES = ": the key never expires"
KEPT_AS_USUAL = ": the data centre keeps what it read for the default time"


def behind(method, last, noun, position):
    return (
        f"{method}() was given {last} and keywords: the {noun} a {position} argument, "
        "which Cloudflare ignores"
    )


LOSSES = [
    (
        ("put", ("k", "v"), {"expiration_ttl": 3600}),
        "put() ignores expiration_ttl, which is no option of KV (expirationTtl is)" + NEVER_EXPIRES,
    ),
    (
        ("put", ("k", "v", {"ttl": 3600, "meta": 1}), {}),
        "put() ignores ttl, meta, which are no options of KV (expirationTtl, metadata are)"
        + NEVER_EXPIRES
        + " and the key has no metadata",
    ),
    (
        ("put", ("k", "v", {"ex": 60, "expirationTtl": 60}), {}),
        "put() ignores ex, which is no option of KV (expirationTtl is)",
    ),
    (
        ("put", ("k", "v"), {"cacheTtl": 60}),
        "put() ignores cacheTtl, which is no option of put() (expirationTtl is)" + NEVER_EXPIRES,
    ),
    (
        ("put", ("k", "v", {"metadata": 1}), {"expirationTtl": 60}),
        behind("put", "options", "keyword expirationTtl is", "fourth") + NEVER_EXPIRES,
    ),
    (
        ("put", ("k", "v", None), {"expirationTtl": 60, "metadata": 1}),
        behind("put", "None", "keywords expirationTtl, metadata are", "fourth")
        + NEVER_EXPIRES
        + " and the key has no metadata",
    ),
    (
        ("put", ("k", "v", {}, {"expirationTtl": 60}), {}),
        "put() takes 3 arguments: Cloudflare ignores what comes behind (expirationTtl)" + NEVER_EXPIRES,
    ),
    (
        ("get", ("k", "json"), {"cacheTtl": 60}),
        behind("get", "a type", "keyword cacheTtl is", "third") + KEPT_AS_USUAL,
    ),
    (
        ("get", ("k", {"type": "json", "cache_ttl": 60}), {}),
        "get() ignores cache_ttl, which is no option of KV (cacheTtl is)" + KEPT_AS_USUAL,
    ),
    (
        ("getWithMetadata", ("k", None), {"type": "json"}),
        behind("getWithMetadata", "None", "keyword type is", "third") + ": the value is text",
    ),
    (
        ("list", ({"prefix": "a"},), {"limit": 1}),
        behind("list", "options", "keyword limit is", "second") + ": a page has up to 1,000 keys",
    ),
    (("list", (), {"start": "a"}), "list() ignores start, which is no option of KV"),
    (
        ("get", (), {"key": "k"}),
        'get() was given its key by keyword, as an object: Cloudflare takes the key "[object Object]"',
    ),
    (("delete", ("k",), {"force": True}), behind("delete", "a key", "keyword force is", "second")),
]


@pytest.mark.parametrize(("call", "text"), LOSSES, ids=[text for _, text in LOSSES])
async def test_what_a_call_loses_in_silence_is_reported_with_its_line(account, call, text):
    method, arguments, keywords = call
    diagnostics = []
    account.events.subscribe(Diagnostic, diagnostics.append)
    async with account.invocation():
        line = inspect.currentframe().f_lineno + 1
        await getattr(account.env.kv, method)(*arguments, **keywords)
    assert [(event.id, event.text) for event in diagnostics] == [("kv-option-lost", text)]
    assert diagnostics[0].place.endswith(f"test_kv_arguments.py:{line}")
    assert lost_options(method, arguments, keywords) == (text,)


async def test_a_call_that_is_handed_to_a_task_has_the_line_that_did():
    line = 0

    class Worker:
        async def fetch(self, _request):
            nonlocal line
            calls = [self.env.kv.put(name, "v", ttl=60) for name in "ab"]
            line = inspect.currentframe().f_lineno + 1
            await asyncio.gather(*calls)
            return Response("ok")

    account = Edge(clock=VirtualClock(START), namespaces={"kv": "namespace-1"}, worker=Worker)
    places = []
    account.events.subscribe(Diagnostic, lambda event: places.append(event.place))
    await account.dispatch(Request("https://example.com/"))
    assert [place.partition(":")[2] for place in places] == [str(line)] * 2


@pytest.mark.parametrize(
    ("method", "arguments", "keywords"),
    [
        ("put", ("k", "v"), {}),
        ("put", ("k", "v"), {"expirationTtl": 60, "metadata": 1}),
        ("put", ("k", "v", {"expirationTtl": 60}), {}),
        ("put", ("k", "v", None), {}),
        ("put", (), {"key": "k", "value": "v"}),
        ("get", ("k",), {"type": "json", "cacheTtl": 60}),
        ("get", ("k", "json"), {}),
        ("get", (["a"], {"type": "json"}), {}),
        ("list", (), {}),
        ("list", ({"prefix": "a", "limit": 1, "cursor": "b"},), {}),
        ("delete", ("k",), {}),
    ],
)
def test_a_call_that_loses_nothing_has_nothing_to_report(method, arguments, keywords):
    assert lost_options(method, arguments, keywords) == ()


async def test_nothing_is_reported_outside_an_invocation(account):
    diagnostics = []
    account.events.subscribe(Diagnostic, diagnostics.append)
    await account.env.kv.put("k", "v", expiration_ttl=3600)
    assert diagnostics == []


async def test_a_binding_is_called_what_the_runtime_calls_it(kv):
    with pytest.raises(TypeError, match="'KvNamespace' object is not iterable"):
        list(kv)
    with pytest.raises(TypeError, match=r"'KvNamespace' has no len\(\)"):
        len(kv)
    assert kv
