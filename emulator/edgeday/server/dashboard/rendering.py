"""Templates to HTML. Jinja2 escapes everything that is put into a page; nothing is exempt."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import version
from typing import NamedTuple

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from edgeday.clock import iso_seconds
from edgeday.report import wording
from edgeday.server import words
from edgeday.server.app import PAGES_PREFIX, Context

OWN_VIEWS = (("kv", "KV"), ("cache", "Cache"), ("replay", "Replay"))
"""Path and name of what the navigation leads to besides the overview and the pages of extensions."""


@cache
def _environment(brought: tuple[BroughtView, ...]) -> Environment:
    views = (("", "Overview"), *((view.path, view.title) for view in brought), *OWN_VIEWS)
    packages = (__package__, *(view.templates for view in brought))
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package) for package in packages]),
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
        views=views,
        version=version("edgeday"),
        percent=words.percent,
        why_not_kept=wording.why_not_kept,
        why_not_found=wording.why_not_found,
        does_not_fit=wording.does_not_fit,
    )
    return environment


class BroughtView(NamedTuple):
    """What the navigation and the templates need of a page that an extension brings."""

    path: str
    title: str
    templates: str


class Renderer:
    """Renders the pages of one server. brought: by extensions."""

    def __init__(self, context: Context, brought: Iterable[BroughtView] = ()) -> None:
        self._context = context
        self._environment = _environment(tuple(brought))

    def part(self, name: str, values: Mapping[str, object]) -> str:
        """One template, as a part of a page that is open."""
        return self._environment.get_template(name).render(**self._shared(), **values)

    def page(self, name: str, values: Mapping[str, object]) -> str:
        """A whole page around one template."""
        template = self._environment.get_template("layout.html")
        return template.render(**self._shared(), **values, part=name)

    def _shared(self) -> dict[str, object]:
        served = self._context.served
        return {
            "now": served.edge.clock.now(),
            "gained_s": served.gained_s,
            "account": served.settings.account,
            "csrf_token": self._context.guard.csrf_token,
        }
