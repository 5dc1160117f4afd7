"""Worker profiles: what the harness may know of one particular worker, and how the installed ones are found.

A profile says what the worker's requests are called, which traffic and probes a scenario may describe in its
words, how the hosts that it fetches from answer, which variables it gets, and what is measured of it besides.
A package brings one through its `edgeday.extensions.Extension`. A run without a profile knows requests only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from edgeday.extensions import installed, resolve
from edgeday.fields import Model
from edgeday.invocation import Outbound
from edgeday.measure.findings.rule import FindingRule
from edgeday.measure.metrics import METRICS, Metric
from edgeday.measure.noun import REQUESTS, Noun
from edgeday.measure.results import UsageRow

if TYPE_CHECKING:
    from edgeday.scenario.traffic import TimedTraffic

ORIGIN = "https://worker.example"
"""Where a worker without a profile is asked."""


class TrafficKind(NamedTuple):
    """A kind of traffic that a scenario may have. marks: any of these keys says that a part is of it."""

    model: type[TimedTraffic]
    marks: frozenset[str]


class ProbeKind(NamedTuple):
    """A request that a probe can make by name. request: method, path and headers, from what the scenario says
    and the worker's plain variables."""

    model: type[Model]
    request: Callable[[Any, Mapping[str, Any]], tuple[str, str, Mapping[str, str]]]


class Expectation(NamedTuple):
    """Something that a probe can expect of an answer by name. meaning: for the JSON Schema. value: of it in
    an answer's JSON; LookupError if there is none."""

    meaning: str
    value: Callable[[Any], Any]


class Audit(Protocol):
    """Follows a run, and looks at the stores when it is over."""

    async def report(self) -> None:
        """Emit an event (op `measure.metrics.AUDIT`) for each thing that was counted."""
        ...


class ServedOrigins(NamedTuple):
    """How a server's worker finds the hosts it fetches from. says: in words, for the terminal."""

    outbound: Mapping[str, Outbound]
    says: str


@dataclass(frozen=True, slots=True)
class WorkerProfile:
    """What is known of one worker.

    name:        as a scenario's `worker: {profile: NAME}` has it.
    entry:       of the worker that its own kinds of traffic are for, where a scenario names none.
    noun:        what its requests are called.
    origin:      scheme and host that it is asked at.
    namespaces:  KV bindings that it has where nothing else says: name -> namespace id.
    variables:   plain variables that it gets. variant_variable: the one that names its variant.
    first_variant: of the worker in a first scenario, or None.
    outbound:    host -> handler, in a replay. hosts: host -> service under which its fetches are counted.
    served:      the same in a server, from a scenario (None: at once and without faults).
    traffic, probes, expectations: what a scenario may say besides; by name.
    metrics:     measured besides; rules: of its findings; usage: rows of the terminal report.
    audit:       (edge, worker class, variables, data centre looked from) -> audit; None: there is none.
    can_audit:   why a worker class cannot be, or "".
    """

    name: str
    entry: str
    noun: Noun = REQUESTS
    origin: str = ORIGIN
    namespaces: Mapping[str, str] = field(default_factory=dict)
    served_namespaces: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    variant_variable: str = "VARIANT"
    first_variant: str | None = None
    outbound: Mapping[str, Outbound] = field(default_factory=dict)
    hosts: Mapping[str, str] = field(default_factory=dict)
    served: Callable[[Any], ServedOrigins] | None = None
    traffic: Sequence[TrafficKind] = ()
    probes: Mapping[str, ProbeKind] = field(default_factory=dict)
    expectations: Mapping[str, Expectation] = field(default_factory=dict)
    metrics: Sequence[Metric] = ()
    rules: Sequence[type[FindingRule]] = ()
    usage: Sequence[UsageRow] = ()
    audit: Callable[[Any, type, Mapping[str, Any], str], Audit] | None = None
    can_audit: Callable[[type], str] | None = None

    @property
    def metrics_by_name(self) -> Mapping[str, Metric]:
        """All that is measured: its own first, then what every run has."""
        return {**{metric.name: metric for metric in self.metrics}, **METRICS}

    def variables_with(self, given: Mapping[str, Any], variant: str | None) -> dict[str, Any]:
        """The plain variables of the worker's `env`: its own, the given ones, and its variant's name."""
        variables = {**self.variables, **given}
        if variant is not None:
            variables[self.variant_variable] = variant
        return variables

    def why_not_audited(self, worker: type) -> str:
        """Why a run of a worker's class cannot be audited; "" if it can."""
        if self.audit is None:
            return "no worker profile says what there is to audit"
        return "" if self.can_audit is None else self.can_audit(worker)


NO_PROFILE = WorkerProfile(
    "", "", usage=(UsageRow("requests", "requests.started", "requests.failed", "failed"),)
)
"""What is known of any worker."""


@cache
def profiles() -> Mapping[str, WorkerProfile]:
    """The profiles that installed packages bring, by name. Raises BadInput for one that cannot be loaded."""
    brought = [resolve(name, WorkerProfile) for extension in installed() for name in extension.profiles]
    return {profile.name: profile for profile in brought}


@cache
def all_metrics() -> Mapping[str, Metric]:
    """Every metric that a budget may name in some scenario."""
    return {
        name: metric
        for profile in (NO_PROFILE, *profiles().values())
        for name, metric in profile.metrics_by_name.items()
    }


def profile_of(
    entry: str, name: str | None = None, traffic: Sequence[TimedTraffic] = (), probes: Sequence[Model] = ()
) -> WorkerProfile:
    """The profile that goes with a worker: the one that is named; else the one whose worker or whose package
    it is; else the one whose kind of traffic or of probe it gets; else NO_PROFILE."""
    if name is not None:
        return profiles()[name]
    package = entry.partition(":")[0].partition(".")[0]
    for profile in profiles().values():
        if entry and package == profile.entry.partition(":")[0].partition(".")[0]:
            return profile
    for profile in profiles().values():
        if any(isinstance(part, kind.model) for part in traffic for kind in profile.traffic):
            return profile
        if any(getattr(probe, kind) is not None for probe in probes for kind in profile.probes):
            return profile
    return NO_PROFILE
