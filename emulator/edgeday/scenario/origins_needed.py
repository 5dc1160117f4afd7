"""Hosts that a worker's source fetches from and a scenario declares no origin for: said before the run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from edgeday.errors import Problem
from edgeday.measure.findings.undeclared_origins import declaration
from edgeday.runtime.entry import NamedWorker
from edgeday.scenario.model import Scenario
from edgeday.scenario.origins import as_host
from edgeday.scenario.profile import profile_of
from edgeday.scenario.yaml_source import Source
from edgeday.source.seen import fetched_hosts
from edgeday.web.url import best_match

_INSTALLED = frozenset({"site-packages", "dist-packages", "python_modules"})


def undeclared_hosts(source: Source, scenario: Scenario | None, worker: NamedWorker) -> Iterator[Problem]:
    """A problem for each host that a worker's own files fetch from and nothing answers for.

    scenario: None if the rest of it is not good. A scenario that asks nothing of its worker needs no origins,
    and of a worker whose file is not known nothing is said.
    """
    written = source.value
    if worker.source is None or not _INSTALLED.isdisjoint(worker.source.parts):
        return
    if not written.get("traffic") and not written.get("probes"):
        return
    declared = {host: True for host in map(as_host, _keys(written.get("origins"))) if host}
    profile = scenario.profile if scenario is not None else profile_of(_entry(written))
    declared |= dict.fromkeys(profile.outbound, True)
    variables = {**(worker.config.vars if worker.config is not None else {}), **_variables(written)}
    for host, line in fetched_hosts(worker.source, worker.worker.__name__, variables):
        if best_match(host, declared) is None:
            what = f"{line} fetches {host}, and no origin answers for it"
            if "origins" in written:
                yield source.problem(
                    ("origins",), what, hint=f"write below it: {declaration(host)}", at_key=True
                )
            else:
                hint = f"declare it: origins: {{{declaration(host)}}}"
                yield source.problem(("worker",), what, hint=hint, at_key=True)


def _keys(origins: Any) -> list[str]:
    return [str(key) for key in origins] if isinstance(origins, dict) else []


def _variables(written: dict[str, Any]) -> dict[str, Any]:
    """The variables that a scenario gives its worker."""
    worker = written.get("worker")
    variables = worker.get("vars") if isinstance(worker, dict) else None
    return variables if isinstance(variables, dict) else {}


def _entry(written: dict[str, Any]) -> str:
    worker = written.get("worker")
    entry = worker.get("entry") if isinstance(worker, dict) else worker
    return entry if isinstance(entry, str) and "/" not in entry else ""
