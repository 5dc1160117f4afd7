"""Scenario files to scenarios: every problem of every file in one go, each with its place.

Nothing is replayed unless all files are good.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from edgeday.distributions import SHARED
from edgeday.errors import BadInput, Problem
from edgeday.limits import account_limits
from edgeday.runtime.entry import BadEntry, NamedWorker, NoWorker, check_variant, resolve_worker
from edgeday.runtime.entry_names import read_entry
from edgeday.scenario.cron_traffic import CronTraffic, is_in, warnings_of
from edgeday.scenario.errors_in_words import kind_of, validate
from edgeday.scenario.initial_state import WHOLE, InitialState, read_state
from edgeday.scenario.model import Scenario
from edgeday.scenario.origin_values import look_at_origins
from edgeday.scenario.origins_needed import undeclared_hosts
from edgeday.scenario.placeholders import placeholder_problems
from edgeday.scenario.stub_names import emulated_words, not_stubbed, stub_problems
from edgeday.scenario.value_files import read_files
from edgeday.scenario.written_budgets import budget_problems
from edgeday.scenario.yaml_source import Source, in_order, parse_yaml, read_yaml
from edgeday.wrangler import WranglerConfig

_STAND_IN_START = datetime(2026, 2, 16, tzinfo=UTC)
_HINT = "write worker: src/entry.py, src/index.ts, wrangler.jsonc or package.module:Class"


class Loaded(NamedTuple):
    """A scenario with the file it came from and its worker's class.

    runs: which worker that is, and what it is hosted on, for a person; "" for a plain class of a module.
    warnings: about the worker and its configuration, as sentences.
    """

    path: Path
    scenario: Scenario
    worker: type
    source: Source
    runs: str = ""
    warnings: tuple[str, ...] = ()


class OtherWorker(NamedTuple):
    """What takes the place of the worker that a scenario names; "": what the scenario says.

    entry: as a scenario has it, a path from the current directory. variant: of that worker.
    """

    entry: str = ""
    variant: str = ""


AS_WRITTEN = OtherWorker()


def load(paths: Sequence[Path], other: OtherWorker = AS_WRITTEN) -> list[Loaded]:
    """Load scenario files, with another worker if one is given. Raises BadInput with the problems of all."""
    loaded: list[Loaded] = []
    problems: list[Problem] = _problems_of(other)
    if problems:
        other = AS_WRITTEN  # the files' own problems are told all the same
    names: dict[str, Path] = {}
    for path in paths:
        try:
            source = read_yaml(path)
        except BadInput as bad:
            problems += bad.problems
            continue
        one, own_problems = _understood(source, path, other)
        name = source.value.get("name") if isinstance(source.value, dict) else None
        if isinstance(name, str) and name in names:
            what = f'the name "{name}" is taken by {names[name]}'
            own_problems.append(source.problem(("name",), what, hint="give each scenario a name of its own"))
        elif isinstance(name, str):
            names[name] = path
        problems += [one for one in in_order(own_problems) if one not in problems]
        loaded += [] if one is None else [one]
    if problems:
        raise BadInput(problems)
    return loaded


def load_one(path: Path, other: OtherWorker = AS_WRITTEN) -> Loaded:
    """Load one scenario file, with another worker if one is given. Raises BadInput."""
    return load([path], other)[0]


def load_text(text: str, path: Path) -> Loaded:
    """The scenario that a text would be if it stood in a file. Raises BadInput."""
    source = parse_yaml(text.encode(), str(path))
    loaded, problems = _understood(source, path)
    if loaded is None or problems:
        raise BadInput(in_order(problems))
    return loaded


def _problems_of(other: OtherWorker) -> list[Problem]:
    """What is wrong with the way a worker is named outside of a file."""
    try:
        if other.entry:
            read_entry(other.entry)
    except BadEntry as bad:
        return [Problem("--worker", str(bad), bad.hint)]
    return []


def _with_worker(value: Any, other: OtherWorker) -> Any:
    """What a file says, with another worker in the place of its own."""
    given = {name: text for name, text in other._asdict().items() if text}
    if not given or not isinstance(value, dict):
        return value
    written = value.get("worker")
    settings = {"entry": written} if isinstance(written, str) else written or {}
    return {**value, "worker": {**settings, **given}} if isinstance(settings, dict) else value


def _understood(
    source: Source, path: Path, other: OtherWorker = AS_WRITTEN
) -> tuple[Loaded | None, list[Problem]]:
    """What a file says, None if it is not good, and all that is wrong with it.

    One pass: the model, then the budgets, then the worker, whose import may run code.
    """
    if not isinstance(source.value, dict):
        return None, [source.problem((), f"a scenario is a mapping, this is {kind_of(source.value)}")]
    source.value = _with_worker(source.value, other)
    scenario, errors = validate(source.value)
    problems = [source.problem(at, what, hint=hint, at_key=at_key) for at, what, hint, at_key in errors]
    problems += budget_problems(source)
    read = read_files(source.value.get("values"), path.parent)
    problems += [*read.problems, *placeholder_problems(source, read.rows)]
    origin_files, more = look_at_origins(source, path.parent)
    problems += more
    problems += [
        source.problem(("values", name, field), what, hint=hint) for name, (field, what, hint) in read.wrong
    ]
    if any(error.at in {("worker",), ("worker", "entry"), ("worker", "env")} for error in errors):
        return None, problems
    named, worker_problems = _worker_of(source, scenario, path, other)
    problems += worker_problems
    if named is not None:
        problems += undeclared_hosts(source, scenario, named)
    config = None if named is None else named.config
    emulated = () if config is None else [binding.name for binding in config.bindings]
    problems += stub_problems(source, None if other.entry else _not_emulated(named), emulated)
    if scenario is None or named is None:
        if named is not None:
            problems += _state_alone(source, named.config, path)
        return None, problems
    if read.rows:
        scenario = scenario.with_rows(read.rows)
    if origin_files:
        scenario = scenario.with_origin_files(origin_files)
    if named.config is not None:
        scenario, more = _configured(source, scenario, named.config)
        problems += more
    scenario, more, remarks = _filled(source, scenario, path)
    problems += more
    unsupported = () if named.config is None else named.config.unsupported
    stubs = scenario.worker.stubs
    own = not_stubbed(named.warnings, unsupported, stubs) if stubs else named.warnings
    warnings = (*own, *_cron_warnings(source, scenario, named.config), *remarks)
    runs = named.says
    if scenario.worker.entry is None and scenario.worker.profile is None and named.worker is not NoWorker:
        runs = f"{scenario.entry}, which the kind of its traffic goes with: {scenario.name} names none"
    return Loaded(path, scenario, named.worker, source, runs, warnings), problems


def _filled(source: Source, scenario: Scenario, path: Path) -> tuple[Scenario, list[Problem], list[str]]:
    """A scenario with what KV holds at its start, what is wrong with that, and what is to be said of it."""
    if not scenario.state:
        return scenario, [], []
    limits = account_limits(scenario.account, scenario.start.date())
    start_s = scenario.start.timestamp()
    state = read_state(scenario.state, scenario.bindings, base=path.parent, start_s=start_s, limits=limits)
    return scenario.with_initial_entries(state.entries), _state_problems(source, state), state.warnings


def _state_alone(source: Source, config: WranglerConfig | None, path: Path) -> list[Problem]:
    """What is wrong with the state at the start in a file that has other problems: as far as it can be told
    without them."""
    state, namespaces = source.value.get("state"), source.value.get("namespaces") or {}
    state = {WHOLE: state} if isinstance(state, str) else state
    bindings = {} if config is None else {one.name: one.namespace_id for one in config.bindings}
    both = (state, namespaces)
    if not all(
        isinstance(one, dict) and all(isinstance(text, str) and text for text in one.values()) for one in both
    ):
        return []
    bindings |= namespaces
    if not bindings:
        return []
    limits = account_limits("free", _STAND_IN_START.date())
    start_s = _STAND_IN_START.timestamp()
    return _state_problems(
        source, read_state(state, bindings, base=path.parent, start_s=start_s, limits=limits)
    )


def _state_problems(source: Source, state: InitialState) -> list[Problem]:
    own = [
        source.problem(("state", key), what, hint=hint, at_key=("state", key) in source.key_places)
        for key, what, hint in state.at
    ]
    return [*own, *state.problems]


def _cron_warnings(source: Source, scenario: Scenario, config: WranglerConfig | None) -> Iterator[str]:
    """What is to be said of the crons of a scenario, but those of its configuration, which has said it, and
    which of these no traffic runs."""
    crons = config.crons if config is not None else ()
    if not crons and not any(isinstance(part, CronTraffic) for part in scenario.traffic):
        return
    for number, cron, text in warnings_of(scenario.traffic):
        if cron not in crons:
            place = source.problem(("traffic", number, "cron"), "").where
            yield f'{place}: the cron "{cron}": {text}'
    for cron in crons:
        if config is not None and not is_in(cron, scenario.traffic):
            yield f'{config.path}: the cron "{cron}" is in no traffic of {scenario.name}: nothing runs it'


def _configured(source: Source, scenario: Scenario, config: WranglerConfig) -> tuple[Scenario, list[Problem]]:
    """A scenario with what its worker's configuration says, and what of that does not go with it."""
    try:
        return scenario.with_configuration(config), []
    except ValidationError as invalid:
        told = {emulated_words(name) for name in scenario.worker.stubs}
        whats = dict.fromkeys(error["msg"] for error in invalid.errors() if error["msg"] not in told)
        hint = f"the configuration is {config.path}"
        return scenario, [source.problem(("worker",), what, hint=hint) for what in whats]


