"""What `edgeday serve` serves: a worker, its bindings and variables, from what the command line names.

It is read once at the start, and again whenever one of its files changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from edgeday.clock import SystemClock
from edgeday.commands.watched_files import failing_line, watched_files
from edgeday.errors import BadInput, Problem, WorkerMisbehaved
from edgeday.files import from_here
from edgeday.hosting.endings import is_javascript
from edgeday.hosting.stubs import Stub
from edgeday.invocation import Outbound
from edgeday.limits import Account
from edgeday.runtime.entry import BadEntry, NamedWorker, check_variant, forget_code, resolve_worker
from edgeday.runtime.entry_names import check_python, kind_of_entry
from edgeday.scenario.loader import load_one
from edgeday.scenario.model import Scenario
from edgeday.scenario.profile import NO_PROFILE, WorkerProfile, profile_of
from edgeday.scenario.stub_names import not_stubbed
from edgeday.server.reloading import Watched
from edgeday.server.served import DEFAULT_ACCOUNT_ID, Settings
from edgeday.wrangler import Binding, WranglerConfig, find_wrangler_config, load_wrangler_config

_HOW_TO_NAME = (
    "add --worker src/entry.py (or src/index.ts, package.module:Class), --config wrangler.jsonc, or "
    "--scenario FILE; --no-worker serves KV alone"
)

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """What the command line says of the worker and its bindings.

    entry: as it is named, a wrangler configuration too. config: a wrangler configuration; None: the one in
    the current directory, if no scenario is named. environment: of it. scenario: whose worker it is.
    variant: of the worker. variables: beat all others. without_worker: serve KV alone.
    shows_tracebacks: in the answer to a request whose worker threw.
    account, state: of the account.
    """

    entry: str | None = None
    config: Path | None = None
    environment: str | None = None
    scenario: Path | None = None
    variant: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    without_worker: bool = False
    shows_tracebacks: bool = False
    account: Account = "free"
    state: Path | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What the options come to at one moment, with what their files hold.

    secrets: names of variables whose values may not be shown. watched: what it was read from.
    """

    settings: Settings
    warnings: tuple[str, ...]
    secrets: frozenset[str]
    watched: Watched


def read_served(options: ServeOptions) -> Reading:
    """Read everything that the options name. Raises BadInput with all that is wrong with it."""
    forget_code()
    return _Reader(options).read()


