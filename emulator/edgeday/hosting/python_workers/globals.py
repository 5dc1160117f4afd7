"""The global scope of a Worker as the module `js` offers it, and what of it is not emulated."""

from __future__ import annotations

import asyncio
import itertools
from types import ModuleType
from typing import Any, NoReturn

from edgeday.coverage import Member
from edgeday.hosting.python_workers.arrays import JsArray
from edgeday.hosting.python_workers.bindings import JsCaches
from edgeday.hosting.python_workers.callbacks import invoke, settled
from edgeday.hosting.python_workers.classes import CLASSES
from edgeday.hosting.python_workers.containers import JsObject
from edgeday.hosting.python_workers.conversions import plain
from edgeday.hosting.python_workers.functions import JsFunction
from edgeday.hosting.python_workers.promises import JsPromise
from edgeday.hosting.python_workers.unsupported import Unsupported
from edgeday.hosting.python_workers.value_classes import NamespaceObject
from edgeday.web import ambient

_EVENTS = "workers answer through handlers here, nothing dispatches events"
_STREAMS = "streams are made with ReadableStream, WritableStream and TransformStream"
_OBJECT = "nothing that a Python Worker does in a replay depends on it"

NOT_EMULATED: dict[str, str] = {
    **dict.fromkeys(
        ("Event", "EventTarget", "ExtendableEvent", "CustomEvent", "PromiseRejectionEvent", "FetchEvent",
         "TailEvent", "TraceEvent", "ScheduledEvent", "MessageEvent", "CloseEvent", "ErrorEvent",
         "addEventListener", "removeEventListener", "dispatchEvent", "reportError"),
        _EVENTS,
    ),
    **dict.fromkeys(
        ("WebSocketRequestResponsePair", "EventSource", "MessageChannel",
         "MessagePort"),
        "a request is answered once, there are no connections that stay",
    ),
    **dict.fromkeys(
        ("ReadableStreamDefaultReader", "ReadableStreamBYOBReader", "ReadableStreamBYOBRequest",
         "ReadableStreamDefaultController", "ReadableByteStreamController",
         "WritableStreamDefaultWriter", "WritableStreamDefaultController",
         "TransformStreamDefaultController", "ByteLengthQueuingStrategy", "CountQueuingStrategy",
         "TextEncoderStream", "TextDecoderStream"),
        _STREAMS,
    ),
    **dict.fromkeys(
        ("CompressionStream", "DecompressionStream"),
        "bodies are not compressed here; Python has gzip and zlib",
    ),
    "HTMLRewriter": "it needs the runtime's own HTML parser",
    **dict.fromkeys(("Crypto", "SubtleCrypto", "CryptoKey"), "`crypto` itself has what is emulated"),
    **dict.fromkeys(("Cache", "CacheStorage"), "`caches` itself is emulated"),
    **dict.fromkeys(("URLPattern", "Intl", "RegExp", "Symbol", "BigInt", "Iterator"), "Python has its own"),
    **dict.fromkeys(("Cloudflare", "WorkerGlobalScope", "ServiceWorkerGlobalScope", "Body"), _OBJECT),
    **dict.fromkeys(("Navigator", "Performance", "Atomics", "SharedArrayBuffer"), _OBJECT),
    **dict.fromkeys(("WeakMap", "WeakSet", "WeakRef", "FinalizationRegistry", "Proxy", "Reflect"), _OBJECT),
    **dict.fromkeys(("Float16Array", "DisposableStack", "AsyncDisposableStack", "SuppressedError"), _OBJECT),
    **dict.fromkeys(("Function", "eval", "WebAssembly"), "there is no JavaScript engine here"),
    **dict.fromkeys(("process", "Buffer", "global"), "they come with nodejs_compat, for JavaScript"),
}  # fmt: skip
"""Global names of workerd that are not emulated, and why. They import, and raise when they are used."""

_NOTES = {
    "WebSocket": "it can be made and handed to a Response, and nothing more",
    "WebSocketPair": "it can be made and handed to a Response, and nothing more",
    "console": "everything goes where `print` writes",
    "crypto": "randomUUID, getRandomValues, subtle.digest; drawn from the edge's seed",
    "performance": "its clock stands still between operations, as on Cloudflare",
    "setInterval": "ends with its invocation",
    "ReadableStream": "chunks of any kind, a queue of one",
}


def members() -> tuple[Member, ...]:
    """The names of `js`, as docs/python-workers-coverage.md lists them."""
    emulated = [Member(f"js.{name}", _NOTES.get(name, "")) for name in vars_of_scope()]
    return (*emulated, *(_missing(name) for name in NOT_EMULATED))


