"""What stands for bindings that are not emulated, as a scenario says, with the values of the request."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from edgeday.hosting.stubs import Members, Stub
from edgeday.invocation import Invocation
from edgeday.replay.traffic import Script
from edgeday.scenario.model import Scenario
from edgeday.scenario.stubs import filled, has_placeholders, members_of, templates_in
from edgeday.scenario.values import Draws, Pool


def stubs_of(scenario: Scenario) -> dict[str, Stub]:
    """The stubs of a scenario, by the names of their bindings."""
    made = {}
    for name, written in scenario.worker.stubs.items():
        members = members_of(written)
        fill = None
        if has_placeholders(members):
            fill = partial(_filled, templates_in(members), scenario.pools, scenario.seed)
        made[name] = Stub(name, members, fill)
    return made


def _filled(templates: Members, pools: Mapping[str, Pool], seed: int, invocation: Invocation) -> Members:
    """With the values of the request that the invocation answers; of one that no traffic made, with others
    that its route and instant say."""
    script = invocation.context
    if isinstance(script, Script):
        return filled(templates, script.values())
    own = f"{seed}/{invocation.route}/{invocation.started_at}"
    return filled(templates, Draws(pools, own, 1).__getitem__)
