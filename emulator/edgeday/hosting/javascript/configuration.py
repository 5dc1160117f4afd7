"""The configuration of workerd (Cap'n Proto text) for a worker: modules, bindings, isolates.

Source: workerd.capnp of workerd 1.20261117.1.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from edgeday.hosting.javascript.bundles import Bundle, Module

_SHIM = Path(__file__).parent / "shim"
_MAIN = "edgeday-main.js"
_SCOPE, _PARTS, _PART = "edgeday-scope.js", "edgeday-parts.js", "edgeday-part-"
_NEWEST_DATE = "2026-02-01"
_KV, _STUBS = "kv", "stubs"
_WORKER = "worker"
"""The module of the shim that the main module imports: internal ones only import each other."""

_SOCKETS = {"cloudflare:sockets": "main_sockets.js"}
_NEW_REGISTRY, _NEW_REGISTRY_DATE = "new_module_registry", "2026-11-17"
"""With this flag, and from this date on, the names below `cloudflare:` are the runtime's alone."""
_NODE_TIMERS = {"node:timers": "main_node_timers.js", "node:timers/promises": "main_node_timers_promises.js"}
_NODE_TIMERS_DATE, _NODE_DATE = "2026-02-10", "2026-08-04"
_NODE_FLAGS = {"nodejs_compat", "nodejs_compat_v2"}
"""From the first date on, timers under these flags are Node's; from the second on, the flags are the
default. A module of the worker's takes the place of one of the runtime's."""


class WorkerEnv(NamedTuple):
    """What the worker finds in its `env`. namespaces: the names of KV bindings. variables: plain ones. stubs:
    what stands for bindings that are not emulated, by name, as JSON for `shim/stubs.js`."""

    namespaces: tuple[str, ...]
    variables: Mapping[str, Any]
    stubs: Mapping[str, str] = MappingProxyType({})


class Configuration(NamedTuple):
    """text: of the configuration. files: what it embeds, by name. addresses: what it listens on, one for each
    isolate."""

    text: str
    files: Mapping[str, bytes]
    addresses: tuple[str, ...]


def configure(bundle: Bundle, env: WorkerEnv, addresses: Sequence[str]) -> Configuration:
    """A configuration that runs a bundle in an isolate for each address."""
    files: dict[str, bytes] = {}

    def embed(body: bytes) -> str:
        name = f"m{len(files)}"
        files[name] = body
        return f"embed {_text(name)}"

    names = [f"i{number}" for number in range(len(addresses))]
    services = [f'(name = "{name}", worker = .app)' for name in names]
    listening = [
        f'(name = "{name}", address = {_text(address)}, http = (), service = "{name}")'
        for name, address in zip(names, addresses, strict=True)
    ]
    extension = [
        f'(name = "edgeday:{name}", internal = {_flag(name != _WORKER)}, esModule = {embed(body)})'
        for name, body in _shim().items()
    ]
    date = bundle.date or _NEWEST_DATE
    worker = [
        *_code(bundle, embed),
        f"bindings = [{', '.join(_bindings(bundle, env, embed))}]",
        f"compatibilityDate = {_text(date)}",
        f"compatibilityFlags = [{', '.join(map(_text, bundle.flags))}]",
        'globalOutbound = "nothing"',
    ]
    text = "\n".join(
        [
            'using Workerd = import "/workerd/workerd.capnp";',
            "const config :Workerd.Config = (",
            f'  services = [(name = "nothing", network = (allow = [])), {", ".join(services)}],',
            f"  sockets = [{', '.join(listening)}],",
            f"  extensions = [(modules = [{', '.join(extension)}])],",
            ");",
            f"const app :Workerd.Worker = ({', '.join(worker)});",
            "",
        ]
    )
    return Configuration(text, files, tuple(addresses))


