"""The global scope of a Worker as the module `js` offers it, and what of it is not emulated."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import itertools
import sys
from types import ModuleType
from typing import Any, NoReturn

from edgeday.coverage import Member
from edgeday.errors import PlatformError, PlatformTypeError
from edgeday.hosting.python_workers.bindings import JsCaches
from edgeday.hosting.python_workers.buffers import JsBuffer
from edgeday.hosting.python_workers.classes import CLASSES
from edgeday.hosting.python_workers.containers import JsArray, JsObject
from edgeday.hosting.python_workers.conversions import member, plain, text_of
from edgeday.hosting.python_workers.functions import JsFunction
from edgeday.hosting.python_workers.language import Namespace, language
from edgeday.hosting.python_workers.promises import JsPromise
from edgeday.hosting.python_workers.proxies import invoke, settled
from edgeday.hosting.python_workers.unsupported import Unsupported
from edgeday.web import ambient

_DIGESTS = {"SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512", "MD5": "md5"}

_EVENTS = "workers answer through handlers here, nothing dispatches events"
_STREAMS = "bytes are the only streams here"
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
         "ReadableStreamDefaultController", "ReadableByteStreamController", "WritableStream",
         "WritableStreamDefaultWriter", "WritableStreamDefaultController",
         "TransformStreamDefaultController", "ByteLengthQueuingStrategy", "CountQueuingStrategy",
         "FixedLengthStream", "IdentityTransformStream", "TextEncoderStream", "TextDecoderStream"),
        _STREAMS,
    ),
    **dict.fromkeys(
        ("CompressionStream", "DecompressionStream"),
        "bodies are not compressed here; Python has gzip and zlib",
    ),
    "HTMLRewriter": "it needs the runtime's own HTML parser",
    **dict.fromkeys(("Crypto", "SubtleCrypto", "CryptoKey"), "`crypto` itself has what is emulated"),
    **dict.fromkeys(("Cache", "CacheStorage"), "`caches` itself is emulated"),
    **dict.fromkeys(("AbortController", "AbortSignal"), "a fetch is not aborted here"),
    **dict.fromkeys(("URLPattern", "Intl", "RegExp", "Symbol", "BigInt", "Iterator"), "Python has its own"),
    **dict.fromkeys(("Cloudflare", "WorkerGlobalScope", "ServiceWorkerGlobalScope", "Body"), _OBJECT),
    **dict.fromkeys(("Navigator", "Performance", "DOMException", "Atomics", "SharedArrayBuffer"), _OBJECT),
    **dict.fromkeys(("WeakMap", "WeakSet", "WeakRef", "FinalizationRegistry", "Proxy", "Reflect"), _OBJECT),
    **dict.fromkeys(("Float16Array", "DisposableStack", "AsyncDisposableStack", "SuppressedError"), _OBJECT),
    **dict.fromkeys(("Function", "eval", "WebAssembly"), "there is no JavaScript engine here"),
    **dict.fromkeys(("process", "Buffer", "global"), "they come with nodejs_compat, for JavaScript"),
}  # fmt: skip
"""Global names of workerd that are not emulated, and why. They import, and raise when they are used."""

_NOTES = {
    "WebSocket": "it can be made and handed to a Response, and nothing more",
    "WebSocketPair": "it can be made and handed to a Response, and nothing more",
    "console": "everything goes to standard error",
    "crypto": "randomUUID, getRandomValues, subtle.digest; drawn from the edge's seed",
    "performance": "its clock stands still between operations, as on Cloudflare",
    "TransformStream": "without functions of its own: it gives what is written to it",
    "Promise": "new, all, allSettled, race, resolve, reject",
    "Date": "new, now; toISOString, getTime",
    "setInterval": "ends with its invocation",
    "Math": "without the rarer functions",
}


def members() -> tuple[Member, ...]:
    """The names of `js`, as docs/python-workers-coverage.md lists them."""
    emulated = [Member(f"js.{name}", _NOTES.get(name, "")) for name in vars_of_scope()]
    return (*emulated, *(_missing(name) for name in NOT_EMULATED))


def vars_of_scope() -> dict[str, Any]:
    """Every emulated global by its name, made anew."""
    timers = _Timers()
    return {
        **language(),
        **CLASSES,
        "caches": JsCaches(),
        "console": _console(),
        "crypto": _crypto(),
        "navigator": Namespace(userAgent="Cloudflare-Workers"),
        "performance": Namespace(now=lambda: float(ambient.now_ms()), timeOrigin=0),
        "scheduler": Namespace(wait=JsFunction("wait", _wait)),
        "setTimeout": JsFunction("setTimeout", timers.once, 4),
        "setInterval": JsFunction("setInterval", timers.again, 4),
        "setImmediate": JsFunction("setImmediate", lambda function: timers.once(function, 0)),
        "clearTimeout": JsFunction("clearTimeout", timers.clear),
        "clearInterval": JsFunction("clearInterval", timers.clear),
        "clearImmediate": JsFunction("clearImmediate", timers.clear),
        "queueMicrotask": JsFunction("queueMicrotask", _microtask),
        "TextEncoder": JsFunction("TextEncoder", new=_new_encoder),
        "TextDecoder": JsFunction("TextDecoder", new=_new_decoder, count=2),
        "WebSocket": JsFunction("WebSocket", new=_new_socket, count=2),
        "WebSocketPair": JsFunction("WebSocketPair", new=_new_socket_pair, count=0),
        "btoa": JsFunction("btoa", _to_base64),
        "atob": JsFunction("atob", _from_base64),
    }


def js_module() -> ModuleType:
    """The module `js`."""
    js = ModuleType("js")
    vars(js).update(vars_of_scope())
    for name in NOT_EMULATED:
        vars(js)[name] = _stub(_missing(name))
    vars(js).update(globalThis=js, self=js)
    return js


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
    print(*map(_shown, values), file=sys.stderr)


def _assert(claim: Any = False, *values: Any, **_: Any) -> None:
    if not claim:
        _log("Assertion failed", *values)


def _quiet(*_: Any, **__: Any) -> None:
    """Nothing is shown."""


def _console() -> Namespace:
    shown = ("log", "info", "debug", "warn", "error", "trace", "dir", "table", "group", "timeLog", "count")
    quiet = ("groupEnd", "groupCollapsed", "time", "timeEnd", "clear", "countReset")
    return Namespace(
        **dict.fromkeys(shown, _log),
        **dict.fromkeys(quiet, _quiet),
        **{"assert": _assert, "assert_": _assert},
    )


# crypto


def _digest(algorithm: Any, data: Any) -> JsPromise:
    async def digest() -> JsBuffer:
        name = text_of(algorithm if isinstance(algorithm, str) else member(algorithm, "name"))
        if name.upper() not in _DIGESTS:
            raise PlatformError("Unrecognized or unimplemented digest algorithm requested.")
        return JsBuffer(hashlib.new(_DIGESTS[name.upper()], _bytes_of(data)).digest(), "ArrayBuffer")

    return JsPromise(digest())


def _bytes_of(data: Any) -> bytes:
    if isinstance(data, JsBuffer):
        return bytes(data._bytes)
    held = getattr(data, "_object", None)
    if isinstance(held, (bytes, bytearray, memoryview)):
        return bytes(held)
    raise PlatformTypeError("the provided value is not of type 'ArrayBuffer or ArrayBufferView'.")


def _random_values(view: Any) -> Any:
    random: Any = ambient.runtime()
    view._bytes = random.random.randbytes(len(view._bytes))
    return view


def _crypto() -> Namespace:
    return Namespace(
        randomUUID=ambient.random_uuid,
        getRandomValues=JsFunction("getRandomValues", _random_values),
        subtle=Namespace(digest=JsFunction("digest", _digest, 2)),
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


# text and bytes


def _new_encoder() -> Namespace:
    return Namespace(
        encoding="utf-8", encode=JsFunction("encode", lambda text="": JsBuffer(text_of(text).encode()))
    )


def _new_decoder(label: Any = None, options: Any = None) -> Namespace:
    encoding = "utf-8" if label is None else text_of(label)
    errors = "strict" if member(options, "fatal") else "replace"

    def decode(data: Any = None, _options: Any = None) -> str:
        if data is None:
            return ""
        try:
            return _bytes_of(data).decode("utf-8-sig" if encoding == "utf-8" else encoding, errors)
        except UnicodeDecodeError:
            raise PlatformTypeError("Failed to decode input.") from None

    return Namespace(encoding=encoding, decode=JsFunction("decode", decode, 2))


def _to_base64(text: Any) -> str:
    try:
        return base64.b64encode(text_of(text).encode("latin-1")).decode()
    except UnicodeEncodeError:
        raise PlatformError(
            "btoa() can only operate on characters in the Latin1 (ISO/IEC 8859-1) range."
        ) from None


def _from_base64(text: Any) -> str:
    try:
        return base64.b64decode(text_of(text), validate=False).decode("latin-1")
    except ValueError:
        raise PlatformError(
            "atob() called with invalid base64-encoded data. (Only whitespace, '+', '/', alphanumeric "
            "ASCII, and up to two terminal '=' signs when the input data length is divisible by 4 are "
            "allowed.)"
        ) from None
