"""Small scenarios, really replayed: one for each verdict that a report has to show."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from edgeday.measure.results import ScenarioResult
from edgeday.replay.judge import Observer
from edgeday.replay.runner import replay
from edgeday.scenario.loader import Loaded, load_one

HOSTILE = "</script><script>document.title='owned'</script><img src=x onerror=alert(1)>\"'& | `@all` \u2028"
"""Text that ends a script, breaks out of an attribute or a table cell, or mentions people, where it can."""

KV_LOG = {"entry": "worker_port:AiDietWorker", "variant": "kv_only"}
PLANS = {"plans": 3, "arrivals": "even"}


def scenario(directory: Path, **fields: Any) -> Loaded:
    """A scenario of three plans, or as it is said, loaded from a file."""
    values: dict[str, Any] = {
        "name": "small-day", "start": "2026-02-16T00:00:00Z", "traffic": [PLANS], "budgets": {}
    }  # fmt: skip
    path = directory / f"{fields.get('name', 'small-day')}.yaml"
    path.write_text(yaml.safe_dump({**values, **fields}, sort_keys=False), encoding="utf-8")
    return load_one(path)


def passing(directory: Path, observers: Sequence[Observer] = ()) -> ScenarioResult:
    """Three plans that log to the cache, with budgets that they keep and a hostile description."""
    budgets = {"plans.started": "== 3", "kv.writes.accepted": "<= 50%"}
    claims = [{"says": HOSTILE, "metric": "plans.started", "value": 4, "where": HOSTILE}]
    loaded = scenario(directory, name="passing", description=HOSTILE, budgets=budgets, claims=claims)
    return replay(loaded, observers=observers)


def failing(directory: Path, observers: Sequence[Observer] = ()) -> ScenarioResult:
    """Plans that log to KV until the day's writes are spent: broken budgets, no data, a wrong answer."""
    loaded = scenario(
        directory,
        name="failing",
        worker=KV_LOG,
        traffic=[{"plans": 70, "arrivals": "even"}],
        budgets={
            "kv.writes.accepted": "<= 100",
            "kv.refused": "== 0",
            "kv.reads.accepted{family=never_read:*}": "<= 5",
        },
        probes=[{"at": "+23h", "request": {"path": "/nowhere"}, "expect": {"status": 200}}],
    )
    return replay(loaded, observers=observers)


def partial(directory: Path, observers: Sequence[Observer] = ()) -> ScenarioResult:
    """A day that Ctrl-C interrupts after its first plan."""

    def interrupt(done: int, total: int, at: float) -> None:
        signal.raise_signal(signal.SIGINT)

    loaded = scenario(directory, name="partial", budgets={"plans.started": "== 3"})
    return replay(loaded, progress=interrupt, observers=observers)


def idle(directory: Path, observers: Sequence[Observer] = ()) -> ScenarioResult:
    """A day on which nothing happens."""
    return replay(scenario(directory, name="idle", traffic=[]), observers=observers)


ALL = (passing, failing, partial, idle)


def every(directory: Path, observers: Sequence[Observer] = ()) -> list[ScenarioResult]:
    """One of each."""
    return [day(directory, observers) for day in ALL]


ROUTES_DAY = """
name: routes
start: 2026-02-16T00:00:00Z
worker: {entry: "tests.scenario_days:Shop"}
namespaces: {page_content: page_content}
traffic:
  - {name: orders, requests: 1200, method: POST, path: /put/order, arrivals: even}
  - {name: lost, requests: 30, path: /nowhere-that-has-a-long-name-and-is-gone/for/ever}
  - {name: broken, requests: 20, path: /fail}
budgets: {"requests.status{status=4xx}": == 0, requests.failed: <= 500}
"""
"""Three routes with answers of three classes, and more KV writes than a Free account has on a day."""
