"""What `edgeday init` knows of the user's worker: how a scenario refers to it, and what its files show."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from edgeday.clock import DAY_S
from edgeday.commands.init_javascript import (
    LIKELY,
    configuration_of,
    notes_on,
    source_of,
    values_made_up,
    what_is_missing,
)
from edgeday.cron import BadCron, Schedule, parse
from edgeday.errors import BadInput, Problem
from edgeday.hosting.endings import is_javascript
from edgeday.runtime.entry_names import BadEntry, EntryName, kind_of_entry, read_entry
from edgeday.scenario.first_scenario import FirstScenario
from edgeday.scenario.profile import NO_PROFILE, WorkerProfile, profile_of
from edgeday.source.model import METHODS, FetchedHost, Route
from edgeday.source.seen import (
    answers_requests,
    fetched_hosts,
    kv_bindings_in,
    routes_in,
    shows_a_handler,
)
from edgeday.source_imports import module_file
from edgeday.web.url import best_match
from edgeday.wrangler import WranglerConfig, find_wrangler_config, load_wrangler_config

_LIKELY = ("src/entry.py", "src/worker.py", "src/main.py", "entry.py", "worker.py")
"""What a worker's file is mostly called."""
_HOW_TO_NAME = "write --entry src/index.ts or --entry src/entry.py, or run it beside your wrangler.jsonc"
_GUESSED = Route("GET", "/", begins=True)
"""What a worker is asked for whose source shows no route."""


@dataclass(frozen=True, slots=True)
class NamedProject:
    """A worker by its name. reference: as a scenario has it, None if nothing says which worker. source: its
    file, None if it is not known. namespaces: those that a scenario has to say itself, or None. read: the
    file to read its source from, if that is another. variables: that its source reads, given or not."""

    reference: str | Mapping[str, Any] | None
    config: WranglerConfig | None
    source: Path | None = None
    profile: WorkerProfile = NO_PROFILE
    namespaces: Mapping[str, str] | None = None
    notes: tuple[str, ...] = field(default=())
    read: Path | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)

    @property
    def code(self) -> Path | None:
        """The file to read its source from, None if it is not known."""
        return self.read or self.source

    @property
    def origin(self) -> str:
        """What names the worker, for a problem with it."""
        named_by_config = self.config is not None and self.config.main is not None
        if self.config is None or not named_by_config or self.source != self.config.main:
            return "--entry"
        line = self.config.main_line
        return f"{self.config.path}:{line}" if line else str(self.config.path)

    @property
    def made_up(self) -> list[str]:
        """The variables that only the scenario gives the worker."""
        given = {} if self.config is None else self.config.vars
        return [name for name in self.variables if name not in given]

    @property
    def missing(self) -> list[Problem]:
        """What the worker needs to run and is not on this machine, each with how to get it."""
        return [] if self.source is None or not is_javascript(self.source) else what_is_missing(self.source)

    @property
    def has_kv(self) -> bool:
        """Whether KV is bound, as far as is known."""
        return bool(self.namespaces) or self.config is None or bool(self.config.bindings)

    def routes(self, paths: Sequence[str]) -> list[Route]:
        """The routes that are named, or else seen in the source, or else the root; none of a worker that only
        runs crons."""
        if paths:
            return [_written(path) for path in paths]
        seen = [] if self.code is None else routes_in(self.code)
        if not seen and self.code is not None and self.config is not None and self.config.crons:
            return [_GUESSED] if answers_requests(self.code) else []
        return seen or [_GUESSED]

    def origins(self) -> list[FetchedHost]:
        """The hosts that its source shows it fetches from, but those that its profile answers for."""
        if self.code is None:
            return []
        hosts = fetched_hosts(self.code, variables=self.variables)
        return [one for one in hosts if best_match(one.host, self.profile.outbound) is None]

    def crons(self, day: date) -> list[tuple[str, int]]:
        """The crons of the configuration that Cloudflare takes (of those with the same times the first), each
        with how often it runs on a day."""
        start = datetime.combine(day, time(), UTC).timestamp()
        crons: dict[Schedule, tuple[str, int]] = {}
        for text in self.config.crons if self.config else ():
            try:
                cron = parse(text)
            except BadCron:  # the configuration's warnings say it
                continue
            crons.setdefault(cron.schedule, (text, cron.count(start, start + DAY_S)))
        return list(crons.values())

    def summary(self, first: FirstScenario) -> dict[str, str]:
        """What is known of the worker, in words, by what it is."""
        config = self.config
        rows: dict[str, Sequence[str]] = {
            "worker": [] if self.source is None else [_relative(self.source, Path.cwd())],
            "KV": list(self.namespaces)
            if self.namespaces
            else [one.name for one in config.bindings]
            if config
            else [],
            "variables": list(dict.fromkeys((*(config.plain_vars if config else ()), *self.made_up))),
            "secrets": [f"{name} ({_files(config)})" for name in config.secrets] if config else [],
            "routes": [f"{route.method} {route.path}" for route in first.routes],
            "origins": [host for host, _ in first.origins],
            "crons": [cron for cron, _ in first.crons],
            "not emulated": config.unsupported if config else [],
        }
        return {name: ", ".join(values) for name, values in rows.items() if values}


