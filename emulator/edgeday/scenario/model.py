"""The scenario model: what a scenario file may say, with types, defaults and meaning.

The JSON Schema in `scenarios/scenario.schema.json` is generated from it. Checks that need more than one
field are here too; places in the file are the loader's business.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    PrivateAttr,
    Tag,
    WithJsonSchema,
    model_validator,
)

from edgeday.clock import DAY_S
from edgeday.errors import nearest
from edgeday.fields import Model, Name, UtcInstant, impossible, offset_s
from edgeday.limits import Switches, account_limits
from edgeday.measure.budgets import (
    EXPRESSION_PATTERN,
    BudgetSyntaxError,
    metric_named,
    parse_budget,
    parse_selector,
)
from edgeday.measure.results import FailOn
from edgeday.runtime.entry_names import kind_of_entry
from edgeday.scenario.cron_traffic import CronTraffic, duplicates
from edgeday.scenario.initial_state import Entries, written_short
from edgeday.scenario.origins import Origins
from edgeday.scenario.probes import Probe
from edgeday.scenario.production import ScenarioProduction
from edgeday.scenario.profile import TrafficKind, WorkerProfile, all_metrics, profile_of, profiles
from edgeday.scenario.request_template import FIELDS as REQUEST_FIELDS
from edgeday.scenario.sessions import SessionTraffic
from edgeday.scenario.traffic import Background, RequestTraffic, TimedTraffic
from edgeday.scenario.values import Pool, Value, ValueName, pools_of
from edgeday.scenario.worker import Worker, WrittenWorker
from edgeday.wrangler import WranglerConfig


def _metric(name: str) -> str:
    _checked(lambda: metric_named(name, all_metrics()).name)
    if name not in _SINGLE:
        raise impossible(f"{name} has a value for each status: put a budget on one, {name}{{status=404}}")
    return name


def _checked(parse: Callable[[], str]) -> str:
    """What a parser gives; its error as the model's."""
    try:
        return parse()
    except BudgetSyntaxError as error:
        raise impossible(str(error)) from None


_SINGLE = [name for name, metric in all_metrics().items() if not metric.by]
"""The metrics with one value."""
MetricName = Annotated[str, AfterValidator(_metric), WithJsonSchema({"type": "string", "enum": _SINGLE})]


class Claim(Model):
    """A number somebody wrote down, checked by measuring it."""

    says: str
    """The words."""
    metric: MetricName
    value: float
    where: str = ""
    """Where it is written."""


def as_texts(value: Any) -> tuple[Any, ...]:
    """One budget or a list of them, as texts; a number stands for its equality."""
    values = value if isinstance(value, (list, tuple)) else [value]
    if not values:
        raise impossible("the list is empty")
    return tuple(
        f"== {one}" if isinstance(one, (int, float)) and not isinstance(one, bool) else one for one in values
    )


BudgetKey = Annotated[
    str, AfterValidator(lambda text: _checked(lambda: parse_selector(text, all_metrics()).text))
]
BudgetText = Annotated[str, AfterValidator(lambda text: _checked(lambda: parse_budget(text).text))]
BudgetTexts = Annotated[tuple[BudgetText, ...], BeforeValidator(as_texts)]


def _budgets_schema() -> dict[str, Any]:
    one = [{"type": "string", "pattern": EXPRESSION_PATTERN}, {"type": "number"}]
    allowed = {"anyOf": [*one, {"type": "array", "items": {"anyOf": one}, "minItems": 1}]}
    metrics = all_metrics().items()
    names = "|".join(re.escape(name) for name, metric in metrics if metric.labels and not metric.by)
    by_status = "|".join(re.escape(name) for name, metric in metrics if metric.by == "status")
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            name: {
                **allowed,
                "description": f"{metric.meaning} In {metric.unit}. For instance <= 6, == 0, 10..30"
                + (", <= 50%." if metric.limit else "."),
            }
            for name, metric in metrics
            if not metric.by
        },
        "patternProperties": {
            rf"^({names})\s*\{{\s*(family|route)\s*!?=.+\}}$": {
                **allowed,
                "description": "A metric of one key family or route: "
                "kv.writes.accepted{family=session:*}, requests.failed{route=POST /api/orders}.",
            },
            rf"^({by_status})\s*\{{(.*,)?\s*status\s*!?=.+\}}$": {
                **allowed,
                "description": "Requests answered with a status, a class or a pattern of them, perhaps of a "
                "route: requests.status{status=404}, requests.status{status=5xx, route=GET /api/orders}.",
            },
        },
    }


