"""A JavaScript worker as wrangler would upload it: its modules, bindings, compatibility date and flags.

`wrangler deploy --dry-run --outfile worker.bundle` writes one without the network, as a multipart form: a
part `metadata`, then one for each module with its type, and the source maps. It is read by the parser of
forms that workers here have: `email.parser` and aiohttp's reader, the well-kept ones, want a message with
headers of its own around it, and a loop.
Source: bundles that wrangler 3.114 and 4.86 wrote.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple

from edgeday.errors import BadInput, PlatformError, Problem
from edgeday.files import read_capped
from edgeday.web.forms import FormValue
from edgeday.web.multipart import decode
from edgeday.wrangler.unsupported import FILES, KINDS

HOW_TO_MAKE = "wrangler deploy --dry-run --outfile dist/worker.bundle writes one"
_AGAIN = f"make it again: {HOW_TO_MAKE}"
_METADATA = b'name="metadata"'
_MOST_BYTES = 256 * 1024 * 1024
_MODULE_KINDS = {
    "application/javascript+module": "esModule",
    "application/javascript": "commonJsModule",
    "text/plain": "text",
    "application/octet-stream": "data",
    "application/wasm": "wasm",
    "application/json": "json",
}
_SOURCE_MAP = "application/source-map"
_PARTS = {"text_blob": "text_blobs", "data_blob": "data_blobs", "wasm_module": "wasm_modules"}
"""Bindings to a part of the bundle, by their type: the field of a configuration that declares one."""
_FIELDS = {
    "agent_memory": "agent_memory",
    "ai": "ai",
    "ai_search": "ai_search",
    "ai_search_namespace": "ai_search_namespaces",
    "analytics_engine": "analytics_engine_datasets",
    "artifacts": "artifacts",
    "assets": "assets",
    "browser": "browser",
    "d1": "d1_databases",
    "dispatch_namespace": "dispatch_namespaces",
    "durable_object_namespace": "durable_objects",
    "flagship": "flagship",
    "hyperdrive": "hyperdrive",
    "images": "images",
    "logfwdr": "logfwdr",
    "media": "media",
    "mtls_certificate": "mtls_certificates",
    "pipelines": "pipelines",
    "queue": "queues",
    "r2_bucket": "r2_buckets",
    "ratelimit": "ratelimits",
    "secrets_store_secret": "secrets_store_secrets",
    "send_email": "send_email",
    "service": "services",
    "stream": "stream",
    "unsafe_hello_world": "unsafe_hello_world",
    "vectorize": "vectorize",
    "version_metadata": "version_metadata",
    "vpc_network": "vpc_networks",
    "vpc_service": "vpc_services",
    "worker_loader": "worker_loaders",
    "workflow": "workflows",
}
"""Bindings that are not emulated, by the type that the metadata has: the field of a configuration."""
INHERITED = "inherited binding"
"""A binding whose value is not in the bundle: a secret, or a namespace that the deployment is to make."""

Form = Literal["modules", "service-worker"]

_UP_TO_PACKAGES = re.compile(rb'((?:^// |^ *"))(?:\.\./)+(?:[^/"\n]+/)*?(?=node_modules/)', re.MULTILINE)
"""The way out of a project to packages above it, as esbuild names the files of a bundle: in the comment
before each, and in the names of CommonJS modules."""


class Module(NamedTuple):
    """A module. name: as imports have it; of a part of a service worker, the name of its global.
    kind: the field of workerd's configuration: esModule, commonJsModule, text, data, wasm, json; of a service
    worker's own script, serviceWorkerScript."""

    name: str
    kind: str
    body: bytes


