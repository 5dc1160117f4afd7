"""Hosts that a worker's source fetches from and a scenario declares no origin for: said before the run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from edgeday.errors import Problem
from edgeday.measure.findings.undeclared_origins import declaration
from edgeday.scenario.model import Scenario
from edgeday.scenario.origins import as_host
from edgeday.scenario.profile import profile_of
from edgeday.scenario.yaml_source import Source
from edgeday.source.seen import fetched_hosts
from edgeday.web.url import best_match

_INSTALLED = frozenset({"site-packages", "dist-packages", "python_modules"})


def undeclared_hosts(
    source: Source, scenario: Scenario | None, worker: Path | None, class_name: str
) -> Iterator[Problem]:
    """A problem for each host that a worker's own files fetch from and nothing answers for.

    scenario: None if the rest of it is not good. worker: the file that it is in, None if that is not known;
    class_name: of the worker. A scenario that asks nothing of its worker needs no origins.
    """
    written = source.value
    if worker is None or not _INSTALLED.isdisjoint(worker.parts):
        return
    if not written.get("traffic") and not written.get("probes"):
        return
    declared = {host: True for host in map(as_host, _keys(written.get("origins"))) if host}
    profile = scenario.profile if scenario is not None else profile_of(_entry(written))
    declared |= dict.fromkeys(profile.outbound, True)
    for host, line in fetched_hosts(worker, class_name):
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


def _entry(written: dict[str, Any]) -> str:
    worker = written.get("worker")
    entry = worker.get("entry") if isinstance(worker, dict) else worker
    return entry if isinstance(entry, str) and "/" not in entry else ""
