"""JavaScript workers by what a person names: their code, the runtime on her machine, a class of both."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from edgeday.errors import BadInput, did_you_mean
from edgeday.files import from_here
from edgeday.hosting.javascript.binary import NoWorkerd, find_workerd
from edgeday.hosting.javascript.bundles import Bundle
from edgeday.hosting.javascript.host import JavaScriptWorker, host_javascript
from edgeday.runtime.entry_names import BadEntry
from edgeday.runtime.interrupts import real_limit_s
from edgeday.runtime.javascript_code import Code, read_code
from edgeday.wrangler import WranglerConfig


class Started(NamedTuple):
    """A worker that has been started. config: the configuration of its project, or what its bundle says.
    says: which worker it is, and what it runs on. warnings: of configuration, code and runtime."""

    worker: type
    config: WranglerConfig
    says: str
    warnings: tuple[str, ...]


def start_javascript(main: Path, config: WranglerConfig | None, *, entrypoint: str, is_main: bool) -> Started:
    """Start the worker of a file.

    config: the configuration of the project that the file lies in. entrypoint: the name of its export, "" for
    the default one. is_main: it is the configuration that was named.
    Raises BadEntry where there is nothing to run it on, BadInput with what is wrong in its files.
    """
    code = read_code(main, config, is_main=is_main)
    if entrypoint and code.bundle.form == "service-worker":
        raise BadEntry(f"{from_here(main)} is a service worker, which has no classes", "leave the class out")
    try:
        workerd = find_workerd(main.parent)
    except NoWorkerd as missing:
        (problem,) = missing.problems
        raise BadEntry(problem.what, problem.hint) from None
    date, warnings = workerd.date_for(code.bundle.date or workerd.version)
    bundle = replace(code.bundle, date=date, unsupported=code.config.unsupported_bindings)
    runs_on = f"workerd {workerd.version}, compatibility date {date}"
    tools = {"workerd": workerd.version, **({"wrangler": code.wrangler} if code.wrangler else {})}
    try:
        worker = _hosted(bundle, workerd.path, runs_on, tools, entrypoint, code.config)
    except BadInput as bad:
        if not workerd.is_too_old:
            raise
        placed = [problem for problem in bad.problems if problem.line]  # in her own files
        raise BadInput([workerd.too_old, *placed]) from None
    if (entrypoint or "default") not in worker.entrypoints:
        raise _nothing_answers(main, entrypoint, worker.entrypoints)
    shown = _shown(main, code, entrypoint, is_main=is_main)
    says = ", ".join(filter(None, (f"{shown} (bundle {bundle.hash}) on {runs_on}", code.made)))
    warned = (*code.config.warnings, *code.warnings, *workerd.warnings, *warnings, *worker.warnings)
    return Started(worker, code.config, says, warned)


_hosted_before: dict[str, type[JavaScriptWorker]] = {}
"""Workers by all that makes them what they are, the oldest first: of ten scenarios with one worker, each
begins with new isolates, and no other program is started for it."""
_MOST_KEPT = 8


def _hosted(
    bundle: Bundle,
    workerd: Path,
    runs_on: str,
    tools: Mapping[str, str],
    entrypoint: str,
    config: WranglerConfig,
) -> type[JavaScriptWorker]:
    namespaces = [binding.name for binding in config.bindings]
    limit_s = real_limit_s()
    maps = {name: crc32(data) for name, data in bundle.source_maps.items()}
    made = (bundle.hash, maps, str(bundle.folder), tools)
    code = (*made, str(workerd), runs_on, entrypoint)
    env = (config.vars, namespaces, bundle.unsupported, limit_s)
    key = json.dumps((*code, *env), default=str)
    worker = _hosted_before.pop(key, None)
    if worker is None:
        worker = host_javascript(
            bundle,
            workerd,
            runs_on=runs_on,
            tools=tools,
            entrypoint=entrypoint,
            vars=config.vars,
            namespaces=namespaces,
            limit_s=limit_s,
        )
    while len(_hosted_before) >= _MOST_KEPT:
        del _hosted_before[next(iter(_hosted_before))]
    _hosted_before[key] = worker
    return worker


def _nothing_answers(main: Path, entrypoint: str, others: Sequence[str]) -> BadEntry:
    """What to say of a worker without handlers. others: its exports that have some."""
    file = from_here(main)
    if entrypoint:
        what = f"{file} exports no {entrypoint} with a fetch or scheduled handler"
        return BadEntry(what, did_you_mean(entrypoint, others))
    what = f"{file} has no fetch and no scheduled handler: nothing answers"
    if others:
        return BadEntry(what, f"name one of its other exports: {file}:{others[0]}")
    return BadEntry(what, "export default { async fetch(request, env, ctx) { ... } }")


def _shown(main: Path, code: Code, entrypoint: str, *, is_main: bool) -> str:
    """A worker in a person's words: "index.ts of shop"."""
    name = f"{main.name} of {code.config.name}" if is_main else str(from_here(main))
    return f"{entrypoint} of {name}" if entrypoint else name
