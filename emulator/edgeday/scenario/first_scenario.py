"""The text of a first scenario: what is known of a worker, with comments that say how to go on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote, urlencode

from edgeday.measure.findings.undeclared_origins import declaration
from edgeday.scenario.templates import NAME, names_in
from edgeday.source.model import FetchedHost, Route

SCHEMA_NAME = "scenario.schema.json"
"""The file beside a first scenario that editors complete from."""
_FORM = "application/x-www-form-urlencoded"
_WIDEST = 100
_READ = (("the parameters of its query", "query"), ("the headers that it looks at", "headers"))
"""What else of a request is said to be of the code, by the field of a route."""
_PLAIN = re.compile(
    r"(?!(?:true|false|null|yes|no|on|off|y|n)$)(?:\.{0,2}/|[a-z])[\w./-]*", re.ASCII | re.IGNORECASE
)
"""Text that is itself in YAML of any version."""


@dataclass(frozen=True, slots=True)
class FirstScenario:
    """What a first scenario is made of.

    worker: as the scenario has it, None if nothing says which one. notes: on the worker, a line each.
    namespaces: those that no configuration gives the worker. a_day: requests of each route. keyword: of the
    profile's own kind of traffic, in the place of routes; error_percent: of it. crons: each with how often it
    runs on a day. origins: hosts that the worker fetches from.
    """

    name: str
    start: date
    account: str
    worker: str | Mapping[str, Any] | None
    notes: Sequence[str] = ()
    namespaces: Mapping[str, str] | None = None
    has_kv: bool = True
    a_day: int = 50
    routes: Sequence[Route] = ()
    keyword: str = ""
    error_percent: float = 0.0
    crons: Sequence[tuple[str, int]] = ()
    origins: Sequence[FetchedHost] = ()

    def text(self) -> str:
        """The scenario file."""
        parts = [
            *self._head(),
            *self._origins(),
            *self._values(),
            "",
            "traffic:",
            *self._traffic(),
            "",
            *self._budgets(),
        ]
        return "\n".join(parts) + "\n"

    @property
    def _shared(self) -> set[str]:
        """The names that stand for what one route is sent in its body and another has in its path."""
        in_paths = {name for route in self.routes for name in names_in(route.path)}
        return {
            name
            for route in self.routes
            for fields in (route.body, route.form)
            if isinstance(fields, Mapping)
            for name, value in fields.items()
            if name in in_paths and isinstance(value, str)
        }

    def _with_shared(self, fields: Any) -> Any:
        """The fields of a body, those that paths have too as what stands for both."""
        if not isinstance(fields, Mapping):
            return _as_it_is(fields)
        shared = self._shared
        return {
            _as_it_is(name): f"{{{name}}}" if name in shared else _as_it_is(value)
            for name, value in fields.items()
        }

    def _head(self) -> Iterator[str]:
        yield f"# yaml-language-server: $schema={SCHEMA_NAME}"
        yield "# A first day, to change as you learn. With the line above, editors complete and check it;"
        yield "# `edgeday validate` checks it, `edgeday explain` says what budgets can measure."
        yield f"name: {_yaml(self.name)}"
        yield f"start: {self.start}T00:00:00Z"
        yield f"account: {self.account}  # whose limits apply: free or paid"
        yield ""
        yield from (f"# {note}" for note in self.notes)
        if self.worker is None:
            yield "# Nothing says which worker runs. Name it here:"
            yield "# worker: src/entry.py"
        else:
            yield f"worker: {_yaml(self.worker)}"
        if self.namespaces is not None:
            yield ""
            yield "# KV bindings of the worker: name -> namespace id."
            yield f"namespaces: {_yaml(dict(self.namespaces))}"

    def _origins(self) -> Iterator[str]:
        if self.origins:
            yield ""
            yield "# What the hosts answer that the worker fetches from; none of them is really asked."
            yield "# More can be said: seconds: [0.1, 0.4], failing: {rate: 0.01, status: 503}."
            yield "origins:"
            yield from (f"  {declaration(host)}  # seen in {line}" for host, line in self.origins)

    def _values(self) -> Iterator[str]:
        names = dict.fromkeys(name for route in self.routes for name in names_in(route.path))
        if names and not self.keyword:
            yield ""
            yield "# What names in braces stand for; or a list, {zipf: 1000}, {file: ids.csv, column: id}."
            yield "values:"
            for name in names:
                values = [f"{name}-{number}" for number in range(1, 4)]
                several = f"[{', '.join(map(_yaml, values))}]  # sent in a body, and asked for in a path"
                yield f"  {name}: {several if name in self._shared else '{uniform: [1, 100]}'}"

    def _traffic(self) -> Iterator[str]:
        if self.keyword:
            yield f"  - {self.keyword}: {self.a_day}"
            yield "    arrivals: diurnal"
            if self.error_percent:
                yield f"    errors: {{rate: {self.error_percent / 100:g}}}"
        for number, route in enumerate(self.routes):
            if number:
                yield ""
            yield from self._route(route, named=len(self.routes) > 1)
        for cron, runs in self.crons:
            yield ""
            yield f"  # a cron of the configuration: {_counted(runs, 'run')} on this day"
            yield f"  - cron: {_yaml(cron)}"

    def _route(self, route: Route, *, named: bool) -> Iterator[str]:
        for note in _notes_on(route):
            yield f"  # {note}"
        first = [f"name: {_yaml(f'{route.method} {route.path}')}"] if named else []
        query = urlencode(route.query, quote_via=quote)
        path = f"{route.path}?{query}" if query else route.path
        lines = [*first, f"requests: {self.a_day}", f"{route.method.lower()}: {_yaml(path)}"]
        headers = dict(route.headers)
        if route.body is not None:
            lines.append(f"json: {_yaml(self._with_shared(route.body))}")
        elif route.form is not None:
            headers["content-type"] = _FORM
            form = urlencode(self._with_shared(route.form), safe="{}")
            lines.append(f"body: {_yaml(form)}")
        if headers:
            lines.append(f"headers: {_yaml(headers)}")
        lines.append("arrivals: diurnal")
        yield f"  - {lines[0]}"
        yield from (f"    {line}" for line in lines[1:])

    def _budgets(self) -> Iterator[str]:
        yield "# A broken budget fails the run: exit code 1."
        yield "budgets:"
        if not self.error_percent:
            yield "  requests.failed: == 0"
        if self.has_kv:
            yield "  kv.refused: == 0"
        if self.has_kv and self.account == "free":
            yield "  kv.reads.accepted: <= 80%  # of the day's quota"
            yield "  kv.writes.accepted: <= 80%"
            yield "  kv.deletes.accepted: <= 80%"
            yield "  kv.lists.accepted: <= 80%"
        yield "  subrequests.invocations_over_limit: == 0"
        if not self.error_percent:
            yield ""
            yield "# So does a finding that is a loss or a risk. Without this line, findings are only shown."
            yield "fail_on: finding"


def _notes_on(route: Route) -> Iterator[str]:
    """What a person should know of a route that was seen."""
    if not route.line:
        if route.begins:
            yield "no route was seen in the worker's source: write a path of yours"
        return
    about = [f"seen in {route.line}"]
    if route.begins:
        about.append("the code looks at a pattern or the beginning: write a path of yours")
    read = [words for words, value in _READ if getattr(route, value)]
    if route.body is not None or route.form is not None:
        read.insert(0, "the fields that the code reads of its body")
    if read:
        about.append(f"with {' and '.join(read)}: write values of yours")
    whole = "; ".join(about)
    yield from [whole] if len(whole) <= _WIDEST else about


def _as_it_is(value: Any) -> Any:
    """A value of the source, its braces no placeholders."""
    if isinstance(value, str):
        return re.sub(rf"\{{({NAME})\}}", r"{{\1}}", value)
    if isinstance(value, Mapping):
        return {_as_it_is(key): _as_it_is(item) for key, item in value.items()}
    return [_as_it_is(item) for item in value] if isinstance(value, list) else value


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _yaml(value: Any) -> str:
    """A value in one line of YAML: a plain word as it is, anything else as JSON, which YAML is."""
    if isinstance(value, str) and _PLAIN.fullmatch(value):
        return value
    if isinstance(value, dict) and value and all(_PLAIN.fullmatch(str(key)) for key in value):
        return "{" + ", ".join(f"{key}: {_yaml(item)}" for key, item in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)
