"""`edgeday init`: a first scenario, from a wrangler configuration and a few questions or options."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from unicodedata import normalize

import click

from edgeday.clock import SystemClock, utc
from edgeday.commands.cli import EXIT_CODES
from edgeday.commands.console import refuse, refuse_bad
from edgeday.errors import BadInput, Problem

if TYPE_CHECKING:
    from edgeday.scenario.profile import WorkerProfile
    from edgeday.wrangler import WranglerConfig

_CONFIGS = ("wrangler.toml", "wrangler.jsonc", "wrangler.json")
_NOTHING = "nothing was written"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answers:
    """What a first scenario is made of. error_percent: of the requests that can fail. path: "" for `keyword`,
    the profile's own kind of traffic."""

    name: str
    start: date
    account: str
    entry: str
    variant: str | None
    namespaces: Mapping[str, str]
    vars: Mapping[str, Any]
    a_day: int
    path: str
    keyword: str
    error_percent: float


@click.command("init", epilog=EXIT_CODES)
@click.argument("path", default="scenarios/first-day.yaml", type=click.Path(path_type=Path))
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="wrangler.toml or wrangler.jsonc; default: the one in this directory, if there is one.",
)
@click.option("--env", "environment", metavar="NAME", help="An environment of the configuration.")
@click.option("--account", type=click.Choice(["free", "paid"]), help="Whose limits apply. [default: free]")
@click.option("--entry", metavar="MODULE:CLASS", help="The worker in Python; there is no default.")
@click.option("--variant", metavar="NAME", help="Form of the worker, where it has several.")
@click.option("--a-day", type=click.IntRange(min=0), metavar="N", help="Requests a day. [default: 50]")
@click.option(
    "--path", "route", metavar="PATH",
    help="The route of the requests, such as /api/orders; default: the worker profile's own kind of traffic, "
    "or else /.",
)  # fmt: skip
@click.option(
    "--errors", type=click.FloatRange(0, 100), metavar="PERCENT",
    help="How many of them fail, where a worker profile says how they can; default there: 5.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def command(
    path: Path,
    config: Path | None,
    environment: str | None,
    account: str | None,
    entry: str | None,
    variant: str | None,
    a_day: int | None,
    route: str | None,
    errors: float | None,
    force: bool,
) -> None:
    """Write a first scenario to PATH (scenarios/first-day.yaml).

    KV bindings and variables come from your wrangler configuration. What no option says is asked on a
    terminal; elsewhere it has a default, but for the worker.

    Example: edgeday init --entry shop.worker:Shop --a-day 200
    """
    from edgeday.files import write_whole
    from edgeday.scenario.profile import profile_of

    if path.exists() and not force:
        refuse([Problem(str(path), "is there already", "name another file, or use --force")], _NOTHING)
    try:
        wrangler = _wrangler(config, environment)
        for warning in wrangler.warnings if wrangler else ():
            click.echo(f"warning: {warning}", err=True)
        account = _asked(account, "free", "Account (free or paid)", click.Choice(["free", "paid"]))
        entry = _asked(entry, "", "Worker, as package.module:Class", click.STRING)
        if not entry:
            hint = "write --entry package.module:Class"
            raise BadInput(Problem("--entry", "says which worker it is for, and is missing", hint))
        profile = profile_of(entry)
        keyword = next((kind.model.keyword for kind in profile.traffic), "")
        if route is None and not keyword:
            route = _asked(None, "/", "Route of the requests", click.STRING)
        noun = "Requests" if route else keyword.capitalize()
        fail = 5.0 if _can_fail(profile, "requests" if route else keyword) else 0.0
        answers = Answers(
            name=_name_of(path),
            start=utc(SystemClock().now()).date(),
            account=account,
            entry=entry,
            variant=variant or profile.first_variant,
            namespaces=_namespaces(wrangler, profile),
            vars={} if wrangler is None else wrangler.vars,
            a_day=_asked(a_day, 50, f"{noun} a day", click.IntRange(min=0)),
            path=route or "",
            keyword=keyword,
            error_percent=_asked(errors, fail, "Percent of them that fail", click.FloatRange(0, 100))
            if fail
            else errors or 0.0,
        )
        text = first_scenario(answers)
        _check(text, path)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text)
    except BadInput as bad:
        refuse_bad(bad, _NOTHING)
    except OSError as error:
        refuse([Problem(str(path.parent), f"cannot be made: {error.strerror}")], _NOTHING)
    click.echo(f"{path} is written; now: edgeday replay {shlex.quote(str(path))}")


