"""Calls to KV and the cache that fail by what they ask for are a finding, whatever becomes of the error."""

from __future__ import annotations

from textwrap import indent

import pytest

from edgeday.replay.runner import replay
from edgeday.scenario.loader import load_text

pytestmark = pytest.mark.usefixtures("forgotten_workers")

WORKER = """
from itertools import count
from edgeday.web import Request, Response, caches

numbers = count(1)


class Caller:
    async def fetch(self, request):
        kv, n = self.env.KV, next(numbers)
        try:
%s
        except Exception:
            return Response("sorry", status=500)
        return Response("")
"""
DAY = """
name: day
start: 2026-02-16T00:00:00Z
worker: caller.py
namespaces: {KV: kv}
traffic: [{name: visits, requests: 3, path: /}]
budgets: {requests.started: "== 3"}
"""
LINE = "caller.py:12"
LEAST = "Expiration TTL must be at least 60"


@pytest.fixture
def found(tmp_path, monkeypatch):
    """The findings of three requests whose handler does this."""
    monkeypatch.chdir(tmp_path)

    def of(line):
        (tmp_path / "caller.py").write_text(WORKER % indent(line, " " * 12))
        return replay(load_text(DAY, tmp_path / "day.yaml")).findings

    return of


def failed(findings):
    return [one.text for one in findings if one.id == "call-failed"]


def test_a_call_that_kv_refuses_is_named_with_its_line_although_the_error_is_caught(found):
    assert failed(found("await kv.put('cart:7', 'x', {'expirationTtl': 30})")) == [
        f"{LINE}: KV put of cart:* failed: 400 Invalid expiration_ttl of 30. {LEAST} (3 times)"
    ]


@pytest.mark.parametrize(("ttl", "count"), [(59, 1), (60, 0)])
def test_a_call_that_kv_takes_is_not(found, ttl, count):
    assert len(failed(found(f"await kv.put('cart', 'x', {{'expirationTtl': {ttl}}})"))) == count


def test_of_texts_that_differ_in_numbers_the_numbers_that_stay_are_said(found):
    assert failed(found("await kv.put('cart', 'x', {'expirationTtl': 30 + n})")) == [
        f"{LINE}: KV put of cart failed: 400 Invalid expiration_ttl of N. {LEAST} (3 times)"
    ]


def test_other_keys_are_another_failure(found):
    texts = failed(found("await kv.put(f'{\"abc\"[n - 1]}:1', 'x', {'expirationTtl': 30})"))
    assert [text.split(" of ")[1].split()[0] for text in texts] == ["a:*", "b:*", "c:*"]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("await kv.get('k', cacheTtl=1)", "KV get of k failed: 400 Invalid cache_ttl of 1"),
        ("await kv.get('')", "KV get failed: Key name cannot be empty"),
        ("await kv.put('.', 'x')", 'KV put of . failed: "." is not allowed as a key name'),
        ("await kv.delete('k' * 513)", f"KV delete of {'k' * 60}... failed: 414 UTF-8 encoded length of 513"),
        ("await kv.list(limit=2000)", "KV list failed: 400 Invalid key_count_limit of 2000"),
        (
            "await caches.default.put(Request('https://a.example/x', method='POST'), Response(''))",
            "cache put of x failed: Cannot cache response to non-GET request",
        ),
        (
            "await caches.default.put('https://a.example/x', Response('', status=206))",
            "cache put of x failed: Cannot cache response to a range request (206 Partial Content)",
        ),
        (
            "await caches.default.put('https://a.example/x', Response('', headers={'vary': '*'}))",
            "cache put of x failed: Cannot cache response with 'Vary: *' header",
        ),
        (
            "await caches.default.match(Request('https://a.example/x', cf={'cacheTtl': 60}))",
            "cache match of x failed: ",
        ),
    ],
)
def test_every_kind_of_call_is_named(found, line, text):
    (said,) = failed(found(line))
    assert said.startswith(f"{LINE}: {text}")


def test_the_requests_that_were_lost_to_it_say_so(found):
    texts = [one.text for one in found("await kv.put('cart', 'x', {'expirationTtl': 30})")]
    assert texts[0].endswith("failed, and no limit is to blame: KV refused what was asked of it")


def test_calls_that_a_quota_or_the_rate_of_a_key_refuses_have_findings_of_their_own(found):
    findings = found("await kv.put('cart', 'x')\nawait kv.put('cart', 'y')")
    assert "kv-one-write-per-second" in {one.id for one in findings}
    assert failed(findings) == []
