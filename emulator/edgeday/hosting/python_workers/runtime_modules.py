"""The modules below the SDK, made anew for each worker: js, pyodide and its parts, workerd's own helpers."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import ModuleType
from typing import Any, NoReturn

from edgeday.coverage import Member
from edgeday.errors import PlatformError
from edgeday.hosting.python_workers import http
from edgeday.hosting.python_workers.containers import JsObject
from edgeday.hosting.python_workers.ffi import names as ffi_names
from edgeday.hosting.python_workers.flags import Compatibility
from edgeday.hosting.python_workers.functions import JsFunction
from edgeday.hosting.python_workers.globals import js_module
from edgeday.hosting.python_workers.proxies import JsException, JsProxy
from edgeday.hosting.python_workers.relaxed_call import relaxed_call
from edgeday.hosting.python_workers.run import GLOBAL_SCOPE_TEXT, Run, current_run

for _class in (http.FetchResponse, http.BodyUsedError, http.HttpStatusError):
    _class.__module__ = "pyodide.http"


_SOCKETS = "edgeday does not emulate cloudflare:sockets: a replay has no network"


def members() -> tuple[Member, ...]:
    """The modules, as docs/python-workers-coverage.md lists them."""
    return (
        Member("workers, asgi", "Cloudflare's own, unmodified: see the SDK"),
        Member("js", "the global names below"),
        Member("pyodide.ffi", "values and conversions of the worker's Pyodide; run_sync of what is settled"),
        Member("pyodide.http", "pyfetch and FetchResponse"),
        Member("pyodide.code", "relaxed_call"),
        Member("cloudflare:workers", "env and waitUntil"),
        Member("cloudflare:sockets", "not emulated, because a replay has no network", _SOCKETS),
        Member(
            "other JavaScript modules", "not emulated, because there is no JavaScript engine here", _NO_MODULE
        ),
    )


_NO_MODULE = 'No such module "NAME".'


class ExecPatches:
    """`_cloudflare.import_patch_manager`: changes that the SDK registers for other packages' modules."""

    def __init__(self) -> None:
        self.by_module: dict[str, Callable[[ModuleType], AbstractContextManager[Any]]] = {}

    def register(self, name: str, patch: Any = None) -> Any:
        """Register a change, or give a decorator that does."""
        if patch is None:
            return functools.partial(self.register, name)
        self.by_module[name] = patch
        return patch


def runtime_modules(compatibility: Compatibility, patches: ExecPatches) -> dict[str, ModuleType]:
    """All of them, by name."""
    generation = compatibility.generation
    ffi = _module("pyodide.ffi", **ffi_names(generation))
    parts = {
        "ffi": ffi,
        "http": _module(
            "pyodide.http",
            FetchResponse=http.FetchResponse,
            pyfetch=http.pyfetch,
            BodyUsedError=http.BodyUsedError,
            HttpStatusError=http.HttpStatusError,
        ),
        "code": _module("pyodide.code", relaxed_call=relaxed_call),
        "webloop": _module("pyodide.webloop", WebLoop=type("WebLoop", (), {})),
    }
    js = js_module()
    manager = _module("_cloudflare.import_patch_manager", register_exec_patch=patches.register)
    return {
        "js": js,
        "pyodide": _package("pyodide", __version__=generation.version, **parts),
        **{f"pyodide.{name}": part for name, part in parts.items()},
        "pyodide_js": _module("pyodide_js"),
        "_pyodide_entrypoint_helper": _entrypoint_helper(),
        "_cloudflare_compat_flags": _compat_flags(compatibility),
        "_cloudflare": _package("_cloudflare", import_patch_manager=manager),
        "_cloudflare.import_patch_manager": manager,
    }


def _module(name: str, **members: Any) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(members)
    return module


def _package(name: str, **members: Any) -> ModuleType:
    return _module(name, __path__=[], **members)


def _compat_flags(compatibility: Compatibility) -> ModuleType:
    module = _module("_cloudflare_compat_flags", **compatibility.in_force)

    def unknown(name: str) -> bool:
        if name.startswith("__"):
            raise AttributeError(name)
        return False

    vars(module)["__getattr__"] = unknown
    return module


# the helper between the SDK and workerd


class _LiveEnv(JsProxy):
    """The `env` that a module imports: that of the run which looks at it."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        run = current_run.get()
        if run is None:
            raise AttributeError(name)
        return getattr(run.env, name)


class _WorkersModule(JsProxy):
    """JavaScript's `cloudflare:workers`."""

    env = _LiveEnv()

    def waitUntil(self, work: Any) -> None:
        """Go on with work after the response."""
        run = current_run.get()
        if run is None or run.ctx is None:
            raise JsException("Error", GLOBAL_SCOPE_TEXT)
        run.ctx.waitUntil(work)


@contextmanager
def _patched_env(members: Any) -> Iterator[None]:
    run = current_run.get()
    env = {} if run is None else run.env._d
    changes = {} if members is None else members._d
    token = current_run.set(Run(JsObject({**env, **changes}), None if run is None else run.ctx))
    try:
        yield
    finally:
        current_run.reset(token)


def _patch_env_helper(members: Any) -> Iterator[None]:
    with _patched_env(members):
        yield


def _no_module(name: str) -> NoReturn:
    raise JsException("Error", _NO_MODULE.replace("NAME", name))


def _entrypoint_helper() -> ModuleType:
    def refuse_sockets(*_: Any) -> NoReturn:
        raise PlatformError(_SOCKETS)

    return _module(
        "_pyodide_entrypoint_helper",
        cloudflareWorkersModule=_WorkersModule(),
        cloudflareSocketsModule=JsObject({"connect": JsFunction("connect", refuse_sockets)}),
        patchWaitUntil=lambda _ctx: None,
        patch_env_helper=_patch_env_helper,
        doAnImport=_no_module,
    )
