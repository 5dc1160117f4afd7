"""Recording stand-ins for a Worker's surroundings, with the faults that the traces were recorded under."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import urlsplit

from edgeday.web import PlatformError, Request, Response
from tests.traces.suffixes import random_suffix


class World:
    """Everything a case acts on: clock, stores, faults, isolate; records what is done to the stores.

    It is also the runtime that `edgeday.web`'s global names look up.
    """

    def __init__(self, case: dict[str, Any]) -> None:
        self.clock_ms = 0
        self.isolate: dict[str, Any] = {}
        self.stores: dict[str, dict[str, str]] = {"kv": {}, "cache": {}}
        self.ops: list[dict[str, Any]] = []
        self.answers: list[dict[str, Any]] = []
        self.subrequests = 0
        self.kv = FakeKV(self)
        self.cache = FakeCache(self)
        self._limit = case.get("subrequest_limit")
        self._case_faults = [Fault(fault) for fault in case.get("faults", ())]
        self._step_faults: list[Fault] = []
        self._suffixes = list(case["id_suffixes"])
        self._randoms = list(case.get("math_random", ())) if case.get("no_random_uuid") else None

    # the runtime

    @property
    def caches(self) -> World:
        return self

    @property
    def default(self) -> FakeCache:
        return self.cache

    async def open(self, name: str) -> Any:
        raise AssertionError("the worker opens no named cache")

    def now_ms(self) -> int:
        return self.clock_ms

    def random_uuid(self) -> str:
        if self._randoms is not None:
            return random_suffix(self._randoms.pop(0))
        return self._suffixes.pop(0) + "-0000-4000-8000-000000000000"

    async def fetch(self, request: Request) -> Response:
        raise AssertionError("the provider is stubbed")

    # steps

    def begin(self, step: dict[str, Any]) -> None:
        """Set the clock, the faults and the AI's answers of a step; nothing is recorded yet."""
        self.clock_ms = step["clock_ms"]
        self.ops = []
        self.answers = list(step.get("ai", ()))
        self._step_faults = [Fault(fault) for fault in step.get("faults", ())]

    async def provider(self, env: Any, prompt: Any, max_tokens: Any, model: str) -> Any:
        """The next recorded answer of the AI, or its error; time passes."""
        op: dict[str, Any] = {"store": "ai", "op": "fetch"}
        self.ops.append(op)
        refusal = self.refusal()
        if refusal is not None:
            op["error"] = refusal
            raise PlatformError(refusal)
        answer = self.answers.pop(0)
        self.clock_ms += answer.get("takes_ms", 0)
        if "error" in answer:
            op["error"] = answer["error"]
            raise PlatformError(answer["error"])
        return answer["response"]

    def refusal(self) -> str | None:
        """Count a subrequest; the error if it is one too many."""
        self.subrequests += 1
        if self._limit is not None and self.subrequests > self._limit["count"]:
            return self._limit["error"]
        return None

    def fault(self, store: str, op: str, key: str) -> Fault | None:
        """The fault that strikes this operation, if any."""
        struck = [
            fault for fault in (*self._step_faults, *self._case_faults) if fault.strikes(store, op, key)
        ]
        return struck[0] if struck else None


class Fault:
    """A fault of a case or a step; counts the operations it applies to."""

    def __init__(self, fault: dict[str, Any]) -> None:
        self.fault = fault
        self._seen = 0

    def strikes(self, store: str, op: str, key: str) -> bool:
        fault = self.fault
        pattern = fault["key"]
        if (store, op) != (fault["store"], fault["op"]):
            return False
        if not (key.startswith(pattern[:-1]) if pattern.endswith("*") else key == pattern):
            return False
        self._seen += 1
        if "nth" in fault:
            return self._seen == fault["nth"]
        return self._seen >= fault.get("from_nth", 1)


class _FakeStore:
    name: str

    def __init__(self, world: World) -> None:
        self.world = world

    @property
    def entries(self) -> dict[str, str]:
        return self.world.stores[self.name]

    def operate(self, op: str, key: str, **more: Any) -> tuple[dict[str, Any], Fault | None]:
        """Record an operation; raises if a fault or the subrequest limit says so."""
        record = {"store": self.name, "op": op, **more, "key": key}
        self.world.ops.append(record)
        if op == "delete":
            record["hit"] = key in self.entries
        refusal = self.world.refusal() if self.name == "cache" else None
        fault = self.world.fault(self.name, op, key)
        if refusal is None and fault is not None:
            refusal = fault.fault.get("error")
        if refusal is not None:
            record["error"] = refusal
            raise PlatformError(refusal)
        return record, fault

    def read(self, op: str, key: str, **more: Any) -> str | None:
        record, fault = self.operate(op, key, **more)
        value = self.entries.get(key) if fault is None else fault.fault["returns"]
        record["hit"] = value is not None
        if fault is not None:
            record["stale"] = True
        return value

    def write(self, key: str, body: bytes, more: dict[str, Any], described: dict[str, Any]) -> None:
        text = body.decode()
        try:
            described = {"value": json.loads(text), **described}
        except ValueError:
            described = {"value_text": text, **described}
        described["value_sha256"] = hashlib.sha256(body).hexdigest()
        try:
            self.operate("put", key, **more)
        finally:
            self.world.ops[-1].update(described)
        self.entries[key] = text


class FakeKV(_FakeStore):
    """A KV namespace."""

    name = "kv"

    async def get(self, key: str) -> str | None:
        return self.read("get", key)

    async def put(self, key: str, value: str | bytes) -> None:
        body = value if isinstance(value, bytes) else value.encode()
        self.write(key, body, {}, {"options": None})

    async def delete(self, key: str) -> None:
        self.operate("delete", key)
        self.entries.pop(key, None)


class FakeCache(_FakeStore):
    """`caches.default`."""

    name = "cache"

    async def match(self, url: str) -> Response | None:
        stored = self.read("match", _key(url), url=url)
        return None if stored is None else Response(stored)

    async def put(self, url: str, response: Response) -> None:
        headers = response.headers
        described = {"cache_control": headers["Cache-Control"], "content_type": headers["Content-Type"]}
        self.write(_key(url), await response.bytes(), {"url": url}, described)

    async def delete(self, url: str) -> bool:
        key = _key(url)
        self.operate("delete", key, url=url)
        return self.entries.pop(key, None) is not None


def _key(url: str) -> str:
    parts = urlsplit(url)
    return url.removeprefix(f"{parts.scheme}://{parts.netloc}/")
