"""May a response be stored, and for how long is it fresh? Pure rules, each decision with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

DEFAULT_LIFETIME_S: Mapping[int, int] = {
    200: 7200,
    206: 7200,
    301: 7200,
    302: 1200,
    303: 1200,
    404: 180,
    410: 180,
}
"""Seconds a response without freshness headers stays, by status. Source: Cloudflare docs, edge TTL."""


class Decision(NamedTuple):
    """lifetime_s: seconds the response is fresh; None: it is not stored. reason: why, in words."""

    lifetime_s: float | None
    reason: str


def is_fresh(age_s: float, lifetime_s: float) -> bool:
    """Fresh while age is below the freshness lifetime; equal is stale (RFC 9111, 4.2)."""
    return age_s < lifetime_s


@lru_cache(maxsize=256)
def directives(cache_control: str) -> Mapping[str, str]:
    """Cache-Control as a mapping of lower-case names to values ("" if none)."""
    found: dict[str, str] = {}
    for part in cache_control.split(","):
        name, _, value = part.strip().partition("=")
        if name:
            found[name.lower()] = value.strip().strip('"')
    return found


def _seconds(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() else None


def decide(status: int, cache_control: str | None, expires_in_s: float | None) -> Decision:
    """Whether to store, and for how long.

    cache_control: the header's text, or None. expires_in_s: what Expires leaves, in seconds, or None.
    s-maxage beats max-age, which beats Expires.
    """
    rules = directives(cache_control) if cache_control else {}
    for refusal in ("no-store", "private"):
        if refusal in rules and not rules[refusal]:
            return Decision(None, f"not stored: Cache-Control: {refusal}")
    for name in ("s-maxage", "max-age"):
        seconds = _seconds(rules.get(name))
        if seconds is not None:
            return Decision(seconds, f"stored for {seconds} s: {name}")
    if expires_in_s is not None:
        return Decision(max(0.0, expires_in_s), "stored until Expires")
    lifetime = DEFAULT_LIFETIME_S.get(status)
    if lifetime is None:
        return Decision(None, f"not stored: status {status} without freshness headers")
    return Decision(lifetime, f"stored for {lifetime} s: the default for status {status}")
