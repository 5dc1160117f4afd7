"""What `@pytest.mark.edgeday(...)` may say, and the edge that a test gets by it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import pytest

from edgeday.clock import Clock, Instant, VirtualClock, epoch_seconds
from edgeday.events import DEFAULT_COLO
from edgeday.limits import Account, Switches

if TYPE_CHECKING:
    from edgeday.hosting.stubs import Stub
    from edgeday.invocation import Outbound
    from edgeday.production.settings import ProductionSettings
    from edgeday.runtime.edge import Edge
    from edgeday.wrangler import WranglerConfig


@dataclass(frozen=True, slots=True)
class MarkerSettings:
    """One test's account. Markers on the test go before those on its class, these before the module's.

    account:    "free" or "paid".
    start:      the first instant of the virtual clock; a Monday unless said otherwise.
    namespaces: KV bindings: names, or name -> namespace id, besides those of the wrangler configuration that
                belongs to a worker's file; without any of them KV. The `kv` fixture is the first one.
    limits:     switches, as under `limits` in a scenario: {"subrequests": "observe"}.
    worker:     the worker's class, or its name as "package.module:Class", "src/entry.py" or "worker.js".
    vars:       variables of the worker's `env`, over those of that configuration.
    stubs:      what stands for bindings that are not emulated, as under `worker.stubs` in a scenario.
    outbound:   host -> handler for `fetch`; "*" answers for every other host.
    colo, seed: as of `Edge`.
    platform:   what production does besides, as under `platform` in a scenario: {"propagation": True}.
    strict_worker: whether what the worker raises is raised in the test, instead of answered with a 1101.
    """

    account: Account = "free"
    start: Instant = "2026-02-16T00:00:00Z"
    namespaces: Mapping[str, str] | Sequence[str] = ()
    limits: Mapping[str, Any] | None = None
    worker: type | str | None = None
    vars: Mapping[str, Any] | None = None
    stubs: Mapping[str, Any] | None = None
    outbound: Mapping[str, Outbound] | None = None
    colo: str = DEFAULT_COLO
    seed: int = 0
    platform: Mapping[str, Any] | None = None
    strict_worker: bool = False

    def virtual_clock(self) -> VirtualClock:
        """A clock that stands at `start`."""
        return VirtualClock(self.start)

    def edge(self, clock: Clock) -> Edge:
        """A new edge that nothing else knows of."""
        from edgeday.runtime.edge import Edge

        worker, config = self._named_worker()
        return Edge(
            account=self.account,
            clock=clock,
            switches=Switches.of(self.limits or {}),
            namespaces=self.namespace_ids(config),
            vars={**(config.vars if config else {}), **(self.vars or {}), **self._stubs()},
            worker=worker,
            outbound=self.outbound,
            colo=self.colo,
            seed=self.seed,
            production=self.production(),
            strict_worker=self.strict_worker,
        )

    def production(self) -> ProductionSettings | None:
        """What the edge does of what production does; None: nothing."""
        if self.platform is None:
            return None
        from edgeday.production.settings import ProductionSettings

        return ProductionSettings.model_validate(dict(self.platform))

    def namespace_ids(self, config: WranglerConfig | None) -> dict[str, str]:
        """Binding -> namespace id; a binding that only has a name is a namespace of its own. config: of the
        worker."""
        given = self.namespaces
        own = given if isinstance(given, Mapping) else {name: name for name in given}
        configured = {one.name: one.namespace_id for one in config.bindings} if config else {}
        return {**own, **{name: id for name, id in configured.items() if name not in own}} or {"KV": "KV"}

    def _named_worker(self) -> tuple[type | None, WranglerConfig | None]:
        """The worker's class, and the wrangler configuration that belongs to it."""
        if not isinstance(self.worker, str):
            return self.worker, None
        from edgeday.errors import BadInput
        from edgeday.runtime.entry import BadEntry, resolve_worker

        try:
            named = resolve_worker(self.worker)
        except (BadEntry, BadInput) as bad:
            problem = f"{bad}\n  {getattr(bad, 'hint', '')}".rstrip()
        else:
            return named.worker, named.config
        pytest.fail(f"@pytest.mark.edgeday: {problem}", pytrace=False)

    def _stubs(self) -> dict[str, Stub]:
        if not self.stubs:
            return {}
        from edgeday.hosting.stubs import Stub
        from edgeday.scenario.stubs import members_of

        return {name: Stub(name, members_of(written)) for name, written in self.stubs.items()}