@dataclass(frozen=True)
class Bundle:
    """A worker and what it is bound to.

    main: the name of the main module, or of the service worker's script. modules: the main one first; of a
    service worker, the script and its parts. namespaces: KV bindings, each with the id of its namespace.
    variables: the plain ones. unsupported: other bindings by name, each with its kind in words
    ("D1 database"). date, flags: of compatibility, "" and () if none are given. source_maps: by module, as
    JSON. folder: what the sources in these are relative to, None if that is not known. sources: the user's
    files that it was made of, as far as they are known.
    """

    main: str
    form: Form
    modules: tuple[Module, ...]
    namespaces: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    unsupported: Mapping[str, str] = field(default_factory=dict)
    date: str = ""
    flags: tuple[str, ...] = ()
    source_maps: Mapping[str, bytes] = field(default_factory=dict)
    folder: Path | None = None
    sources: tuple[Path, ...] = ()

    @cached_property
    def hash(self) -> str:
        """Eight hexadecimal digits of all that a run depends on: form, modules, compatibility; not where the
        packages lie that were bundled, which the bundler writes into its comments."""
        bodies = [_UP_TO_PACKAGES.sub(rb"\1", module.body) for module in self.modules]
        heads = [
            [module.name, module.kind, len(body)] for module, body in zip(self.modules, bodies, strict=True)
        ]
        sum = hashlib.sha256(json.dumps([self.form, self.main, self.date, self.flags, heads]).encode())
        for body in bodies:
            sum.update(body)
        return sum.hexdigest()[:8]


def read_bundle(path: Path) -> Bundle:
    """The bundle in a file. Raises BadInput for a file that is none, or a damaged one."""
    data = read_capped(path, _MOST_BYTES, kind="a bundle", hint=HOW_TO_MAKE)
    boundary = re.match(rb"--([^\r\n]+)\r?\n", data)
    if boundary is None:
        hint = f"{HOW_TO_MAKE}; a plain .js or .mjs file is named as it is"
        raise BadInput(Problem(str(path), "is no bundle of wrangler: it has no parts", hint))
    content_type = f'multipart/form-data; boundary="{boundary[1].decode("latin-1").rstrip()}"'
    try:
        fields = decode(data, content_type)
    except PlatformError as error:
        what = f"is damaged: {error.message}" if _METADATA in data else "is no bundle of wrangler"
        raise BadInput(Problem(str(path), what, _AGAIN)) from None
    return _Reader(path, dict(map(_part, fields))).bundle()


class _Part(NamedTuple):
    """A part of the form. kind: its content type; "" of a plain text."""

    kind: str
    body: bytes

    @property
    def is_module(self) -> bool:
        return self.kind not in {"", _SOURCE_MAP}


def _part(field: tuple[str, FormValue]) -> tuple[str, _Part]:
    name, value = field
    for escape, character in (("%0D", "\r"), ("%0A", "\n"), ("%22", '"')):
        name = name.replace(escape, character)
    if isinstance(value, str):
        return name, _Part("", value.encode())
    return name, _Part(value.content_type.partition(";")[0].strip().lower(), value._data)


