"""Bindings that edgeday does not emulate: they are there under their names, and raise when they are used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, NoReturn

from edgeday.coverage import Member
from edgeday.hosting.python_workers.functions import JsFunction
from edgeday.hosting.python_workers.proxies import Constructor, JsProxy
from edgeday.hosting.python_workers.run import current_run
from edgeday.hosting.python_workers.stubs import JsStub
from edgeday.hosting.stubs import not_emulated, refuse


class Kind(NamedTuple):
    """A kind of binding.

    noun: of one of them, as in `wrangler.unsupported`. name: of the service. js_class: of the binding
    in JavaScript. why: it is not emulated.
    """

    noun: str
    name: str
    js_class: str
    why: str


_NO_SERVICE = "there is no such service behind edgeday"
_NO_MODEL = "a model's answers cannot be made up"
_NO_NETWORK = "a replay has no network"
_ALONE = "one worker runs at a time"

KINDS = (
    Kind("D1 database", "D1", "D1Database", _NO_SERVICE),
    Kind("R2 bucket", "R2", "R2Bucket", _NO_SERVICE),
    Kind("Durable Object", "Durable Objects", "DurableObjectNamespace", _NO_SERVICE),
    Kind("queue", "Queues", "WorkerQueue", _NO_SERVICE),
    Kind("workflow", "Workflows", "WorkflowImpl", _NO_SERVICE),
    Kind("Vectorize index", "Vectorize", "VectorizeIndexImpl", _NO_SERVICE),
    Kind("Analytics Engine dataset", "Analytics Engine", "AnalyticsEngineDataset", _NO_SERVICE),
    Kind("Images", "Images", "ImagesBindingImpl", _NO_SERVICE),
    Kind("rate limit", "rate limits", "Ratelimit", _NO_SERVICE),
    Kind("pipeline", "Pipelines", "PipelinesImpl", _NO_SERVICE),
    Kind("Workers AI", "Workers AI", "Ai", _NO_MODEL),
    Kind("AI Search instance", "AI Search", "AiSearchInstance", _NO_MODEL),
    Kind("browser", "Browser Rendering", "Fetcher", _NO_NETWORK),
    Kind("Hyperdrive", "Hyperdrive", "Hyperdrive", _NO_NETWORK),
    Kind("mTLS certificate", "mTLS certificates", "Fetcher", _NO_NETWORK),
    Kind("VPC service", "VPC services", "Fetcher", _NO_NETWORK),
    Kind("outgoing email", "outgoing email", "SendEmail", _NO_NETWORK),
    Kind("service", "service bindings", "Fetcher", _ALONE),
    Kind("dispatch namespace", "dispatch namespaces", "DynamicDispatchNamespace", _ALONE),
    Kind("worker loader", "worker loaders", "WorkerLoader", _ALONE),
    Kind("static assets", "static assets", "Fetcher", "files are served in front of a worker, not by it"),
    Kind(
        "Secrets Store secret",
        "Secrets Store",
        "SecretsStoreSecret",
        "its values are not in the configuration",
    ),
    Kind("version metadata", "version metadata", "Object", "nothing is deployed"),
)
"""The kinds of bindings that are known and not emulated."""

_BY_NOUN = {kind.noun: kind for kind in KINDS}


def members() -> tuple[Member, ...]:
    """A member for each kind, as docs/python-workers-coverage.md lists them."""
    return tuple(
        Member(f"a binding to {kind.name}", f"not emulated, because {kind.why}", _refusal(kind.name, "NAME"))
        for kind in KINDS
    )


def stubs(bindings: Mapping[str, str]) -> dict[str, JsProxy]:
    """What stands for bindings, by their names; given are the nouns of their kinds."""
    made: dict[str, JsProxy] = {}
    for name, noun in bindings.items():
        kind = _BY_NOUN.get(noun) or Kind(noun, noun, "Object", _NO_SERVICE)
        made[name] = Unsupported(_refusal(kind.name, name), kind.js_class, name)
    return made


def _refusal(kind: str, name: str) -> str:
    return not_emulated(f"{kind} (binding {name})", name)


class Unsupported(JsProxy):
    """An object that is not emulated: whatever is called of it says `text`.

    binding: its name in `env`. A module that takes it from there while it is imported has what a scenario
    stubs all the same, in each run.
    """

    __slots__ = ("_binding", "_text", "constructor")

    def __init__(self, text: str, js_class: str, binding: str = "") -> None:
        self._text = text
        self._binding = binding
        self.constructor = Constructor(js_class)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name in {"then", "length", "js_object"}:
            raise AttributeError(name)
        run = current_run.get()
        stub = None if run is None or not self._binding else run.env._d.get(self._binding)
        return getattr(stub, name) if isinstance(stub, JsStub) else JsFunction(name, self._refuse)

    def _refuse(self, *_: Any) -> NoReturn:
        refuse(self._text)
