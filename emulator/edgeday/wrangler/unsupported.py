"""Bindings and handlers that a configuration declares and edgeday does not emulate, by their kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from edgeday.wrangler.environments import Chosen


class _Kind(NamedTuple):
    """noun: of one of them. key: of its name. below: the key of the list, "" if the field is the list.
    is_bound: whether the worker's `env` has it."""

    noun: str
    key: str = "binding"
    below: str = ""
    is_bound: bool = True


class NotEmulated(NamedTuple):
    """Something that is declared and not emulated. noun: its kind. name: "" if it has none. is_bound: whether
    the worker's `env` has it under its name."""

    noun: str
    name: str
    is_bound: bool

    @property
    def words(self) -> str:
        """For people: "D1 database DB"."""
        return f"{self.noun} {self.name}".rstrip()


KINDS = {
    "d1_databases": _Kind("D1 database"),
    "r2_buckets": _Kind("R2 bucket"),
    "durable_objects": _Kind("Durable Object", "name", "bindings"),
    "queues": _Kind("queue", below="producers"),
    "ai": _Kind("Workers AI"),
    "vectorize": _Kind("Vectorize index"),
    "services": _Kind("service"),
    "assets": _Kind("static assets"),
    "hyperdrive": _Kind("Hyperdrive"),
    "analytics_engine_datasets": _Kind("Analytics Engine dataset"),
    "browser": _Kind("browser"),
    "workflows": _Kind("workflow"),
    "pipelines": _Kind("pipeline"),
    "send_email": _Kind("outgoing email", "name"),
    "dispatch_namespaces": _Kind("dispatch namespace"),
    "mtls_certificates": _Kind("mTLS certificate"),
    "secrets_store_secrets": _Kind("Secrets Store secret"),
    "version_metadata": _Kind("version metadata"),
    "images": _Kind("Images"),
    "stream": _Kind("Stream"),
    "media": _Kind("Media"),
    "containers": _Kind("container", "class_name", is_bound=False),
    "ratelimits": _Kind("rate limit", "name"),
    "worker_loaders": _Kind("worker loader"),
    "vpc_services": _Kind("VPC service"),
    "vpc_networks": _Kind("VPC network"),
    "ai_search": _Kind("AI Search instance"),
    "ai_search_namespaces": _Kind("AI Search namespace"),
    "agent_memory": _Kind("Agent Memory"),
    "analytics": _Kind("Analytics SQL"),
    "artifacts": _Kind("artifacts"),
    "flagship": _Kind("Flagship"),
    "k2": _Kind("K2 stream"),
    "logfwdr": _Kind("logfwdr", "name", "bindings"),
    "unsafe": _Kind("unsafe binding", "name", "bindings"),
    "unsafe_hello_world": _Kind("hello world"),
    "tail_consumers": _Kind("tail consumer", "service", is_bound=False),
    "streaming_tail_consumers": _Kind("streaming tail consumer", "service", is_bound=False),
}
"""Fields of services that are not emulated."""
FILES = {"wasm_modules": "WebAssembly module", "text_blobs": "text blob", "data_blobs": "data blob"}
"""Fields of files that are bound as globals of a service worker."""


def unsupported(chosen: Chosen) -> tuple[NotEmulated, ...]:
    """What is declared and not emulated, each once."""
    return tuple(dict.fromkeys(_all(chosen)))


def _all(chosen: Chosen) -> Iterator[NotEmulated]:
    for name, kind in KINDS.items():
        inherits = name in {"assets", "logfwdr"}
        value = chosen.inherited(name) if inherits else chosen.own.get(name)
        if kind.below and isinstance(value, dict):
            value = value.get(kind.below)
        for entry in value if isinstance(value, list) else [value]:
            if isinstance(entry, dict):
                yield NotEmulated(kind.noun, str(entry.get(kind.key) or ""), kind.is_bound)
    queues = chosen.own.get("queues")
    consumers = queues.get("consumers") if isinstance(queues, dict) else None
    for entry in consumers if isinstance(consumers, list) else []:
        if isinstance(entry, dict):
            yield NotEmulated("queue consumer", str(entry.get("queue") or ""), is_bound=False)
    for name, noun in FILES.items():
        files = chosen.top.get(name)
        for binding in files if isinstance(files, dict) else ():
            yield NotEmulated(noun, binding, is_bound=True)
    if isinstance(chosen.top.get("site"), dict):
        yield NotEmulated("Workers Sites", "", is_bound=False)
