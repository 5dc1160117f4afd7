"""A call of JavaScript that KV or the cache refuses for what it asks is named with its line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edgeday.clock import VirtualClock
from edgeday.events import Diagnostic
from edgeday.hosting.javascript.bundles import Bundle, Module
from edgeday.hosting.javascript.host import host_javascript
from edgeday.runtime.edge import Edge
from tests.hosting.javascript.test_host import answers
from tests.hosting.javascript.test_lines import Run

pytestmark = pytest.mark.workerd

TOO_LONG = "414 UTF-8 encoded length of 513 exceeds key length limit of 512"
CATCHES = """export default { async fetch(request, env) {
  try {
    await %s;
  } catch { return new Response("sorry", { status: 500 }); }
  return new Response("ok"); } };
"""


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            'env.KV.put("cart:7", "x", { expirationTtl: 30 })',
            "KV put of cart:* failed: 400 Invalid expiration_ttl of 30. Expiration TTL must be at least 60",
        ),
        ('env.KV.get("")', "KV get failed: Key name cannot be empty"),
        (
            'env.KV.put("k".repeat(513), "x")',
            f"KV put of {'k' * 60}... failed: {TOO_LONG}",
        ),
        (
            'caches.default.put("https://a.example/x", new Response("", { status: 206 }))',
            "cache put of x failed: Cannot cache response to a range request (206 Partial Content)",
        ),
    ],
)
def test_it_has_the_line_although_the_error_is_caught(workerd: Path, call: str, text: str) -> None:
    run = Run(workerd, CATCHES % call)
    run.ask("/")
    assert [(one.id, one.place, one.text) for one in run.diagnostics] == [
        ("call-failed", "worker.js:3", text)
    ]


def test_a_call_that_only_a_package_made_has_the_line_of_the_package(workerd: Path) -> None:
    source = (
        'export default { async fetch(request, env) {\nawait env.KV.put("k", "x", { expirationTtl: 1 }); } };'
    )
    map = {
        "version": 3,
        "sources": ["node_modules/limiter/index.js"],
        "names": [],
        "mappings": "AAAA;AAAA",
    }
    bundle = Bundle(
        "worker.js",
        "modules",
        (Module("worker.js", "esModule", source.encode()),),
        source_maps={"worker.js": json.dumps(map).encode()},
    )
    worker = host_javascript(bundle, workerd, namespaces=["KV"])
    edge = Edge(clock=VirtualClock("2026-02-16T00:00:00Z"), namespaces={"KV": "kv"}, worker=worker)
    diagnostics: list[Diagnostic] = []
    edge.events.subscribe(Diagnostic, diagnostics.append)
    answers(edge, "/")
    assert [one.place for one in diagnostics] == ["node_modules/limiter/index.js:1"]
