"""Days of any size: a scenario's first day with another number of the requests that grow. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from edgeday.clock import DAY_S
from edgeday.production.settings import seconds
from edgeday.scenario.model import Scenario
from edgeday.scenario.production import ScenarioProduction
from edgeday.scenario.traffic import TrafficPart


def growing_part(scenario: Scenario) -> Sequence[TrafficPart]:
    """The traffic that grows: that of a kind which grows alone, or all requests where there is none. Crons
    never do: they run when they say."""
    requests = [traffic for traffic in scenario.traffic if isinstance(traffic, TrafficPart)]
    return [traffic for traffic in requests if traffic.grows] or requests


def noun_of(scenario: Scenario) -> str:
    """What the requests that grow are called, many of them."""
    nouns = dict.fromkeys(part.keyword for part in growing_part(scenario))
    return " and ".join(nouns)


def size_of(scenario: Scenario) -> int:
    """How many of the requests that grow the first day has as it is written."""
    return sum(part.on_day(0) for part in growing_part(scenario))


def scaled(scenario: Scenario, count: int) -> Scenario:
    """The scenario's first day alone, with `count` of the requests that grow, its parts in the proportions of
    that day.

    All else is as it is written: arrivals, what requests are like, other traffic, crons, background code,
    platform, and probes of that day. Shares go by the largest remainder; where exact numbers of requests
    fail, they go with the size of their part, to the nearest whole number.
    """
    growing = growing_part(scenario)
    names = [part.name for part in growing]
    sizes = dict(zip(names, shares(count, [part.on_day(0) for part in growing]), strict=True))
    traffic = [
        part.of_size(sizes.get(part.name, part.on_day(0))) if isinstance(part, TrafficPart) else part
        for part in scenario.traffic
    ]
    start_s = scenario.start.timestamp()
    probes = [probe for probe in scenario.probes if probe.comes_at(start_s) < start_s + DAY_S]
    platform = None if scenario.platform is None else _of_first_day(scenario.platform)
    day = {"days": 1, "traffic": traffic, "probes": probes, "platform": platform}
    return scenario.model_copy(update=day)


def _of_first_day(platform: ScenarioProduction) -> ScenarioProduction:
    """What happens by itself within the first day."""
    return platform.model_copy(
        update={
            "moves": [move for move in platform.moves if seconds(move.at) < DAY_S],
            "purges": [at for at in platform.purges if seconds(at) < DAY_S],
            "faults": [fault for fault in platform.faults if seconds(fault.at) < DAY_S],
        }
    )


def written(scenario: Scenario, said: Mapping[str, Any], variant: str | None, count: int) -> str:
    """`scaled` as the text of a scenario file, in the place of the one that it is made of.

    said: what that file says. Its budgets, claims and probes, which are of other days, are left out; that
    nothing of KV is refused stands for them.
    """
    day = scaled(scenario, count)
    traffic = [
        part.model_dump(mode="json", exclude_unset=True, by_alias=True) | {"name": part.name}
        for part in day.traffic
    ]
    left = {
        name: value for name, value in said.items() if name not in {"days", "budgets", "claims", "probes"}
    }
    if variant is not None:
        worker = left.get("worker", {})
        left["worker"] = {**({"entry": worker} if isinstance(worker, str) else worker), "variant": variant}
    whole = {
        **left,
        "name": f"{scenario.name}-{count}",
        "description": f"the first day of {scenario.name} with {count:,} {noun_of(scenario)}",
        "traffic": traffic,
        "budgets": {"kv.refused": "== 0"},
    }
    text: str = yaml.safe_dump(whole, sort_keys=False, allow_unicode=True)
    return text


def shares(count: int, weights: Sequence[int]) -> list[int]:
    """`count` shared out in proportion to weights by the largest remainder; alike where all weights are 0.
    Of equal remainders the first ones get more."""
    whole = sum(weights)
    if not whole:
        weights, whole = [1] * len(weights), len(weights)
    given = [count * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda part: -(count * weights[part] % whole))
    for part in by_remainder[: count - sum(given)]:
        given[part] += 1
    return given