def vars_of_scope() -> dict[str, Any]:
    """Every emulated global by its name, made anew."""
    timers = _Timers()
    return {
        **CLASSES,
        "caches": JsCaches(),
        "console": _console(),
        "navigator": NamespaceObject(userAgent="Cloudflare-Workers"),
        "performance": NamespaceObject(now=lambda: float(ambient.now_ms()), timeOrigin=0),
        "scheduler": NamespaceObject(wait=JsFunction("wait", _wait)),
        "setTimeout": JsFunction("setTimeout", timers.once, 4),
        "setInterval": JsFunction("setInterval", timers.again, 4),
        "setImmediate": JsFunction("setImmediate", lambda function: timers.once(function, 0)),
        "clearTimeout": JsFunction("clearTimeout", timers.clear),
        "clearInterval": JsFunction("clearInterval", timers.clear),
        "clearImmediate": JsFunction("clearImmediate", timers.clear),
        "queueMicrotask": JsFunction("queueMicrotask", _microtask),
        "WebSocket": JsFunction("WebSocket", new=_new_socket, count=2),
        "WebSocketPair": JsFunction("WebSocketPair", new=_new_socket_pair, count=0),
    }


def js_module() -> ModuleType:
    """The module `js`."""
    js = ModuleType("js")
    vars(js).update(vars_of_scope())
    for name in NOT_EMULATED:
        vars(js)[name] = _stub(_missing(name))
    vars(js).update(globalThis=js, self=js, __getattr__=_no_global)
    return js


def _no_global(name: str) -> NoReturn:
    raise AttributeError(name)


def _missing(name: str) -> Member:
    return Member(
        f"js.{name}", f"not emulated, because {NOT_EMULATED[name]}", f"edgeday does not emulate {name}"
    )


def _stub(missing: Member) -> JsFunction:
    def refuse(*_: Any) -> NoReturn:
        raise missing.refusal()

    return _Refusing(missing.name.removeprefix("js."), refuse, new=refuse)


class _Refusing(JsFunction):
    """A global that is not emulated: it may be imported and named."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._call()


# console


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value
    return repr(plain(value)) if isinstance(value, (JsObject, JsArray)) else str(value)


def _log(*values: Any, **_: Any) -> None:
    print(*map(_shown, values))


def _assert(claim: Any = False, *values: Any, **_: Any) -> None:
    if not claim:
        _log("Assertion failed", *values)


def _quiet(*_: Any, **__: Any) -> None:
    """Nothing is shown."""


def _console() -> NamespaceObject:
    shown = ("log", "info", "debug", "warn", "error", "trace", "dir", "table", "group", "timeLog", "count")
    quiet = ("groupEnd", "groupCollapsed", "time", "timeEnd", "clear", "countReset")
    return NamespaceObject(
        **dict.fromkeys(shown, _log),
        **dict.fromkeys(quiet, _quiet),
        **{"assert": _assert, "assert_": _assert},
    )


# timers


class _Timers:
    """setTimeout and setInterval; an invocation that is over takes its timers with it."""

    def __init__(self) -> None:
        self._ids = itertools.count(1)
        self._tasks: dict[int, asyncio.Task[None]] = {}

    def once(self, function: Any, delay_ms: Any = 0, *args: Any) -> int:
        return self._start(function, delay_ms, args, repeat=False)

    def again(self, function: Any, delay_ms: Any = 0, *args: Any) -> int:
        return self._start(function, delay_ms, args, repeat=True)

    def clear(self, id: Any = None) -> None:
        task = self._tasks.pop(id, None)
        if task is not None:
            task.cancel()

    def _start(self, function: Any, delay_ms: Any, args: tuple[Any, ...], *, repeat: bool) -> int:
        id = next(self._ids)
        given = [value for value in args if value is not None]
        seconds = max(float(delay_ms or 0), 0) / 1000

        async def run() -> None:
            await ambient.sleep(seconds)
            await settled(invoke(function, *given))
            while repeat:
                await ambient.sleep(max(seconds, 0.001))
                await settled(invoke(function, *given))

        task = asyncio.ensure_future(run())
        self._tasks[id] = task
        task.add_done_callback(lambda _: self._tasks.pop(id, None))
        return id


def _wait(delay_ms: Any = 0) -> JsPromise:
    return JsPromise(ambient.sleep(float(delay_ms or 0) / 1000))


def _microtask(function: Any) -> None:
    asyncio.get_running_loop().call_soon(invoke, function)


# WebSockets


def _new_socket(*_: Any) -> Unsupported:
    return Unsupported("edgeday does not emulate WebSockets", "WebSocket")


def _new_socket_pair() -> JsObject:
    return JsObject({"0": _new_socket(), "1": _new_socket()})
