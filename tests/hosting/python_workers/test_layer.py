"""What no recording shows of JavaScript's values: refusals, aborted fetches, promises as futures."""

from __future__ import annotations

import asyncio

import pytest

from edgeday.hosting.python_workers.arrays import JsArray
from edgeday.hosting.python_workers.classes import CLASSES
from edgeday.hosting.python_workers.containers import JsObject, JsRecord, from_data
from edgeday.hosting.python_workers.conversions import create_proxy, plain, to_js
from edgeday.hosting.python_workers.promises import JsPromise
from edgeday.hosting.python_workers.proxies import JsException
from edgeday.runtime.edge import Edge
from edgeday.web.messages import Response
from tests.hosting.python_workers.conftest import ask

from_entries = CLASSES["Object"].fromEntries


def test_a_key_of_web_crypto_is_refused_by_name():
    with pytest.raises(JsException, match=r"edgeday does not emulate crypto\.subtle\.sign"):
        CLASSES["crypto"].subtle.sign("HMAC")


@pytest.mark.parametrize(("other", "same"), [(b"ab", True), (b"ac", False)])
def test_bytes_are_compared_in_constant_time(other, same):
    assert CLASSES["crypto"].subtle.timingSafeEqual(to_js(b"ab"), to_js(other)) is same


async def test_a_fetch_whose_signal_is_aborted_ends_with_its_reason():
    async def origin(_request, _invocation):
        await asyncio.sleep(60)
        return Response("late")

    controller = CLASSES["AbortController"].new()
    async with Edge(outbound={"origin.example": origin}).invocation():
        fetching = CLASSES["fetch"]("https://origin.example/", signal=controller.signal)
        controller.abort()
        with pytest.raises(JsException, match="AbortError: The operation was aborted"):
            await fetching


async def test_a_settled_promise_is_a_future_without_a_task():
    async def work():
        return 5

    before = len(asyncio.all_tasks())
    promise = JsPromise(work())
    assert promise.done()
    assert promise.result() == 5
    assert asyncio.isfuture(promise)
    assert len(asyncio.all_tasks()) == before
    assert await asyncio.gather(promise, promise.then(lambda value: value + 1)) == [5, 6]
    assert await asyncio.wait_for(asyncio.shield(promise), 1) == 5


async def test_a_promise_begins_with_its_call_and_goes_on_when_nobody_waits():
    steps = []

    async def work():
        steps.append("begun")
        await asyncio.sleep(0)
        steps.append("done")

    JsPromise(work())
    assert steps == ["begun"]
    await asyncio.sleep(0.01)
    assert steps == ["begun", "done"]


def test_data_is_converted_when_it_is_looked_at_and_keeps_what_is_changed():
    page = from_data({"keys": [{"name": "a"}], "done": True})
    assert type(page) is JsRecord
    page.keys[0].name = "b"
    assert type(page) is JsObject
    assert page.keys[0].name == "b"
    assert plain(page) == {"keys": [{"name": "b"}], "done": True}


def test_a_callback_is_lost_after_the_call_it_was_given_to_unless_javascript_holds_it():
    kept = JsArray()
    push = CLASSES["Array"].of
    kept.append(push(lambda: "lost")._l[0])
    with pytest.raises(
        JsException, match="borrowed proxy was automatically destroyed at the end of a function"
    ):
        kept[0]
    assert push(create_proxy(lambda: "held"))[0]() == "held"


async def test_a_microtask_calls_what_javascript_holds(host, account):
    source = """
    import js
    from workers import Response, WorkerEntrypoint
    from pyodide.ffi import create_proxy
    import asyncio

    class Default(WorkerEntrypoint):
        async def fetch(self, request):
            seen = []
            js.queueMicrotask(create_proxy(lambda: seen.append("held")))
            await asyncio.sleep(0.01)
            return Response(str(seen))
    """
    edge = account(host(source))

    assert await ask(edge) == (200, "['held']")


async def test_two_workers_in_one_process_keep_their_generations(host, account):
    source = """
    from js import Object
    from pyodide import __version__
    from pyodide.ffi import to_js
    from workers import Response, WorkerEntrypoint

    class Default(WorkerEntrypoint):
        async def fetch(self, request):
            made = to_js({"a": 1})
            return Response(f"{__version__} {hasattr(made, 'a')} {made.constructor.name}")
    """

    old = account(host(source, date="2025-01-01"))
    new = account(host(source, flags=("python_workers_20260610",)))
    answers = await asyncio.gather(ask(old), ask(new), ask(old))
    assert [text for _, text in answers] == [
        "0.26.0a2 False Map",
        "314.0.0 True Object",
        "0.26.0a2 False Map",
    ]
