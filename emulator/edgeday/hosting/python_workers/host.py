"""A Cloudflare Python Worker as a class for `Edge(worker=...)`.

Each invocation makes an instance of the worker's entrypoint and goes the way that workerd goes: the request
is wrapped by the SDK, the handler's result unwrapped, an error of the platform is the platform's again.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from types import CodeType, CoroutineType
from typing import Any, ClassVar

from edgeday.errors import PlatformError, PlatformTypeError
from edgeday.hosting.python_workers import handlers
from edgeday.hosting.python_workers.bindings import JsImportedKV, into_env
from edgeday.hosting.python_workers.context import JsContext, JsScheduled
from edgeday.hosting.python_workers.flags import Compatibility
from edgeday.hosting.python_workers.generations import Generation, current_generation
from edgeday.hosting.python_workers.handlers import NO_GLOBAL_HANDLERS, has_scheduled
from edgeday.hosting.python_workers.isolates import Imports
from edgeday.hosting.python_workers.keys_method import report_misuse
from edgeday.hosting.python_workers.loading import WorkerCode, load_worker
from edgeday.hosting.python_workers.messages import JsRequest, JsResponse
from edgeday.hosting.python_workers.proxies import JsException, JsProxy
from edgeday.hosting.python_workers.relaxed_call import relaxed_call
from edgeday.hosting.python_workers.run import Run, current_run
from edgeday.hosting.python_workers.sdk import DISTRIBUTION, find_sdk, vendored_folders, warnings_about
from edgeday.hosting.python_workers.unsupported import stubs
from edgeday.invocation import NO_HANDLER, ExecutionContext, ScheduledController
from edgeday.web.body import ReadableStream
from edgeday.web.messages import Request, Response


class HostedWorker:
    """One invocation of a Python Worker. The class of each worker is made by `host_worker`.

    runs_on: SDK, Pyodide and compatibility date, in words. warnings: what is otherwise on Cloudflare, or is
    not emulated. runtime: the same as runs_on by name, for reports.
    """

    runs_on: ClassVar[str] = ""
    runtime: ClassVar[Mapping[str, str]] = {}
    warnings: ClassVar[tuple[str, ...]] = ()
    handler_code: ClassVar[Mapping[str, CodeType]] = {}
    _imports: ClassVar[Imports]
    _compatibility: ClassVar[Compatibility]
    _generation: ClassVar[Generation]
    _stubs: ClassVar[Mapping[str, JsProxy]]
    _known_env: ClassVar[tuple[dict[str, Any], Any]]

    def __init__(self, ctx: ExecutionContext, env: Any) -> None:
        self.ctx, self.env = ctx, env
        js_env = self._env_of(env.__dict__)
        self._loaded = self._imports.of_isolate(ctx._invocation.isolate, js_env)
        self._run = Run(js_env, JsContext(ctx, self._loaded.modules))

    @classmethod
    def _env_of(cls, members: dict[str, Any]) -> Any:
        """JavaScript's `env` of the account's, the same one as long as that has the same members."""
        known, made = cls._known_env
        if known != members:
            made = into_env({**cls._stubs, **members})
            cls._known_env = ({**members}, made)
        return made

    async def fetch(self, request: Request) -> Response:
        """Answer a request."""
        loaded = self._loaded
        modules = loaded.modules
        modules.enter()
        run = current_run.set(self._run)
        generation = current_generation.set(self._generation)
        try:
            js_request = JsRequest(request)
            if loaded.entry is None:
                result = relaxed_call(self._global_handler("fetch"), js_request, self._run.env, self._run.ctx)
            else:
                handler = getattr(loaded.entry(self._run.ctx, self._run.env), "fetch", None)
                if handler is None:
                    raise PlatformTypeError(NO_HANDLER.format("fetch"))
                result = relaxed_call(handler, loaded.request(js_request))
            if type(result) is CoroutineType or inspect.isawaitable(result):
                result = await result
            return self._response(result)
        except JsException as error:
            raise _platform_error(error) from None
        except TypeError as error:
            report_misuse(error)
            raise
        finally:
            current_generation.reset(generation)
            current_run.reset(run)
            modules.leave()

    def _response(self, result: Any) -> Response:
        """The response that a handler's result stands for."""
        js_response = result if isinstance(result, JsResponse) else getattr(result, "js_object", None)
        if not isinstance(js_response, JsResponse):
            raise PlatformTypeError("Incorrect type for Promise: the Promise did not resolve to 'Response'.")
        if js_response._m.web_socket is not None:
            raise PlatformError("edgeday does not emulate WebSockets")
        response: Response = js_response._m
        if isinstance(response._body, ReadableStream):  # chunks are made after the handler is done
            response._body._source = self._made_inside(response._body._source)
        return response

    async def _made_inside(self, source: Any) -> AsyncIterator[bytes]:
        """The chunks of a body, each made with the worker's modules in force."""
        chunks = source.__aiter__() if hasattr(source, "__aiter__") else _one_by_one(source)
        modules = self._loaded.modules
        while True:
            modules.enter()
            run = current_run.set(self._run)
            generation = current_generation.set(self._generation)
            try:
                chunk = await anext(chunks)
            except StopAsyncIteration:
                return
            finally:
                current_generation.reset(generation)
                current_run.reset(run)
                modules.leave()
            yield chunk

    async def _scheduled(self, controller: ScheduledController, _env: Any = None, _ctx: Any = None) -> None:
        """Run the cron handler: of a class it gets (controller, None, None), its env is the instance's."""
        loaded = self._loaded
        js_controller = JsScheduled(controller)
        loaded.modules.enter()
        run = current_run.set(self._run)
        generation = current_generation.set(self._generation)
        try:
            if loaded.entry is None:
                handler = self._global_handler("scheduled")
                result = relaxed_call(handler, js_controller, self._run.env, self._run.ctx)
            else:
                result = loaded.entry(self._run.ctx, self._run.env).scheduled(js_controller, None, None)
            if inspect.isawaitable(result):
                await result
        except JsException as error:
            raise _platform_error(error) from None
        except TypeError as error:
            report_misuse(error)
            raise
        finally:
            current_generation.reset(generation)
            current_run.reset(run)
            loaded.modules.leave()

    def _global_handler(self, name: str) -> Any:
        handler = getattr(self._loaded.module, f"on_{name}", None)
        if handler is None or self._compatibility[NO_GLOBAL_HANDLERS]:
            raise PlatformError(NO_HANDLER.format(name))
        return handler