def likely_entry() -> str:
    """The worker's file in this directory, where one is called as they mostly are and shows a handler; or
    ""."""
    named = (name for name in (*_LIKELY, *LIKELY) if Path(name).is_file())
    return next((name for name in named if shows_a_handler(Path(name))), "")


def name_project(
    path: Path,
    config: WranglerConfig | None,
    environment: str | None,
    entry: str | None,
    variant: str | None,
) -> NamedProject:
    """The worker that a scenario at a path is for: the entry's, or the `main` of the configuration.

    Raises BadInput if nothing says which one, or what does names none.
    """
    if entry is not None and kind_of_entry(entry) == "configuration":
        config, entry = load_wrangler_config(Path(entry), environment), None
    if entry is None and config is None:
        near = next((name for name in (*_LIKELY, *LIKELY) if Path(name).is_file()), "")
        hint = f"is it {near}? write --entry {near}" if near else _HOW_TO_NAME
        raise BadInput(Problem("--entry", "says which worker it is for, and is missing", hint))
    if entry is not None:
        return _of_entry(path, config, entry, variant)
    assert config is not None
    if config.main is None:
        return NamedProject(None, config, namespaces=_bound(config), notes=(f"{config.path} names no main.",))
    _check_main(config)
    return _configured(_beside(path, config.path or Path()), config, config.main, variant)


def _configured(reference: str, config: WranglerConfig, source: Path, variant: str | None) -> NamedProject:
    """A worker with what its configuration, or its bundle, gives it."""
    read = source_of(source, config)
    made_up = values_made_up(read, {**config.vars, **config.unsupported_bindings, **_bound(config)})
    return NamedProject(
        _with(reference, config, variant, made_up),
        config,
        source,
        notes=(*_notes(config), *notes_on(made_up)),
        read=read,
        variables={**config.vars, **made_up},
    )


def _bound(config: WranglerConfig | None) -> dict[str, str]:
    return {binding.name: binding.namespace_id for binding in config.bindings} if config is not None else {}