class _Reader:
    """Reads what some options name, and gathers what is wrong with it."""

    def __init__(self, options: ServeOptions) -> None:
        self._options = options
        self._problems: list[Problem] = []
        self._warnings: list[str] = []

    def read(self) -> Reading:
        options = self._options
        scenario = self._read(lambda path: load_one(path).scenario, options.scenario)
        path = self._configuration()
        config = self._load_config(path)
        entry = self._entry(scenario, config)
        worker = None if entry is None else self._worker(entry, scenario)
        if path is None and worker is not None and _has_its_own(worker):
            config = worker.config
        elif path is None and options.scenario is None:
            path = _configuration_of(worker)
            config = self._load_config(path)
        elif path is None and worker is not None and self._is_configured(scenario):
            config = worker.config
        if options.environment is not None and path is None and config is None:
            what = "names an environment of no configuration"
            self._problems.append(Problem("--env", what, "add --config FILE"))
        if self._problems:
            raise BadInput(list(dict.fromkeys(self._problems)))
        return Reading(
            self._settings(scenario, config, entry, worker),
            (*_warnings(config, worker, scenario), *self._warnings),
            _secrets(scenario, config) - set(options.variables),
            watched_files(
                entry, self._base, config, options.scenario, None if worker is None else worker.worker
            ),
        )

    @property
    def _base(self) -> Path | None:
        """Where a worker's file is looked for first: beside the scenario that names it."""
        options = self._options
        return None if options.scenario is None or options.entry is not None else options.scenario.parent

    def _is_configured(self, scenario: Scenario | None) -> bool:
        """Whether a scenario's worker brings its wrangler configuration along."""
        if scenario is None or self._options.entry is not None:
            return False
        return kind_of_entry(scenario.entry) in {"file", "configuration"}

    def _load_config(self, path: Path | None) -> WranglerConfig | None:
        return self._read(lambda path: load_wrangler_config(path, self._options.environment), path)

    def _read(self, load: Callable[[Path], Read], path: Path | None) -> Read | None:
        try:
            return None if path is None else load(path)
        except BadInput as bad:
            self._problems.extend(bad.problems)
            return None

    def _configuration(self) -> Path | None:
        """The wrangler configuration that is named, or stands for the worker where none is."""
        options = self._options
        if options.config is not None:
            return options.config
        if options.entry is not None and kind_of_entry(options.entry) == "configuration":
            return Path(options.entry)
        if options.scenario is not None or options.entry is not None:
            return None
        return _configuration_of(None)

    def _entry(self, scenario: Scenario | None, config: WranglerConfig | None) -> str | None:
        """How the worker is named; None where none is served."""
        options = self._options
        if options.without_worker:
            return None
        entry = options.entry
        if entry is None and scenario is not None:
            entry = scenario.entry or None
        if entry is None and config is not None and config.main is not None:
            entry = self._main(config, config.main)
        if entry is None and config is None and not self._problems:
            what = "says which worker to serve, and is missing"
            self._problems.append(Problem("--worker", what, _HOW_TO_NAME))
        return entry

    def _main(self, config: WranglerConfig, main: Path) -> str | None:
        """The worker of a configuration; None, with a warning, if it is of no language that runs here."""
        path = config.path or main
        if is_javascript(main):
            return str(path)
        try:
            check_python(main, f"main of {path.name}, {main.name},")
        except BadEntry as bad:
            self._warnings.append(f"{path}: {bad}: no worker runs, KV is served alone")
            return None
        return str(path)

    def _worker(self, entry: str, scenario: Scenario | None) -> NamedWorker | None:
        options = self._options
        of_other_config = options.config is not None and entry != str(options.config)
        environment = None if of_other_config else options.environment
        if environment is None and self._is_configured(scenario) and scenario is not None:
            environment = scenario.worker.env
        try:
            worker = resolve_worker(entry, base=self._base, environment=environment)
        except BadEntry as bad:
            hint = failing_line(bad.__cause__)
            if not hint:
                is_configured = options.entry is None and options.scenario is None
                alone = "--no-worker serves KV alone" if is_configured else ""
                hint = "; ".join(filter(None, (bad.hint, alone)))
            self._problems.append(Problem("--worker", str(bad), hint))
            return None
        except BadInput as bad:
            self._problems.extend(bad.problems)
            return None
        except WorkerMisbehaved as raised:
            self._problems.append(Problem("--worker", raised.what, raised.where or raised.hint))
            return None
        try:
            if options.variant is not None:
                check_variant(worker.worker, options.variant)
        except BadEntry as bad:
            self._problems.append(Problem("--variant", str(bad), bad.hint))
        return worker

    def _variables(self, scenario: Scenario | None, config: WranglerConfig | None) -> dict[str, Any]:
        """Plain variables. A configuration that is named goes before the scenario, and the one that the
        scenario's worker brings along is a part of it already."""
        own = {} if scenario is None else scenario.given_variables
        is_named = scenario is None or self._options.config is not None
        return {**own, **(config.vars if config is not None and is_named else {})}

    def _settings(
        self,
        scenario: Scenario | None,
        config: WranglerConfig | None,
        entry: str | None,
        worker: NamedWorker | None,
    ) -> Settings:
        options = self._options
        profile = _profile(scenario, entry)
        variant = options.variant
        if variant is None and scenario is not None:
            variant = scenario.worker.variant
        origins = None if profile.served is None else profile.served(scenario)
        parts = [worker.says if worker else "none runs", f"variant {variant}" if variant else ""]
        says = ", ".join(part for part in parts if part)
        return Settings(
            worker.worker if worker else None,
            account=options.account,
            account_id=(config.account_id if config else None) or DEFAULT_ACCOUNT_ID,
            state=options.state,
            bindings=_bindings(None if options.config else scenario, config, profile),
            vars={**self._variables(scenario, config), **options.variables},
            variant=variant,
            crons=_crons(scenario, config),
            profile=profile,
            stubs=_stubs(scenario),
            outbound=_outbound(scenario, {} if origins is None else origins.outbound),
            production=scenario.platform if scenario else None,
            shows_tracebacks=options.shows_tracebacks,
            says=f"{says}; {origins.says}" if origins else says,
        )


