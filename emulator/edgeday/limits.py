"""What a Cloudflare account allows: dated numbers, each with its source.

Data only. Free and Paid are Cloudflare's accounts. A number
that changed has one row per date; `account_limits` picks the rows in force on a day.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, ClassVar, Literal, NamedTuple

Account = Literal["free", "paid"]
"""Whose limits apply: those of Workers Free or of Workers Paid."""
Mode = Literal["enforce", "observe", "off"]
"""What happens at a limit: refuse what is beyond it; count and report it; neither."""
NEARLY_PERCENT = 80
"""From this share of a limit on it is said to be nearly used up."""

_KV_PRICING = "Cloudflare docs, Workers KV pricing, read 2026-11-23"
_KV_LIMITS = "Cloudflare docs, Workers KV limits, read 2026-11-23"
_WORKERS_LIMITS = "Cloudflare docs, Workers platform limits, read 2026-11-23"
_CRON_LIMITS = "Cloudflare docs, Workers platform limits, cron triggers, read 2026-11-23"
_CHANGE_2026_02 = "Cloudflare changelog 2026-02-11, subrequests limit"
_CHANGE_2026_04 = "Cloudflare changelog 2026-04-09, relaxed simultaneous connection limiting"


class Limit(NamedTuple):
    """One number of the platform. `value` None: no limit. `since`: in force from that day on."""

    name: str
    account: Account
    value: int | None
    unit: str
    since: date
    source: str


def _both(name: str, value: int | None, unit: str, since: date, source: str) -> tuple[Limit, Limit]:
    return Limit(name, "free", value, unit, since, source), Limit(name, "paid", value, unit, since, source)


_EVER = date(2018, 9, 28)  # the day Workers KV was announced; "as long as it matters here"
_FEB_2026 = date(2026, 2, 11)

LIMITS: tuple[Limit, ...] = (
    Limit("kv_reads_per_day", "free", 100_000, "keys", _EVER, _KV_PRICING),
    Limit("kv_writes_per_day", "free", 1_000, "keys", _EVER, _KV_PRICING),
    Limit("kv_deletes_per_day", "free", 1_000, "keys", _EVER, _KV_PRICING),
    Limit("kv_lists_per_day", "free", 1_000, "requests", _EVER, _KV_PRICING),
    Limit("kv_reads_per_day", "paid", None, "keys", _EVER, _KV_PRICING),
    Limit("kv_writes_per_day", "paid", None, "keys", _EVER, _KV_PRICING),
    Limit("kv_deletes_per_day", "paid", None, "keys", _EVER, _KV_PRICING),
    Limit("kv_lists_per_day", "paid", None, "requests", _EVER, _KV_PRICING),
    *_both("kv_key_bytes", 512, "bytes of UTF-8", _EVER, _KV_LIMITS),
    *_both("kv_metadata_bytes", 1_024, "bytes of JSON", _EVER, _KV_LIMITS),
    *_both("kv_value_bytes", 26_214_400, "bytes, inclusive", _EVER, _KV_LIMITS),
    *_both("kv_min_ttl_s", 60, "seconds", _EVER, "Cloudflare docs, KV write key-value pairs"),
    *_both("kv_min_cache_ttl_s", 60, "seconds", _EVER, "Cloudflare changelog 2026-01-30, before the change"),
    *_both("kv_min_cache_ttl_s", 30, "seconds", date(2026, 1, 30), "Cloudflare changelog 2026-01-30"),
    *_both("kv_list_keys", 1_000, "keys per page", _EVER, "Cloudflare docs, KV list keys"),
    *_both("kv_bulk_get_keys", 100, "keys", _EVER, "Cloudflare changelog 2025-04-10, KV bulk reads"),
    *_both(
        "kv_bulk_get_bytes", 26_214_400, "bytes", _EVER, "miniflare 4.20260426 (the simulator), KV constants"
    ),
    *_both("kv_key_write_interval_ms", 1_000, "ms between writes of one key", _EVER, _KV_LIMITS),
    Limit("kv_storage_bytes", "free", 1_000_000_000, "bytes (1 GB)", _EVER, _KV_LIMITS),
    Limit("kv_storage_bytes", "paid", None, "bytes", _EVER, _KV_LIMITS),
    *_both("kv_namespaces", 1_000, "per account", _EVER, _KV_LIMITS),
    Limit("external_subrequests", "free", 50, "per invocation", _EVER, _WORKERS_LIMITS),
    Limit("external_subrequests", "paid", 1_000, "per invocation", _EVER, _WORKERS_LIMITS + " (older copy)"),
    Limit("external_subrequests", "paid", 10_000, "per invocation", _FEB_2026, _CHANGE_2026_02),
    Limit("internal_subrequests", "free", 1_000, "per invocation", _EVER, _WORKERS_LIMITS),
    Limit("internal_subrequests", "paid", 1_000, "per invocation", _EVER, _WORKERS_LIMITS + " (older copy)"),
    Limit("internal_subrequests", "paid", 10_000, "per invocation", _FEB_2026, _CHANGE_2026_02),
    Limit("subrequests_shared", "free", 0, "1: one counter for both kinds", _EVER, _WORKERS_LIMITS),
    Limit("subrequests_shared", "paid", 0, "1: one counter for both kinds", _EVER, _WORKERS_LIMITS),
    Limit("subrequests_shared", "paid", 1, "1: one counter for both kinds", _FEB_2026, _CHANGE_2026_02),
    Limit("requests_per_day", "free", 100_000, "requests", _EVER, _WORKERS_LIMITS),
    Limit("requests_per_day", "paid", None, "requests", _EVER, _WORKERS_LIMITS),
    Limit("cron_triggers", "free", 5, "per account", _EVER, _CRON_LIMITS),
    Limit("cron_triggers", "paid", 90, "per account", _EVER, _CRON_LIMITS + " (before 2022-09)"),
    Limit("cron_triggers", "paid", 250, "per account", date(2022, 9, 1), _CRON_LIMITS),
    *_both("connections", 6, "open at once per invocation", _EVER, _WORKERS_LIMITS),
    *_both(
        "connections_while_read", 1, "1: until the body was read", _EVER, _CHANGE_2026_04 + " (before it)"
    ),
    *_both("connections_while_read", 0, "1: until the body was read", date(2026, 4, 9), _CHANGE_2026_04),
    *_both("redirects", 20, "hops per fetch", _EVER, "workerd 6552d99, api/http.c++"),
    *_both("wait_until_s", 30, "seconds after the response", _EVER, "Cloudflare docs, Workers context"),
    *_both("cache_object_bytes", 512 * 1024 * 1024, "bytes", _EVER, _WORKERS_LIMITS),
    *_both("cache_name_bytes", 1_023, "bytes", _EVER, "workerd 6552d99, api/cache.c++"),
)


@dataclass(frozen=True, slots=True)
class AccountLimits:
    """The limits of one account on one day. None: the account sets no such limit."""

    account: Account
    kv_reads_per_day: int | None
    kv_writes_per_day: int | None
    kv_deletes_per_day: int | None
    kv_lists_per_day: int | None
    kv_key_bytes: int
    kv_metadata_bytes: int
    kv_value_bytes: int
    kv_min_ttl_s: int
    kv_min_cache_ttl_s: int
    kv_list_keys: int
    kv_bulk_get_keys: int
    kv_bulk_get_bytes: int
    kv_key_write_interval_ms: int
    kv_storage_bytes: int | None
    kv_namespaces: int
    external_subrequests: int
    internal_subrequests: int
    subrequests_shared: int
    requests_per_day: int | None
    cron_triggers: int
    connections: int
    connections_while_read: int
    redirects: int
    wait_until_s: int
    cache_object_bytes: int
    cache_name_bytes: int


def account_limits(account: Account, on: date) -> AccountLimits:
    """The limits in force for an account on a day: of each name the newest row that had begun."""
    values: dict[str, int | None] = {}
    for limit in sorted(LIMITS, key=lambda row: row.since):
        if limit.account == account and limit.since <= on:
            values[limit.name] = limit.value
    missing = {field.name for field in fields(AccountLimits)} - set(values) - {"account"}
    if missing:
        raise ValueError(f"no limits are known for {on}: Workers KV did not exist yet")
    return AccountLimits(account=account, **values)  # type: ignore[arg-type]


def source_of(name: str, account: Account, on: date) -> Limit:
    """The row that `account_limits` takes for one name: its number with unit, date and source."""
    rows = [row for row in LIMITS if row.name == name and row.account == account and row.since <= on]
    return max(rows, key=lambda row: row.since)


_PERCENT = r"\s*(\d{1,3}(?:\.\d+)?)\s*"
_BAND = re.compile(rf"{_PERCENT}%?\s*\.\.{_PERCENT}%\s*\Z")


@dataclass(frozen=True, slots=True)
class CutOff:
    """Where a daily quota is cut: at its number, or somewhere in a band above it, on each day elsewhere.

    Source of the band: nothing documented. One Free account's analytics show 1,002 to 1,366 writes on days
    that hit the limit of 1,000 (public issues of the project MisakaNet, 2026-09); such analytics are sampled,
    and may count refused writes.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid", "use_attribute_docstrings": True}
    soft: str | None = None
    """Percent above the number, least and most, such as 0..37%; default: it is cut at the number."""

    def __post_init__(self) -> None:
        if self.soft is not None:
            self._band(self.soft)

    @property
    def is_hard(self) -> bool:
        """Whether quotas are cut at their numbers."""
        return self.soft is None

    @property
    def percents(self) -> tuple[float, float]:
        """Percent above the number, least and most."""
        return (0.0, 0.0) if self.soft is None else self._band(self.soft)

    def units_above(self, limit: int) -> tuple[int, int]:
        """Least and most units above a limit that a day may accept, both included."""
        least, most = (limit * percent / 100 for percent in self.percents)
        return math.ceil(least), max(math.ceil(least), math.floor(most))

    @staticmethod
    def _band(text: str) -> tuple[float, float]:
        match = _BAND.match(text)
        if match is None or float(match[1]) > float(match[2]):
            from edgeday.fields import impossible

            raise impossible(
                f'"{text}" is no band; write the least and the most percent, such as 0..37%', "soft"
            )
        return float(match[1]), float(match[2])


@dataclass(frozen=True, slots=True)
class Switches:
    """What happens at each limit: enforce it, observe (count and report) it, or turn it off."""

    __pydantic_config__: ClassVar = {"extra": "forbid", "use_attribute_docstrings": True}
    daily_kv: Mode = "enforce"
    """The four daily KV quotas."""
    key_write_rate: Mode = "enforce"
    """One write per second to one KV key."""
    subrequests: Mode = "enforce"
    """External and internal subrequests per invocation."""
    value_sizes: Mode = "enforce"
    """Sizes of KV values and metadata."""
    requests: Mode = "enforce"
    """Requests a day; those beyond get error 1027 and never reach the worker."""
    cut_off: CutOff = CutOff()
    """Where the daily KV quotas are cut: at their numbers, or in a band above, drawn for each day."""

    @classmethod
    def of(cls, written: Mapping[str, Any]) -> Switches:
        """Switches as a scenario writes them. Raises ValueError for a band that is none."""
        return cls(**{**written, "cut_off": CutOff(**written.get("cut_off", {}))})
