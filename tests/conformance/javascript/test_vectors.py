"""Every recorded case through a JavaScript worker: KV, caches, and the runtime's own web classes.

A test for each area, not for each case: without workerd there is one line for it.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from edgeday.clock import VirtualClock
from edgeday.fidelity import DIFFERENCES
from edgeday.hosting.javascript.bundles import Bundle, Module
from edgeday.hosting.javascript.host import host_javascript
from edgeday.runtime.edge import Edge
from edgeday.web import Request
from tests.conformance import results
from tests.conformance.notation import Case
from tests.conformance.rules import explains
from tests.conformance.runner import START_S, UNLIMITED, compare

pytestmark = pytest.mark.workerd

NAMESPACES = {"first": "namespace-1", "second": "namespace-2"}
REGISTERED = {case_id for row in DIFFERENCES for case_id in row.cases}
MODULES = ("probe.js", "notation.js", "results.js", "web.js")
RANDOM_CASES = {"cachecc-1-1957": "directives-without-case"}
"""Cases of a random search that differ by a registered rule."""
NEWER_HOSTS = frozenset(
    {
        *(f"cacheurl-1-{number}" for number in (2618, 2650, 2806, 2840, 2980, 3004)),
        *(f"weburl-1-{number}" for number in (2563, 2597, 2651, 2819)),
        "webrequest-1-4335",
    }
)
"""Cases with hosts of Punycode or of characters of newer Unicode, which Ada now reads otherwise."""
NEWER_NUMBERS = frozenset(
    {"kv-ttl-above-int32", "kv-ttl-below-int32", "kv-cachettl-above-int32", "kv-limit-above-int32"}
)
"""Cases of fractions beyond the ends of 32 bits, which are cut now before the range is checked."""
NO_DEFAULT_PHRASE = re.compile(r"(?:statusText|\.v): '', recorded ['\"][A-Z][A-Za-z' -]*['\"]$")
"""A response has no reason phrase now unless it was given one."""
_HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def worker(workerd_of_module: Path) -> type:
    """The worker that does what a step says."""
    modules = tuple(Module(name, "esModule", (_HERE / name).read_bytes()) for name in MODULES)
    bundle = Bundle("probe.js", "modules", modules, date="2026-04-01")
    return host_javascript(bundle, workerd_of_module, namespaces=[*NAMESPACES])


@pytest.fixture(scope="module")
def edge(worker: type) -> Edge:
    """One edge for all cases: its stores and its clock begin anew with each, its isolate goes on."""
    clock = VirtualClock(START_S)
    return Edge(clock=clock, switches=UNLIMITED, namespaces=NAMESPACES, worker=worker)


async def run(edge: Edge, case: Case) -> list[str]:
    """What differs from the recording, by step; empty if nothing does."""
    clock = edge.clock
    assert isinstance(clock, VirtualClock)
    await edge.store.reset()
    edge.caches.reset()
    clock.reset()
    wrong: list[str] = []
    for number, step in enumerate(case.steps):
        now_s = START_S + step["at"]
        clock.travel_to(now_s)
        message = {"area": case.area, "number": number, "op": step["op"], "args": step["args"]}
        request = Request("https://probe.example/", method="POST", body=json.dumps(message))
        answer = json.loads(await (await edge.dispatch(request)).text())
        await edge.drain()
        result, failure = answer.get("result"), answer.get("error")
        if step["op"] == "match" and result is not None:
            data = None if result["body"] is None else base64.b64decode(result["body"])
            fields = dict(result["headers"])
            result = results.as_matched(result["status"], result["statusText"], fields, data)
        lines = compare(step, result, failure, now_s, name_only="message-engine" in case.tag)
        wrong += [f"step {number} ({step['op']}): {line}" for line in lines]
    return wrong


@pytest.mark.parametrize("area", ["kv", "cache", "web"])
async def test_what_was_recorded_happens_in_javascript(
    area: str, edge: Edge, javascript_cases: Sequence[Case], bundled_ids: frozenset[str]
) -> None:
    """The registered differences hold, as for a Python worker, and no others."""
    cases = [case for case in javascript_cases if case.area == area]
    failed = []
    for case in cases:
        problem = _problem(case, await run(edge, case), bundled_ids)
        if problem:
            failed.append(f"{case.id}: {problem}")
    assert not failed, "\n".join([f"{len(failed)} of {len(cases)} cases", *failed])


def _problem(case: Case, wrong: list[str], bundled_ids: frozenset[str]) -> str:
    """What is wrong with a case that differs so; "" if nothing is."""
    if case.id in REGISTERED:
        return "" if wrong else "registered as a difference, but it agrees with the recording: take it out"
    rule = RANDOM_CASES.get(case.id)
    if rule is not None:
        return "" if wrong and explains(rule, case) else f"registered under {rule}, which does not show"
    if "simulator" in case.tag and case.id not in bundled_ids:
        return ""  # counted by the Python face, case by case
    return "\n  ".join(line for line in wrong if not _is_newer(case, line))


def _is_newer(case: Case, line: str) -> bool:
    """Whether a difference is that of the runtime's version to the one that was recorded (1.20260426.1)."""
    return case.id in NEWER_HOSTS | NEWER_NUMBERS or (
        case.area == "web" and NO_DEFAULT_PHRASE.search(line) is not None
    )