def _code(bundle: Bundle, embed: Callable[[bytes], str]) -> Iterable[str]:
    is_script = bundle.form == "service-worker"
    main = (_SHIM / ("main_script.js" if is_script else "main.js")).read_text("utf-8")
    modules: Sequence[Module] = bundle.modules
    if is_script:  # as CommonJS it stays in sloppy mode
        scope = Module(_SCOPE, "esModule", (_SHIM / "main_scope.js").read_bytes())
        modules = [scope, *_parts(bundle), Module(bundle.main, "commonJsModule", bundle.modules[0].body)]
    main = main.replace('"WORKER"', json.dumps(f"./{bundle.main}"))
    modules = (*modules, *_replaced_modules(bundle))
    modules = (Module(_MAIN, "esModule", main.encode()), *modules)
    listed = [f"(name = {_text(one.name)}, {one.kind} = {embed(one.body)})" for one in modules]
    yield f"modules = [{', '.join(listed)}]"


def _parts(bundle: Bundle) -> Iterable[Module]:
    """The WebAssembly of a script, which workerd takes only as modules, and the module that names it."""
    parts = [part for part in bundle.modules[1:] if part.kind == "wasm"]
    text = "".join(f'import p{number} from "./{_PART}{number}";\n' for number in range(len(parts)))
    named = ", ".join(f"{json.dumps(part.name)}: p{number}" for number, part in enumerate(parts))
    yield Module(_PARTS, "esModule", f"{text}export default {{ {named} }};\n".encode())
    for number, part in enumerate(parts):
        yield Module(f"{_PART}{number}", "wasm", part.body)


def _replaced_modules(bundle: Bundle) -> Iterator[Module]:
    """Modules in the place of the runtime's own: sockets, and Node's timers where those are not made of the
    global ones, which have stand-ins."""
    if bundle.date >= _NEW_REGISTRY_DATE or _NEW_REGISTRY in bundle.flags:
        return
    is_node = bundle.date >= _NODE_DATE or not _NODE_FLAGS.isdisjoint(bundle.flags)
    has_node_timers = is_node and bundle.date >= _NODE_TIMERS_DATE
    known = {module.name for module in bundle.modules}
    for name, file in {**_SOCKETS, **(_NODE_TIMERS if has_node_timers else {})}.items():
        if name not in known:
            yield Module(name, "esModule", (_SHIM / file).read_bytes())


def _bindings(bundle: Bundle, env: WorkerEnv, embed: Callable[[bytes], str]) -> Iterable[str]:
    if bundle.form == "service-worker":
        for part in bundle.modules[1:]:
            if part.kind != "wasm":
                yield f"(name = {_text(part.name)}, {part.kind} = {embed(part.body)})"
    for name in env.namespaces:
        inner = f'(name = "name", text = {_text(name)}), (name = "native", kvNamespace = "nothing")'
        yield _wrapped(name, _KV, inner)
    for name, stub in env.stubs.items():
        yield _wrapped(name, _STUBS, f'(name = "stub", json = {_text(stub)})')
    for name, value in env.variables.items():
        kind = f"text = {_text(value)}" if isinstance(value, str) else f"json = {_text(json.dumps(value))}"
        yield f"(name = {_text(name)}, {kind})"


def _wrapped(name: str, module: str, inner: str) -> str:
    return f'(name = {_text(name)}, wrapped = (moduleName = "edgeday:{module}", innerBindings = [{inner}]))'


@cache
def _shim() -> dict[str, bytes]:
    """The modules that run before the worker, by name."""
    return {
        path.stem: path.read_bytes()
        for path in sorted(_SHIM.glob("*.js"))
        if not path.stem.startswith("main")
    }


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _text(value: str) -> str:
    """A text literal of Cap'n Proto: the escapes of C, bytes of UTF-8."""
    return '"' + "".join(map(_character, value.encode())) + '"'


def _character(byte: int) -> str:
    if byte in b'"\\' or byte < 32 or byte > 126:
        return f"\\x{byte:02x}"
    return chr(byte)