def _outbound(scenario: Scenario | None, outbound: Mapping[str, Outbound]) -> Mapping[str, Outbound]:
    """What answers for the hosts that the worker fetches from; offsets count from now on."""
    if scenario is None or not scenario.origins:
        return outbound
    from edgeday.replay.origins import outbound_of

    return outbound_of(scenario, outbound, SystemClock().now())


def _stubs(scenario: Scenario | None) -> Mapping[str, Stub]:
    """What stands for bindings that are not emulated."""
    if scenario is None or not scenario.worker.stubs:
        return {}
    from edgeday.replay.stubs import stubs_of

    return stubs_of(scenario)


def _crons(scenario: Scenario | None, config: WranglerConfig | None) -> tuple[str, ...]:
    """The expressions of the configuration, and those of the scenario's traffic."""
    expressions = (*(config.crons if config else ()), *(scenario.crons if scenario else ()))
    return tuple(dict.fromkeys(expressions))


def _configuration_of(worker: NamedWorker | None) -> Path | None:
    """The wrangler configuration that goes with a worker; else the one of the current directory."""
    path = None if worker is None or worker.config is None else worker.config.path
    path = path or find_wrangler_config(Path.cwd())
    return None if path is None else from_here(path)


def _has_its_own(worker: NamedWorker) -> bool:
    """Whether a worker has more than its configuration file says: what is in a bundle of JavaScript."""
    config, source = worker.config, worker.source
    if config is None or source is None or not is_javascript(source):
        return False
    return config.path is None or source != config.main


def _warnings(
    config: WranglerConfig | None, worker: NamedWorker | None, scenario: Scenario | None
) -> Iterator[str]:
    """What to warn of: what the configuration has, and what the worker has besides; not what the scenario
    stubs."""
    stubs = {} if scenario is None else scenario.worker.stubs
    if config is not None:
        yield from not_stubbed(config.warnings, config.unsupported, stubs)
    if worker is not None:
        own = worker.config
        besides = [text for text in worker.warnings if own is None or text not in own.warnings]
        yield from not_stubbed(besides, () if own is None else own.unsupported, stubs)


def _profile(scenario: Scenario | None, entry: str | None) -> WorkerProfile:
    if scenario is not None:
        return scenario.profile
    return NO_PROFILE if entry is None else profile_of(entry)


def _bindings(
    scenario: Scenario | None, config: WranglerConfig | None, profile: WorkerProfile
) -> tuple[Binding, ...]:
    """The KV bindings: the configuration's, a scenario's over them; else those that the profile has."""
    known = {} if config is None else {binding.name: binding for binding in config.bindings}
    named: Mapping[str, str] = {} if config is not None else profile.served_namespaces
    if scenario is not None and scenario.namespaces is not None:
        named = scenario.namespaces
    for name, id in named.items():
        if name not in known or known[name].namespace_id != id:
            known[name] = Binding(name, id, name)
    return tuple(known.values())


def _secrets(scenario: Scenario | None, config: WranglerConfig | None) -> frozenset[str]:
    """The names of variables whose values may not be shown."""
    names = frozenset(() if config is None else config.secrets)
    return names if scenario is None else scenario.secret_names | (names - set(scenario.worker.vars))