class _Reader:
    """The parts of a bundle by name. Whatever is wrong with them is gathered."""

    def __init__(self, path: Path, parts: Mapping[str, _Part]) -> None:
        self._path = path
        self._parts = parts
        self._problems: list[Problem] = []
        self._globals: list[Module] = []
        self._namespaces: dict[str, str] = {}
        self._variables: dict[str, Any] = {}
        self._unsupported: dict[str, str] = {}

    def bundle(self) -> Bundle:
        """What they make. Raises BadInput."""
        metadata = self._metadata()
        form, main = self._main(metadata)
        for binding in self._list(metadata, "bindings"):
            self._bind(binding, form)
        modules = self._modules(main) if form == "modules" else self._script(main)
        date = metadata.get("compatibility_date") or ""
        if not isinstance(date, str):
            self._problem("its compatibility date is no text")
        flags = tuple(map(str, self._list(metadata, "compatibility_flags")))
        if self._problems:
            raise BadInput(self._problems)
        maps = {
            _module_name(name).removesuffix(".map"): part.body
            for name, part in self._parts.items()
            if part.kind == _SOURCE_MAP
        }
        return Bundle(
            main=_module_name(main),
            form=form,
            modules=tuple(modules),
            namespaces=self._namespaces,
            variables=self._variables,
            unsupported=self._unsupported,
            date=date,
            flags=flags,
            source_maps=maps,
            folder=self._path.parent.resolve(),
            sources=(self._path.resolve(),),
        )

    def _problem(self, what: str, hint: str = _AGAIN) -> None:
        self._problems.append(Problem(str(self._path), what, hint))

    def _refusal(self, what: str, hint: str = _AGAIN) -> BadInput:
        self._problem(what, hint)
        return BadInput(self._problems)

    def _metadata(self) -> dict[str, Any]:
        part = self._parts.get("metadata")
        if part is None:
            raise self._refusal("is no bundle of wrangler: it has no part `metadata`")
        try:
            metadata = json.loads(part.body)
        except ValueError as error:
            raise self._refusal(f"its part `metadata` is no JSON: {error}") from None
        if not isinstance(metadata, dict):
            raise self._refusal("its part `metadata` is no JSON object")
        return metadata

    def _list(self, metadata: dict[str, Any], name: str) -> list[Any]:
        found = metadata.get(name) or []
        if isinstance(found, list):
            return found
        self._problem(f"`{name}` of its metadata is no list")
        return []

    def _main(self, metadata: dict[str, Any]) -> tuple[Form, str]:
        form: Form = "modules" if "main_module" in metadata else "service-worker"
        main = metadata.get("main_module", metadata.get("body_part"))
        if main is None and "assets" in metadata:
            raise self._refusal("has no worker in it, only static assets", "")
        if not isinstance(main, str) or main not in self._parts:
            said = "" if main is None else f", {main},"
            raise self._refusal(f"its main module{said} is missing")
        if self._parts[main].kind.startswith("text/x-python"):
            raise self._refusal("is the bundle of a Python Worker", "name the worker's file: src/entry.py")
        return form, main

    def _bind(self, binding: Any, form: Form) -> None:
        if not isinstance(binding, dict) or not isinstance(binding.get("name"), str):
            self._problem("its metadata has a binding without a name")
            return
        name, kind = binding["name"], str(binding.get("type"))
        if kind == "kv_namespace" and isinstance(binding.get("namespace_id"), str):
            self._namespaces[name] = binding["namespace_id"]
        elif kind in {"plain_text", "secret_text"} and isinstance(binding.get("text"), str):
            self._variables[name] = binding["text"]
        elif kind == "json" and "json" in binding:
            self._variables[name] = binding["json"]
        elif kind in _PARTS and form == "service-worker":
            self._bind_part(name, str(binding.get("part")))
        elif kind in _PARTS:
            self._unsupported[name] = FILES[_PARTS[kind]]
        elif kind in {"inherit", "kv_namespace"}:
            self._unsupported[name] = INHERITED
        else:
            self._unsupported[name] = KINDS[_FIELDS.get(kind, "unsafe")].noun

    def _bind_part(self, name: str, part: str) -> None:
        if part in self._parts:
            self._globals.append(self._module(name, self._parts[part]))
        else:
            self._problem(f"its part {part}, which the binding {name} names, is missing")

    def _modules(self, main: str) -> list[Module]:
        names = [main, *(name for name, part in self._parts.items() if part.is_module and name != main)]
        return [self._module(_module_name(name), self._parts[name]) for name in names]

    def _script(self, main: str) -> list[Module]:
        return [Module(_module_name(main), "serviceWorkerScript", self._parts[main].body), *self._globals]

    def _module(self, name: str, part: _Part) -> Module:
        kind = _MODULE_KINDS.get(part.kind)
        if kind is None:
            self._problem(f"its module {name} is of a type that workers do not have: {part.kind or 'none'}")
        return Module(name, kind or "data", part.body)


def _module_name(name: str) -> str:
    """The name of a module without `./` in front, as workerd resolves it."""
    return posixpath.normpath(name)
