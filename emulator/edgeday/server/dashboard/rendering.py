"""Templates to HTML. Jinja2 escapes everything that is put into a page; nothing is exempt."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version

from jinja2 import Environment, PackageLoader, StrictUndefined

from edgeday.clock import iso_seconds
from edgeday.report import wording
from edgeday.server.app import PAGES_PREFIX, Context
from edgeday.server.dashboard import words

VIEWS = (
    ("", "Overview"),
    ("logs", "AI logs"),
    ("kv", "KV"),
    ("cache", "Cache"),
    ("replay", "Replay"),
)
"""Path and name of what the navigation leads to."""


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(__package__),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        duration=words.duration,
        size=words.size,
        time_of_day=words.time_of_day,
        instant=words.instant,
        iso=iso_seconds,
        number=wording.number,
        as_json=json.dumps,
    )
    environment.globals.update(
        base=PAGES_PREFIX,
        views=VIEWS,
        version=version("edgeday"),
        percent=words.percent,
        why_not_kept=wording.why_not_kept,
        why_not_found=wording.why_not_found,
    )
    return environment


class Renderer:
    """Renders the pages of one server."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def part(self, name: str, values: Mapping[str, object]) -> str:
        """One template, as a part of a page that is open."""
        return _environment().get_template(name).render(**self._shared(), **values)

    def page(self, name: str, values: Mapping[str, object]) -> str:
        """A whole page around one template."""
        template = _environment().get_template("layout.html")
        return template.render(**self._shared(), **values, part=name)

    def _shared(self) -> dict[str, object]:
        served = self._context.served
        return {
            "now": served.edge.clock.now(),
            "gained_s": served.gained_s,
            "account": served.settings.account,
            "csrf_token": self._context.guard.csrf_token,
        }