def _can_fail(profile: WorkerProfile, keyword: str) -> bool:
    """Whether a scenario may say that some of these requests fail."""
    kinds = (kind.model for kind in profile.traffic)
    return any(model.keyword == keyword and "errors" in model.model_fields for model in kinds)


def _name_of(path: Path) -> str:
    """A name for the scenario in a file: the file's, without what a name cannot hold."""
    from edgeday.fields import is_name

    kept = "".join(letter if is_name(f"x{letter}") else "-" for letter in normalize("NFC", path.stem))
    return kept.lstrip(" ._-")[:80] or "first-day"


def on_terminal() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def _asked(given: T | None, default: T, question: str, kind: click.ParamType[Any]) -> T:
    """The option's value; else the answer to a question, on a terminal; else the default."""
    if given is not None:
        return given
    if not on_terminal():
        return default
    answer: T = click.prompt(question, default=default, type=kind)
    return answer


def _wrangler(path: Path | None, environment: str | None) -> WranglerConfig | None:
    from edgeday.wrangler import load_wrangler_config

    if path is None:
        path = next((Path(name) for name in _CONFIGS if Path(name).is_file()), None)
    return None if path is None else load_wrangler_config(path, environment)


def _namespaces(wrangler: WranglerConfig | None, profile: WorkerProfile) -> dict[str, str]:
    configured = {binding.name: binding.namespace_id for binding in wrangler.bindings} if wrangler else {}
    return {**configured, **{name: id for name, id in profile.namespaces.items() if name not in configured}}


def _check(text: str, path: Path) -> None:
    """Raise BadInput unless the text is a scenario."""
    from edgeday.scenario.loader import load_text

    load_text(text, path)


def first_scenario(answers: Answers) -> str:
    """The text of a scenario file."""
    worker = {"entry": answers.entry, "variant": answers.variant, "vars": dict(answers.vars) or None}
    worker = {name: value for name, value in worker.items() if value is not None}
    lines = [
        "# A first day, to change as you learn. What a scenario can say: edgeday validate --schema",
        f"name: {_yaml(answers.name)}",
        f"start: {answers.start}T00:00:00Z",
        f"account: {answers.account}",
        f"worker: {_yaml(worker)}",
        "",
        "# KV bindings of the worker: name -> namespace id.",
        f"namespaces: {_yaml(dict(answers.namespaces))}",
        "",
        "traffic:",
        *_traffic(answers),
        "",
        "# A broken budget fails the run. What can be measured: edgeday explain",
        "budgets:",
        "  kv.refused: == 0",
        *(["  kv.writes.accepted: <= 80%"] if answers.account == "free" else []),
        "  subrequests.invocations_over_limit: == 0",
    ]
    return "\n".join(lines) + "\n"


def _traffic(answers: Answers) -> list[str]:
    errors = f"    errors: {{rate: {answers.error_percent / 100:g}}}"
    if answers.path:
        first = [f"  - requests: {answers.a_day}", f"    path: {_yaml(answers.path)}"]
    else:
        first = [f"  - {answers.keyword}: {answers.a_day}"]
    return [*first, "    arrivals: diurnal", *([errors] if answers.error_percent else [])]


def _yaml(value: Any) -> str:
    """A value in one line of YAML; JSON is YAML."""
    return json.dumps(value, ensure_ascii=False)
