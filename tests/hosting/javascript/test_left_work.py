"""Which work that a request leaves behind is lost, and which was to be given up: in pairs."""

from __future__ import annotations

import pytest

from edgeday.hosting.javascript.left_work import is_lost

NATIVE = "function () { [native code] }"
GUARDS = [
    "() => controller.abort()",
    "() => reject(new Error('timeout'))",
    "() => { timedOut = true; reject(new Error(`no answer from ${url} (retry())`)); }",
    "() => { /* give up(now) */ ac.abort(new DOMException('too slow', 'TimeoutError')) }",
    "() => resolve(null)",
    "function () { console.log('slow'); res(undefined); }",
    "()=>r(new Error)",
    "function onTimeout() { this.reject(new TypeError(String(ms))); }",
    "async () => { stopped = true; }",
    "() => { cache = null; }",
    "() => clearInterval(tick)",
    "() => { if (!settled) { settled = true; reject(e); } }",
    "() => reader.cancel().catch",
    "() => { socket?.close(); }",
]
WORK = [
    '() => env.KV.put("seen", "yes")',
    "async () => { await env.KV.put(key, value); }",
    "() => flush()",
    "() => ctx.waitUntil(save())",
    "function flush() { queue.splice(0).forEach((one) => send(one)); }",
    "async function later() { await fetch(url, { method: 'POST' }); }",
    "() => { resolve(); env.KV.delete(key) }",
    "() => this.#send(1)",
    "() => seen.delete(key)",
    "() => env?.KV?.put('a', `b`)",
    "tick() { save(count) }",
]


@pytest.mark.parametrize("raced", [False, True])
@pytest.mark.parametrize("code", GUARDS)
def test_a_timer_that_only_gives_something_up_is_no_lost_work(code: str, raced: bool) -> None:
    assert not is_lost({"k": "timer", "code": code}, raced=raced)


@pytest.mark.parametrize("raced", [False, True])
@pytest.mark.parametrize("code", WORK)
def test_a_timer_that_does_more_is_lost_work(code: str, raced: bool) -> None:
    assert is_lost({"k": "timer", "code": code}, raced=raced)


@pytest.mark.parametrize(("raced", "lost"), [(False, True), (True, False)])
def test_what_follows_a_wait_is_lost_unless_it_may_be_the_time_limit_of_a_race(
    raced: bool, lost: bool
) -> None:
    assert is_lost({"k": "timer", "code": NATIVE}, raced=raced) is lost


@pytest.mark.parametrize(
    ("kind", "method", "lost_in_a_race"),
    [
        ("kv.get", "", False),
        ("kv.list", "", False),
        ("cache.match", "", False),
        ("fetch", "GET", False),
        ("fetch", "HEAD", False),
        ("kv.put", "", True),
        ("kv.delete", "", True),
        ("cache.put", "", True),
        ("cache.delete", "", True),
        ("fetch", "POST", True),
        ("fetch", "DELETE", True),
    ],
)
def test_an_operation_is_lost_work_but_a_read_that_may_have_lost_a_race(
    kind: str, method: str, lost_in_a_race: bool
) -> None:
    left = {"k": kind, "method": method}
    assert is_lost(left, raced=False)
    assert is_lost(left, raced=True) is lost_in_a_race