def _of_entry(path: Path, config: WranglerConfig | None, entry: str, variant: str | None) -> NamedProject:
    """The worker of an entry: what no configuration gives it there stands in the scenario."""
    try:
        parts = read_entry(entry)
    except BadEntry as bad:
        raise BadInput(Problem("--entry", str(bad), bad.hint)) from None
    profile = profile_of(entry) if parts.kind == "module" else NO_PROFILE
    source = _source_of(parts)
    reference, same = entry, False
    if parts.kind == "file" and source is not None:
        reference = _beside(path, source) + (f":{parts.class_name}" if parts.class_name else "")
        nearest = find_wrangler_config(source.parent)
        same = config is not None and config.path is not None and nearest == config.path.resolve()
        bound = configuration_of(source, config if same else None)
        if bound is not None:
            config, same = bound, True
    if same and config is not None and source is not None:
        return _configured(reference, config, source, variant)
    namespaces = _bound(config)
    namespaces |= {name: id for name, id in profile.namespaces.items() if name not in namespaces}
    if config is None and not namespaces and source is not None:
        namespaces = {name: name.lower() for name in kv_bindings_in(source)}
    settings: dict[str, Any] = {"entry": reference}
    variant = variant or profile.first_variant
    if variant is not None:
        settings["variant"] = variant
    plain = {} if config is None else config.plain_vars
    made_up = {} if source is None else values_made_up(source, {**plain, **namespaces})
    if plain or made_up:
        settings["vars"] = {**plain, **made_up}
    notes = () if config is None else _notes(config, refers_to_it=False)
    return NamedProject(
        settings if len(settings) > 1 or parts.kind == "module" else reference,
        config,
        source,
        profile,
        namespaces,
        (*notes, *notes_on(made_up)),
        variables={**plain, **made_up},
    )


def _with(
    reference: str, config: WranglerConfig, variant: str | None, variables: Mapping[str, str]
) -> str | dict[str, Any]:
    """A reference with the environment, the variant and the variables that go with it."""
    settings: dict[str, Any] = {"entry": reference}
    if config.environments:
        settings["env"] = config.environment
    if variant is not None:
        settings["variant"] = variant
    if variables:
        settings["vars"] = dict(variables)
    return settings if len(settings) > 1 else reference


def _check_main(config: WranglerConfig) -> None:
    """Raise BadInput unless `main` is a worker's file that is there."""
    main = config.main
    assert main is not None
    name = _relative(main, Path.cwd())
    if main.suffix != ".py" and not is_javascript(main):
        what = f"main is {name}, which is neither Python nor JavaScript or TypeScript"
        raise BadInput(Problem(str(config.path), what, line=config.main_line))
    if not main.is_file():
        what = f"main is {name}, and there is no such file"
        hint = "if a build of yours makes it, run that first" if is_javascript(main) else ""
        raise BadInput(Problem(str(config.path), what, hint, line=config.main_line))


def _notes(config: WranglerConfig, *, refers_to_it: bool = True) -> tuple[str, ...]:
    """What a reader of the scenario should know of the configuration."""
    lines = []
    if config.bindings:
        lines.append(f"KV: {', '.join(binding.name for binding in config.bindings)}.")
    if config.plain_vars:
        lines.append(f"Variables: {', '.join(config.plain_vars)}.")
    if config.secrets and refers_to_it:
        names = ", ".join(config.secrets)
        lines.append(f"Secrets of {_files(config)}, whose values stay there: {names}.")
    if config.unsupported:
        lines.append(f"Not emulated: {', '.join(config.unsupported)}.")
    says = "configuration" if config.path is not None else "bundle"
    start = f"The worker, with what its {says} says." if refers_to_it else "The worker."
    return (start, *lines)


def _files(config: WranglerConfig) -> str:
    return ", ".join(file.name for file in config.secret_files)


def _source_of(entry: EntryName) -> Path | None:
    """The file of an entry, None if it is none of the current directory."""
    if entry.kind == "module":
        return module_file(entry.name, Path.cwd())
    return Path(entry.name).resolve() if Path(entry.name).is_file() else None


def _beside(scenario: Path, target: Path) -> str:
    """How a scenario's file refers to another one, from wherever it is replayed."""
    return _relative(target, scenario.parent)


def _relative(target: Path, directory: Path) -> str:
    return Path(os.path.relpath(target.resolve(), directory.resolve())).as_posix()


def _written(path: str) -> Route:
    """A route as an option has it: a path, or a method and a path."""
    method, _, rest = path.partition(" ")
    return Route(method, rest.strip()) if method in METHODS else Route("GET", path)