_KNOWN = tuple(field.name for field in fields(MarkerSettings))
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "account": ("free", "paid"),
    "limits": ("enforce", "observe", "off"),
}


def settings_of(node: pytest.Item | pytest.Collector) -> MarkerSettings:
    """The settings of a test. A wrong marker fails the test, with every problem in one go."""
    given: dict[str, Any] = {}
    problems: list[str] = []
    for marker in node.iter_markers("edgeday"):
        if marker.args:
            problems.append(f"it takes names only, as in edgeday(account={marker.args[0]!r})")
        for name, value in marker.kwargs.items():
            problems += _problems(name, value)
            given.setdefault(name, value)
    if problems:
        pytest.fail(f"@pytest.mark.edgeday: {'; '.join(problems)}", pytrace=False)
    return MarkerSettings(**given)


def _problems(name: str, value: Any) -> Iterable[str]:
    if name not in _KNOWN:
        return [f"unknown {name!r}; known are {', '.join(_KNOWN)}"]
    if name == "account" and value not in _CHOICES["account"]:
        return [f"account={value!r} is neither 'free' nor 'paid'"]
    if name == "namespaces" and (isinstance(value, str) or not value):
        return [f"namespaces={value!r} is no list of bindings, as in namespaces=['KV']"]
    if name == "start":
        try:
            epoch_seconds(value)
        except ValueError as error:
            return [f"start: {error}"]
    if name == "platform" and value is not None:
        return _platform_problems(value)
    if name == "stubs" and value is not None:
        return _stub_problems(value)
    if name == "limits" and not isinstance(value, Mapping):
        return [f"limits={value!r} is no mapping, as in limits={{'subrequests': 'observe'}}"]
    if name == "limits":
        return _limit_problems(value)
    return []


def _stub_problems(value: Any) -> Iterator[str]:
    """What is wrong with stubs, in the words of scenario files."""
    from pydantic_core import PydanticCustomError

    from edgeday.scenario.stubs import members_of

    if not isinstance(value, Mapping):
        yield f"stubs={value!r} is no mapping, as in stubs={{'DB': {{'prepare().first()': {{'id': 1}}}}}}"
        return
    for name, written in value.items():
        try:
            members_of(written)
        except PydanticCustomError as error:
            yield f"stubs.{name}: {error.message()}"


def _limit_problems(value: Mapping[str, Any]) -> Iterator[str]:
    known = [field.name for field in fields(Switches)]
    for switch, mode in value.items():
        if switch not in known:
            yield f"unknown limit {switch!r}; known are {', '.join(known)}"
        elif switch != "cut_off" and mode not in _CHOICES["limits"]:
            yield f"{mode!r} is none of {', '.join(_CHOICES['limits'])}"
        elif switch == "cut_off":
            try:
                Switches.of({switch: mode})
            except (TypeError, ValueError):
                yield f"cut_off={mode!r} is no band, as in {{'soft': '0..37%'}}"


def _platform_problems(value: Any) -> list[str]:
    """What is wrong with a platform, in the words of scenario files."""
    from edgeday.production.settings import ProductionSettings
    from edgeday.scenario.errors_in_words import validate
    from edgeday.scenario.production import ScenarioProduction

    if not isinstance(value, Mapping):
        return [f"platform={value!r} is no mapping, as in platform={{'propagation': True}}"]
    own = ProductionSettings.model_fields
    of_traffic = [name for name in ScenarioProduction.model_fields if name not in own and name in value]
    problems = [
        f"platform.{name} is of a scenario's traffic; known here are {', '.join(own)}" for name in of_traffic
    ]
    stand_in = {"name": "test", "start": "2026-02-16T00:00:00Z", "days": 400, "platform": dict(value)}
    for error in validate(stand_in)[1]:
        if error.at[:1] == ("platform",) and not set(error.at) & set(of_traffic):
            place = ".".join(str(part) for part in error.at)
            problems.append(f"{place}: {error.what}" + (f" ({error.hint})" if error.hint else ""))
    return problems
