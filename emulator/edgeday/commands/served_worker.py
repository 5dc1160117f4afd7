"""What `edgeday serve` serves: a worker, its bindings and variables, from what the command line names.

It is read once at the start, and again whenever one of its files changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from edgeday.errors import BadInput, Problem
from edgeday.limits import Account
from edgeday.runtime.entry import BadEntry, check_variant, import_worker
from edgeday.scenario.loader import load_one
from edgeday.scenario.model import Scenario
from edgeday.scenario.profile import NO_PROFILE, WorkerProfile, profile_of
from edgeday.server.served import DEFAULT_ACCOUNT_ID, Settings
from edgeday.wrangler import Binding, WranglerConfig, load_wrangler_config

CONFIGURATIONS = ("wrangler.jsonc", "wrangler.json", "wrangler.toml")
"""What a wrangler configuration is called; the first of them in the current directory is taken."""
_HOW_TO_NAME = (
    "add --worker src/entry.py (or package.module:Class), --config wrangler.jsonc, or --scenario FILE; "
    "--no-worker serves KV alone"
)

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Source:
    """Where the worker and its bindings come from.

    entry: as it is named, a wrangler configuration too. config: a wrangler configuration; None: the one in
    the current directory, if no scenario is named. environment: of it. scenario: whose worker it is.
    variant: of the worker. variables: beat all others. without_worker: serve KV alone.
    account, state: of the account.
    """

    entry: str | None = None
    config: Path | None = None
    environment: str | None = None
    scenario: Path | None = None
    variant: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    without_worker: bool = False
    account: Account = "free"
    state: Path | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a source says at one moment. config: the wrangler configuration that was read, or None."""

    settings: Settings
    config: WranglerConfig | None
    warnings: tuple[str, ...]


def read_source(source: Source) -> Reading:
    """Read everything that a source names. Raises BadInput with all that is wrong with it."""
    return _Reader(source).read()


class _Reader:
    """Reads one source, and gathers what is wrong with it."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._problems: list[Problem] = []

    def read(self) -> Reading:
        source = self._source
        scenario = self._read(lambda path: load_one(path).scenario, source.scenario)
        path = self._configuration()
        config = self._read(lambda path: load_wrangler_config(path, source.environment), path)
        if source.environment is not None and path is None:
            what = "names an environment of no configuration"
            self._problems.append(Problem("--env", what, "add --config FILE"))
        entry = self._entry(scenario, config)
        worker = None if entry is None else self._worker(entry)
        if self._problems:
            raise BadInput(self._problems)
        settings = self._settings(scenario, config, entry, worker)
        return Reading(settings, config, config.warnings if config else ())

    def _read(self, load: Callable[[Path], Read], path: Path | None) -> Read | None:
        try:
            return None if path is None else load(path)
        except BadInput as bad:
            self._problems.extend(bad.problems)
            return None

    def _configuration(self) -> Path | None:
        """The wrangler configuration to read, if there is one."""
        source = self._source
        if source.config is not None:
            return source.config
        if source.entry is not None and Path(source.entry).name in CONFIGURATIONS:
            return Path(source.entry)
        if source.scenario is not None:
            return None
        return next((path for name in CONFIGURATIONS if (path := Path(name)).is_file()), None)

    def _entry(self, scenario: Scenario | None, config: WranglerConfig | None) -> str | None:
        """How the worker is named; None where none is served."""
        source = self._source
        if source.without_worker:
            return None
        entry = source.entry
        if entry is None and scenario is not None:
            entry = scenario.entry
        if entry is None and config is not None and config.main is not None:
            entry = str(config.path)
        if entry is None and config is None and not self._problems:
            what = "says which worker to serve, and is missing"
            self._problems.append(Problem("--worker", what, _HOW_TO_NAME))
        return entry

    def _worker(self, entry: str) -> type | None:
        try:
            worker = import_worker(entry)
        except BadEntry as bad:
            self._problems.append(Problem("--worker", str(bad), bad.hint))
            return None
        try:
            if self._source.variant is not None:
                check_variant(worker, self._source.variant)
        except BadEntry as bad:
            self._problems.append(Problem("--variant", str(bad), bad.hint))
        return worker

    def _settings(
        self,
        scenario: Scenario | None,
        config: WranglerConfig | None,
        entry: str | None,
        worker: type | None,
    ) -> Settings:
        source = self._source
        profile = _profile(scenario, entry)
        variant = source.variant
        if variant is None and scenario is not None:
            variant = scenario.worker.variant
        origins = None if profile.served is None else profile.served(scenario)
        parts = [entry or "none runs", f"variant {variant}" if variant else ""]
        says = ", ".join(part for part in parts if part)
        return Settings(
            worker,
            account=source.account,
            account_id=(config.account_id if config else None) or DEFAULT_ACCOUNT_ID,
            state=source.state,
            bindings=config.bindings if config else _bindings(scenario, profile),
            vars=_variables(scenario, config, source.variables),
            variant=variant,
            crons=config.crons if config else (),
            profile=profile,
            outbound={} if origins is None else origins.outbound,
            says=f"{says}; {origins.says}" if origins else says,
        )


def _profile(scenario: Scenario | None, entry: str | None) -> WorkerProfile:
    if scenario is not None:
        return scenario.profile
    return NO_PROFILE if entry is None else profile_of(entry)


def _bindings(scenario: Scenario | None, profile: WorkerProfile) -> tuple[Binding, ...]:
    """The KV bindings where no configuration says which."""
    named = None if scenario is None else scenario.namespaces
    namespaces = profile.served_namespaces if named is None else named
    return tuple(Binding(name, id, name) for name, id in namespaces.items())


def _variables(
    scenario: Scenario | None, config: WranglerConfig | None, given: Mapping[str, str]
) -> dict[str, Any]:
    """Plain variables: the command line's over the configuration's over the scenario's."""
    return {**(scenario.worker.vars if scenario else {}), **(config.vars if config else {}), **given}
