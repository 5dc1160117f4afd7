"""Which recorded cases the registered differences can show in: one predicate for each rule.

So a case that is not in the registry can be judged too: a difference that a rule covers is no surprise.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from .notation import Case


def explains(rule: str, case: Case) -> bool:
    """Whether a case does what the rule is about."""
    return RULES[rule](case)


def _of(case: Case, op: str) -> Iterator[dict[str, Any]]:
    return (step["args"] for step in case.steps if step["op"] == op)


def _stored_headers(case: Case) -> Iterator[dict[str, str]]:
    """The headers of every response that a cache case puts, names in lower case."""
    if case.area == "cache":
        for args in _of(case, "put"):
            if not isinstance(args["response"], dict):
                continue
            yield {name.lower(): str(value) for name, value in args["response"].get("headers", [])}


def _cache_control(case: Case) -> str:
    return ", ".join(fields.get("cache-control", "") for fields in _stored_headers(case))


def _lists_expiring_keys(case: Case) -> bool:
    expiring = any("expiration" in name for args in _of(case, "put") for name in args.get("options") or ())
    return case.area == "kv" and expiring and any(step["op"] == "list" for step in case.steps)


def _lists_with_nul(case: Case) -> bool:
    return case.area == "kv" and any("\\u0000" in json.dumps(args) for args in _of(case, "list"))


def _puts_without_lifetime(case: Case) -> bool:
    return any(not {"cache-control", "expires"} & fields.keys() for fields in _stored_headers(case))


def _puts_last_modified_alone(case: Case) -> bool:
    return any(
        "last-modified" in fields and "expires" not in fields and "max" not in fields.get("cache-control", "")
        for fields in _stored_headers(case)
    )


RULES: dict[str, Callable[[Case], bool]] = {
    "expired-not-listed": _lists_expiring_keys,
    "prefix-with-nul": _lists_with_nul,
    "default-lifetimes": _puts_without_lifetime,
    "no-heuristic-lifetime": _puts_last_modified_alone,
    "immutable-is-for-browsers": lambda case: "immutable" in _cache_control(case).lower(),
    "stale-directives-unsupported": lambda case: "stale-" in _cache_control(case).lower(),
    "directives-without-case": lambda case: _cache_control(case) != _cache_control(case).lower(),
}