def _kinds() -> dict[str, TrafficKind]:
    """The kinds of traffic by the tags that error places carry; those of profiles come first."""
    brought = [kind for profile in profiles().values() for kind in profile.traffic]
    every = [
        *brought,
        TrafficKind(CronTraffic, frozenset({"cron", "jitter"})),
        TrafficKind(SessionTraffic, frozenset({"sessions", "steps"})),
        TrafficKind(RequestTraffic, frozenset({"requests", "method", "mix", *REQUEST_FIELDS})),
    ]
    return {f"<{kind.model.__name__}>": kind for kind in every}


KINDS = _kinds()
"""The kinds of traffic there are, by tag."""


def _kind_of(value: Any) -> str:
    """The tag of the kind that a part of the traffic is of; of one without any mark, the nearest."""
    if not isinstance(value, Mapping):
        return next((tag for tag, kind in KINDS.items() if type(value) is kind.model), list(KINDS)[-1])
    for tag, kind in KINDS.items():
        if not kind.marks.isdisjoint(value):
            return tag
    near = {nearest(str(key), _KEYWORDS) for key in value}
    return next((tag for tag, kind in KINDS.items() if kind.model.keyword in near), list(KINDS)[-1])


def kind_of_part(value: Mapping[str, Any]) -> type[TimedTraffic]:
    """The model of the kind that a part of the traffic, as it is written, is of."""
    return KINDS[_kind_of(value)].model


def _refinements(part: TimedTraffic) -> Iterator[tuple[str, str]]:
    """The fields of requests that only workers with a profile can have, each with its profile's name."""
    for profile in profiles().values():
        for kind in profile.traffic:
            if type(part) is kind.model and kind.model.keyword == RequestTraffic.keyword:
                yield from ((field, profile.name) for field in sorted(kind.marks & part.model_fields_set))


_KEYWORDS = sorted({kind.model.keyword for kind in KINDS.values()})
if TYPE_CHECKING:
    Traffic = TimedTraffic
else:
    _forms = [Annotated[kind.model, Tag(tag)] for tag, kind in KINDS.items()]
    Traffic = Annotated[reduce(or_, _forms), Discriminator(_kind_of)]


def _any_kind(schema: dict[str, Any]) -> None:
    """A part may be of several kinds by its fields alone: those that profiles bring refine others."""
    schema["items"]["anyOf"] = schema["items"].pop("oneOf")