def host_worker(
    main: Path,
    *,
    module: str = "",
    class_name: str = "",
    date: str,
    flags: Sequence[str] = (),
    root: Path,
    vars: Mapping[str, Any] | None = None,
    namespaces: Sequence[str] = (),
    unsupported: Mapping[str, str] | None = None,
) -> type[HostedWorker]:
    """Import a Python Worker and make a class of it that an `Edge` runs.

    main: its file. module: its name where it lies in a package. class_name: its entrypoint; default: Default,
    or the only one. date, flags: of its compatibility. root: the folder of its configuration, where
    `python_modules` is looked for. vars, namespaces: variables and KV bindings that `env` has while it is
    imported. unsupported: bindings that are not emulated, by name, each with its kind.
    Raises CannotHost.
    """
    compatibility = Compatibility(date, tuple(flags))
    vendored = vendored_folders(main, root)
    sdk = find_sdk(vendored)
    source = WorkerCode(main.resolve(), module, class_name)
    not_emulated = stubs(unsupported or {})
    bindings = {name: JsImportedKV(name) for name in namespaces}
    env = into_env({**not_emulated, **bindings, **(vars or {})})
    imports = Imports(lambda env: load_worker(source, sdk, vendored, compatibility, env))
    loaded = imports.first(env)
    uncalled = handlers.warnings_about(loaded, no_global_handlers=compatibility[NO_GLOBAL_HANDLERS])
    warnings = [*warnings_about(sdk, compatibility), *uncalled]
    pyodide = f"Pyodide {compatibility.generation.version}"
    members: dict[str, Any] = {
        "runs_on": f"{sdk.says}, {pyodide}, compatibility date {date or 'not given'}",
        "runtime": {
            DISTRIBUTION: sdk.version,
            "pyodide": compatibility.generation.version,
            "compatibility_date": date,
        },
        "warnings": tuple(warnings),
        "handler_code": handlers.code_of_handlers(loaded),
        "_imports": imports,
        "_compatibility": compatibility,
        "_generation": compatibility.generation,
        "_stubs": not_emulated,
        "_known_env": ({}, into_env(not_emulated)),
    }
    if has_scheduled(loaded):
        members["scheduled"] = HostedWorker._scheduled
    name = source.name if loaded.entry is None else loaded.entry.__name__
    return type(name, (HostedWorker,), members)


def _platform_error(error: JsException) -> Exception:
    """What JavaScript threw, as the platform's error where it was one, with the worker's lines."""
    if isinstance(error.__cause__, PlatformError):
        return error.__cause__.with_traceback(error.__traceback__)
    return error


async def _one_by_one(source: Any) -> AsyncIterator[Any]:
    for chunk in [source] if isinstance(source, (bytes, memoryview)) else source:
        yield chunk