def _worker_of(
    source: Source, scenario: Scenario | None, path: Path, other: OtherWorker
) -> tuple[NamedWorker | None, list[Problem]]:
    """Import the worker that the file names, or the other one; it may say which `variants` it has.

    A plain class of a module has what the scenario says, and no configuration.
    """
    written = source.value.get("worker")
    settings = {"entry": written} if isinstance(written, str) else written or {}
    entry = settings.get("entry", "") if scenario is None else scenario.entry
    if not entry:
        if scenario is None or not (scenario.traffic or scenario.probes):
            return NamedWorker(NoWorker, None, "", ()), []
        return None, [source.problem(("worker",), "nothing says which worker runs", hint=_HINT)]
    environment = settings.get("env")
    is_by_itself = scenario is not None and not scenario.names_a_file
    try:
        base = None if other.entry else path.parent
        named = resolve_worker(entry, base=base, environment=environment)
    except BadEntry as bad:
        if other.entry:
            return None, [Problem("--worker", str(bad), bad.hint)]
        return None, [source.problem(("worker", "entry"), str(bad), hint=bad.hint)]
    except BadInput as bad:
        return None, list(bad.problems)
    worker = named.worker
    if is_by_itself and not hasattr(worker, "runs_on"):
        named = NamedWorker(worker, None, "", source=named.source)
    variant = settings.get("variant")
    if isinstance(variant, str):
        try:
            check_variant(worker, variant)
        except BadEntry as bad:
            if other.variant:
                return named, [Problem("--variant", str(bad), bad.hint)]
            return named, [source.problem(("worker", "variant"), str(bad), hint=bad.hint)]
    platform = source.value.get("platform")
    if isinstance(platform, dict) and platform.get("audit") is True:
        why = scenario.profile.why_not_audited(worker) if scenario is not None else ""
        if why:
            what = f"{worker.__name__} cannot be audited: {why}"
            return named, [source.problem(("platform", "audit"), what)]
    return named, []


def _not_emulated(named: NamedWorker | None) -> Mapping[str, str] | None:
    """The bindings of a worker that are not emulated, each with its kind; None where nothing says which it
    has."""
    config = None if named is None else named.config
    if config is None or (config.path is None and not config.unsupported_bindings):
        return None
    return config.unsupported_bindings


def json_schema() -> str:
    """The JSON Schema of scenario files, as text; editors complete and check from it."""
    shared: dict[str, Any] = {}
    whole = _with_references(Scenario.model_json_schema(mode="validation"), shared)
    whole["$defs"] |= shared
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **whole}
    return json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def _with_references(schema: Any, shared: dict[str, Any]) -> Any:
    """A schema in which definitions that say they are shared are references; these are added to `shared`."""
    if isinstance(schema, list):
        return [_with_references(part, shared) for part in schema]
    if not isinstance(schema, dict):
        return schema
    parts = {key: _with_references(part, shared) for key, part in schema.items()}
    if SHARED not in parts:
        return parts
    name = parts.pop(SHARED)
    shared[name] = {"anyOf": parts.pop("anyOf")}
    return {"$ref": f"#/$defs/{name}", **parts}
