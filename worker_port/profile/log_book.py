"""What became of the logs: follows every log from its put to its end, and looks at the stores at last.

Which keys are logs, and what the admin's lists reach, is the worker's to say: its class offers `log_audit`,
which is called with the plain variables of its `env`. Looking costs no quota, no subrequest and no time. The
counts are reported as events of the service "logs", so that a journal holds them too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple, Protocol

from edgeday import AUDIT, Edge, Operation, is_expired
from edgeday.web.json_text import parse
from worker_port.profile.metrics import LOGS

_SWEEP_S = 3600
_PUTS = frozenset({"stored", "not-stored", "refused", "error"})
_ENDS = frozenset({"deleted", "evicted"})
_PAGE = 1000

OUTCOMES = (
    "written", "expired", "evicted", "deleted", "readable", "elsewhere", "orphaned", "calls-readable",
    "errors", "errors-debuggable",
)  # fmt: skip
"""What is reported once; "never-stored" comes once for each reason."""


class AuditedLogs(Protocol):
    """What a worker says of its logs. A key is a KV key, or the URL of a cached response."""

    def is_log(self, key: str) -> bool: ...
    def is_error(self, key: str) -> bool: ...
    def can_be_debugged(self, value: Any) -> bool: ...

    async def reached(
        self,
        read: Callable[[str], Awaitable[Any]],
        keys_of: Callable[[str], Awaitable[list[str]]],
    ) -> Mapping[str, int]:
        """The keys that the admin's lists lead to, and how many AI calls each of them shows.

        read: the JSON value of a key as one data centre has it. keys_of: KV keys by prefix.
        """
        ...


class _Name(NamedTuple):
    """One log: the KV namespace's binding, or the cache, and the data centre of the cache ("" for KV)."""

    colo: str
    place: str
    key: str


class LogBook:
    """The logs of one run; keeps those that are stored, and counts of the others."""

    def __init__(self, edge: Edge, audit: AuditedLogs, admin_colo: str) -> None:
        self._edge = edge
        self._audit = audit
        self._admin_colo = admin_colo
        self._stored: dict[_Name, float | None] = {}
        self._colos = {admin_colo}
        self._count: Counter[str] = Counter()
        self._never: Counter[str] = Counter()
        self._next_sweep_at = float("-inf")
        self._stop = edge.events.subscribe(Operation, self._operation, outcomes=_PUTS | _ENDS)

    def _operation(self, event: Operation) -> None:
        if event.service == "cache":
            self._colos.add(event.colo)
        if event.service not in {"kv", "cache"} or not self._audit.is_log(event.key):
            return
        name = _Name(event.colo if event.service == "cache" else "", event.binding, event.key)
        if event.op == "put":
            self._put(name, event)
        elif name in self._stored and event.outcome in _ENDS:
            del self._stored[name]
            self._count[event.outcome] += 1

    def _put(self, name: _Name, event: Operation) -> None:
        if event.outcome != "stored":
            self._never[event.reason] += 1
            return
        if event.at >= self._next_sweep_at:
            self._give_up_expired(event.at)
        if name in self._stored and is_expired(event.at, self._stored[name]):
            del self._stored[name]
            self._count["expired"] += 1
        if name not in self._stored:
            self._count["written"] += 1
        self._stored[name] = event.expires_at

    def _give_up_expired(self, now: float) -> None:
        living = {name: ends for name, ends in self._stored.items() if not is_expired(now, ends)}
        self._count["expired"] += len(self._stored) - len(living)
        self._stored = living
        self._next_sweep_at = now + _SWEEP_S

    async def report(self) -> None:
        """Look at the stores as they are now, and report what became of every log."""
        now = self._edge.clock.now()
        if self._edge.production.evicting is not None:
            await self._edge.production.evicting.settle()
        self._stop()
        self._give_up_expired(now)
        reached = {colo: await self._reached(colo) for colo in sorted(self._colos)}
        self._sort(reached)
        errors = [name for name in self._stored if not name.colo and self._audit.is_error(name.key)]
        self._count["errors"] = len(errors)
        for name in errors:
            value = await self._read(self._admin_colo, name.key)
            self._count["errors-debuggable"] += self._audit.can_be_debugged(value)
        for what in OUTCOMES:
            self._emit(what, self._count[what])
        for reason, units in sorted(self._never.items()):
            self._emit("never-stored", units, reason)

    def _sort(self, reached: Mapping[str, Mapping[str, int]]) -> None:
        """Say of each stored log which lists lead to it."""
        admin = reached[self._admin_colo]
        for name in self._stored:
            places = [name.colo] if name.colo else list(reached)
            if self._admin_colo in places and name.key in admin:
                self._count["readable"] += 1
                self._count["calls-readable"] += admin[name.key]
            elif any(name.key in reached[colo] for colo in places):
                self._count["elsewhere"] += 1
            else:
                self._count["orphaned"] += 1

    async def _reached(self, colo: str) -> Mapping[str, int]:
        async def read(key: str) -> Any:
            return await self._read(colo, key)

        return await self._audit.reached(read, self._keys_of)

    async def _read(self, colo: str, key: str) -> Any:
        store, now = self._edge.store, self._edge.clock.now()
        if "://" in key:
            cached = await store.cache_get(f"{colo}/default", key)
            return None if cached is None or is_expired(now, cached.expires_at) else _value(cached.body)
        for namespace in self._namespaces():
            (entry,) = await store.kv_peek(namespace, (key,), now)
            if entry is not None:
                return _value(entry.value)
        return None

    async def _keys_of(self, prefix: str) -> list[str]:
        keys: list[str] = []
        for namespace in self._namespaces():
            after, more = "", True
            while more:
                now = self._edge.clock.now()
                page = await self._edge.store.kv_peek_list(namespace, prefix, after, _PAGE, now)
                keys += [row.name for row in page.keys]
                more = page.more
                after = keys[-1] if more else ""
        return keys

    def _namespaces(self) -> list[str]:
        return sorted(set(self._edge.namespaces.values()))

    def _emit(self, what: str, units: int, reason: str = "") -> None:
        self._edge.events.emit(
            Operation(
                self._edge.clock.now(),
                LOGS,
                AUDIT,
                "",
                "",
                what,
                reason,
                units,
                0,
                0,
                "",
                self._admin_colo,
            )
        )


def _value(body: bytes) -> Any:
    try:
        return parse(body)
    except ValueError:
        return None