class Scenario(Model):
    """One scenario file: a worker, its traffic, and what is expected of the day."""

    name: Name
    """What reports call it; unique among the files replayed together."""
    description: str = ""
    start: UtcInstant
    """The first virtual instant, with a time zone, such as 2026-02-16T00:00:00Z."""
    days: Annotated[int, Field(ge=1, le=400)] = 1
    """How many days of 24 hours the traffic goes on for."""
    account: Literal["free", "paid"] = "free"
    """Whose limits apply."""
    seed: int = 0
    """What all that is drawn is drawn from."""
    worker: WrittenWorker = Field(default_factory=Worker)
    namespaces: dict[str, str] | None = None
    """KV bindings of the worker: name -> namespace id; besides those of its wrangler configuration, else in
    the place of those of its profile."""
    limits: Switches = Field(default_factory=Switches)
    state: Annotated[
        dict[str, str],
        BeforeValidator(written_short, json_schema_input_type=str | dict[str, str]),
    ] = Field(default_factory=dict)
    """What KV holds at the start: KV binding -> file (JSON lines, or wrangler's bulk JSON file),
    and under `file`, or alone, a state file."""
    platform: ScenarioProduction | None = None
    """Places, races, eviction, isolates and faults; default: none of it."""
    origins: Origins = Field(default_factory=dict)
    """What the hosts that the worker fetches from answer: host -> answer, or a list of answers by method and
    path; *.example.com for all hosts below one, * for every other."""
    values: dict[ValueName, Value] = Field(
        default_factory=dict, json_schema_extra={"additionalProperties": False}
    )
    """What placeholders in requests stand for, such as {user}: name -> what it is drawn from."""
    traffic: list[Traffic] = Field(default_factory=list, json_schema_extra=_any_kind)
    """Requests to the worker, and its crons."""
    background: list[Background] = Field(default_factory=list)
    """What other code on the same account does."""
    probes: list[Probe] = Field(default_factory=list)
    """Requests at an instant whose answers are checked. An answer that differs fails the scenario."""
    budgets: Annotated[dict[BudgetKey, BudgetTexts], WithJsonSchema(_budgets_schema())] = Field(
        default_factory=dict
    )
    """Metric -> budget, or a list of budgets. A broken budget fails the scenario."""
    fail_on: FailOn | None = None
    """`finding`: also a finding fails the scenario that is a loss or a risk; default: nothing else."""
    claims: list[Claim] = Field(default_factory=list)
    """Numbers to compare with what is measured; they do not fail the scenario."""

    _secrets: Mapping[str, str] = PrivateAttr(default_factory=dict)
    _rows: Mapping[str, Sequence[Any]] = PrivateAttr(default_factory=dict)
    _initial_entries: Entries = PrivateAttr(default_factory=dict)
    _origin_files: Mapping[str, bytes] = PrivateAttr(default_factory=dict)

    @model_validator(mode="after")
    def _consistent(self) -> Scenario:
        for number, what in duplicates(self.traffic):
            raise impossible(what, "traffic", number, "cron")
        seen: set[str] = set()
        places = [("traffic", number, part.name) for number, part in enumerate(self.traffic)]
        places += [("background", number, part.name) for number, part in enumerate(self.background)]
        for section, number, name in places:
            if name in seen:
                raise impossible(f'two parts of the traffic are called "{name}"', section, number, "name")
            seen.add(name)
        profile = self.profile
        for number, part in enumerate(self.traffic):
            for mark, owner in _refinements(part):
                if owner != profile.name:
                    what = f'"{mark}" is of workers with the profile "{owner}", which this one has not'
                    raise impossible(what, "traffic", number, mark)
        for name in self.bindings:
            if name in self.worker.vars:
                raise impossible(f'"{name}" is the name of a KV binding too', "worker", "vars", name)
            if name in self.worker.stubs:
                raise impossible(f"{name} is a KV binding, and emulated", "worker", "stubs", name)
            if name in {*profile.variables, *([profile.variant_variable] if profile.name else [])}:
                raise impossible(f'"{name}" is a variable that every worker gets', "namespaces", name)
        for name in self.worker.stubs:
            if name in self.worker.vars:
                raise impossible(f'"{name}" is a variable too', "worker", "stubs", name)
        for key in (*self.budgets, *(claim.metric for claim in self.claims)):
            metric = parse_selector(key, all_metrics()).metric.name
            if metric not in profile.metrics_by_name:
                message = f"{metric} is measured of workers with another profile only"
                place = ("budgets", key) if key in self.budgets else ("claims",)
                raise impossible(message, *place)
        for number, traffic in enumerate(self.traffic):
            if len(traffic.per_day) > self.days:
                days = "1 day" if self.days == 1 else f"{self.days} days"
                message = f"{len(traffic.per_day)} numbers are given for {days}"
                raise impossible(message, "traffic", number, traffic.keyword)
        try:
            account_limits(self.account, self.start.date())
        except ValueError as error:
            raise impossible(str(error), "start") from None
        for number, probe in enumerate(self.probes):
            if probe.comes_at(self.start.timestamp()) < self.start.timestamp():
                raise impossible(f"{probe.at} is before the start", "probes", number, "at")
        if self.platform is not None:
            start_s = self.start.timestamp()
            ends_s = max([self.days * DAY_S, *(probe.comes_at(start_s) - start_s for probe in self.probes)])
            for at, field in self.platform.offsets():
                if (offset_s(at) or 0) > ends_s:
                    message = f"at {at} everything is over; say an earlier one, more days or a later probe"
                    raise impossible(message, "platform", *field)
        return self

    def with_configuration(self, config: WranglerConfig) -> Scenario:
        """The same with the KV bindings and variables of a wrangler configuration, which those of the
        scenario stand over. Secrets are kept apart: no dump of a scenario has them.

        Raises ValidationError where the two do not go together.
        """
        namespaces = {binding.name: binding.namespace_id for binding in config.bindings}
        settings = self.worker.model_copy(update={"vars": {**config.plain_vars, **self.worker.vars}})
        bound = self.model_copy(
            update={"worker": settings, "namespaces": {**namespaces, **(self.namespaces or {})}}
        )
        whole = Scenario.model_validate(bound.model_dump(mode="json"))
        whole._secrets = {name: config.vars[name] for name in config.secrets if name not in whole.bindings}
        whole._rows = self._rows
        whole._origin_files = self._origin_files
        return whole

    def with_rows(self, rows: Mapping[str, Sequence[Any]]) -> Scenario:
        """The same with what the files of its values hold, by the value's name. No dump of it has that."""
        filled = self.model_copy()
        filled._rows = rows
        return filled

    @property
    def pools(self) -> Mapping[str, Pool]:
        """What its values are drawn from, by name. Raises BadInput where a file of them has not been read."""
        return pools_of(self.values, self._rows)

    def with_origin_files(self, files: Mapping[str, bytes]) -> Scenario:
        """The same with what the files of its origins hold, by their names."""
        filled = self.model_copy()
        filled._origin_files = files
        return filled

    @property
    def origin_files(self) -> Mapping[str, bytes]:
        """What the files of its origins hold, by their names; empty unless the loader has read them."""
        return self._origin_files

    def with_initial_entries(self, entries: Entries) -> Scenario:
        """The same with what the files of `state` hold: by namespace id and key."""
        filled = self.model_copy()
        filled._initial_entries = entries
        return filled

    @property
    def initial_entries(self) -> Entries:
        """What KV holds at the start, by namespace id and key; empty unless the loader has read it."""
        return self._initial_entries

    @property
    def profile(self) -> WorkerProfile:
        """What is known of the worker besides what this file says."""
        entry = self.worker.entry or ""
        named = entry if kind_of_entry(entry) == "module" else ""
        traffic = [part for part in self.traffic if not entry or part.keyword != RequestTraffic.keyword]
        return profile_of(named, self.worker.profile, traffic, self.probes)

    @property
    def entry(self) -> str:
        """What names the worker, "" if nothing does."""
        return self.worker.entry or self.profile.entry

    @property
    def crons(self) -> tuple[str, ...]:
        """The cron expressions of its traffic."""
        return tuple(part.cron for part in self.traffic if isinstance(part, CronTraffic))

    @property
    def names_a_file(self) -> bool:
        """Whether the worker is named by its file or by a wrangler configuration."""
        return kind_of_entry(self.entry) in {"file", "configuration"}

    @property
    def bindings(self) -> Mapping[str, str]:
        """KV bindings of the worker: name -> namespace id."""
        return self.profile.namespaces if self.namespaces is None else self.namespaces

    @property
    def variables(self) -> dict[str, Any]:
        """The variables of the worker's `env`, secrets among them."""
        return self.profile.variables_with(self.given_variables, self.worker.variant)

    @property
    def given_variables(self) -> dict[str, Any]:
        """The variables that the scenario and its configuration give the worker, secrets among them."""
        return {**self._secrets, **self.worker.vars}

    @property
    def secret_names(self) -> frozenset[str]:
        """The names of variables whose values may not be shown."""
        return frozenset(self._secrets) - set(self.worker.vars)

    @property
    def budget_rows(self) -> list[tuple[str, int, str]]:
        """Every budget: its key, its place in that key's list, its text."""
        return [(key, place, text) for key, texts in self.budgets.items() for place, text in enumerate(texts)]
