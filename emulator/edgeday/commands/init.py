"""`edgeday init`: a first scenario of the user's own worker, from its configuration and its source."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from unicodedata import normalize

import click

from edgeday.clock import SystemClock, utc
from edgeday.commands.cli import EXIT_CODES
from edgeday.commands.console import refuse, refuse_bad, warn
from edgeday.errors import BadInput, Problem

if TYPE_CHECKING:
    from edgeday.commands.init_worker import NamedProject
    from edgeday.scenario.first_scenario import FirstScenario
    from edgeday.scenario.profile import WorkerProfile
    from edgeday.wrangler import WranglerConfig

_NOTHING = "nothing was written"

T = TypeVar("T")


@click.command("init", epilog=EXIT_CODES)
@click.argument("path", default="scenarios/first-day.yaml", type=click.Path(path_type=Path))
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="wrangler.toml or wrangler.jsonc; default: the one in this directory or above it, if there is one.",
)
@click.option(
    "--env", "environment", metavar="NAME", help='An environment of the configuration; "" is the top level.'
)
@click.option("--account", type=click.Choice(["free", "paid"]), help="Whose limits apply. [default: free]")
@click.option(
    "--entry", metavar="ENTRY",
    help="The worker, as src/index.ts, dist/worker.bundle, src/entry.py or package.module:Class; default: "
    "main of the configuration, or else a file that is called as workers mostly are.",
)  # fmt: skip
@click.option("--variant", metavar="NAME", help="Form of the worker, where it has several.")
@click.option(
    "--a-day", type=click.IntRange(min=0), metavar="N", help="Requests a day, of each route. [default: 50]"
)
@click.option(
    "--path", "paths", multiple=True, metavar="PATH",
    help='A route of the requests, such as /api/orders or "POST /api/orders"; repeatable; default: those '
    "that the worker's source shows, or else /.",
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
    paths: tuple[str, ...],
    errors: float | None,
    force: bool,
) -> None:
    """Write a first scenario of your worker to PATH (scenarios/first-day.yaml).

    The worker, its KV bindings, variables and crons come from your wrangler configuration, the routes from
    the worker's source. What no file and no option says is asked on a terminal; elsewhere it has a default.

    Example: edgeday init && edgeday replay scenarios/first-day.yaml
    """
    from edgeday.commands.init_worker import likely_entry, name_project

    if path.suffix not in {".yaml", ".yml"}:
        of = "--config" if path.suffix in {".json", ".jsonc", ".toml"} else "--entry"
        what = "a scenario is a .yaml file"
        refuse([Problem(str(path), what, f"is it the worker's? edgeday init {of} {path}")], _NOTHING)
    if path.exists() and not force:
        refuse([Problem(str(path), "is there already", "name another file, or use --force")], _NOTHING)
    try:
        wrangler = _configuration(config, environment)
        warn(wrangler.warnings if wrangler else ())
        account = _asked(account, "free", "Account (free or paid)", click.Choice(["free", "paid"]))
        if entry is None and (wrangler is None or wrangler.main is None):
            near = likely_entry() if wrangler is None else ""
            entry = _asked(entry, near, "Worker, as src/index.ts or src/entry.py", click.STRING) or None
        project = name_project(path, wrangler, environment, entry, variant)
        first = _first_scenario(path, project, account, a_day, paths, errors)
        missing = project.missing
        _write(path, first, project, missing)
    except BadInput as bad:
        refuse_bad(bad, _NOTHING)
    except OSError as error:
        refuse([Problem(str(path.parent), f"cannot be made: {error.strerror}")], _NOTHING)
    _say(path, first, project, missing)


def _first_scenario(
    path: Path,
    project: NamedProject,
    account: str,
    a_day: int | None,
    paths: tuple[str, ...],
    errors: float | None,
) -> FirstScenario:
    from edgeday.scenario.first_scenario import FirstScenario

    start = utc(SystemClock().now()).date()
    profile = project.profile
    keyword = "" if paths else next((kind.model.keyword for kind in profile.traffic), "")
    fail = 5.0 if _can_fail(profile, keyword or "requests") else 0.0
    noun = keyword.capitalize() if keyword else "Requests"
    return FirstScenario(
        name=_name_of(path),
        start=start,
        account=account,
        worker=project.reference,
        notes=project.notes,
        namespaces=project.namespaces,
        has_kv=project.has_kv,
        a_day=_asked(a_day, 50, f"{noun} a day", click.IntRange(min=0)),
        routes=() if keyword else project.routes(paths),
        keyword=keyword,
        error_percent=_asked(errors, fail, "Percent of them that fail", click.FloatRange(0, 100))
        if fail
        else errors or 0.0,
        crons=project.crons(start),
        origins=project.origins(),
    )


def _write(path: Path, first: FirstScenario, project: NamedProject, missing: Sequence[Problem]) -> None:
    """Write the scenario, and beside it the schema that its first line names. missing: what the worker needs
    to run and is not here; then nothing is said of the worker. Raises BadInput, OSError."""
    from edgeday.files import write_whole
    from edgeday.scenario.first_scenario import SCHEMA_NAME
    from edgeday.scenario.loader import json_schema, load_text

    text = first.text()
    with _directory(path.parent):
        try:
            if first.worker is not None:
                load_text(text, path)
        except BadInput as bad:
            problems = [one for one in bad.problems if not (missing and _is_of_worker(one, path, text))]
            if problems:
                raise BadInput([_unwritten(one, path, text, project) for one in problems]) from None
        write_whole(path, text)
        schema = path.with_name(SCHEMA_NAME)
        if not schema.exists() or '"title": "Scenario"' in schema.read_text("utf-8", "replace"):
            write_whole(schema, json_schema())


def _unwritten(problem: Problem, path: Path, text: str, project: NamedProject) -> Problem:
    """A problem of a scenario that is not written, at what it comes from: there is no line to look at."""
    if problem.path != str(path):
        return problem
    hint = problem.hint or problem.excerpt.partition("^ ")[2]
    origin = project.origin if _is_of_worker(problem, path, text) else problem.path
    return Problem(origin, problem.what, hint)


def _is_of_worker(problem: Problem, path: Path, text: str) -> bool:
    """Whether a problem is with the worker, and not with the rest of the scenario that would be written."""
    return problem.path != str(path) or text.splitlines()[problem.line - 1].startswith("worker:")


@contextmanager
def _directory(directory: Path) -> Iterator[None]:
    """Make a directory, and take it away again if the block raises."""
    missing = [one for one in (directory, *directory.parents) if not one.exists()]
    directory.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        for one in missing:
            one.rmdir()
        raise


def _say(path: Path, first: FirstScenario, project: NamedProject, missing: Sequence[Problem]) -> None:
    """Show what was written, and what to do next."""
    for name, values in project.summary(first).items():
        click.echo(f"  {name:<12} {values}")
    replay = f"edgeday replay {shlex.quote(str(path))}"
    if first.worker is None:
        click.echo(
            f"{path} is written, but nothing says which worker runs: name it there (worker: src/entry.py), "
            f"then: {replay}"
        )
        return
    click.echo(f"{path} is written; {'then' if missing else 'now'}: {replay}")
    warn(f"{one.what}: {one.hint}" for one in missing)


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


def _configuration(path: Path | None, environment: str | None) -> WranglerConfig | None:
    """The wrangler configuration that is named, or else found; of an environment that is asked for where
    there are several."""
    from edgeday.files import from_here
    from edgeday.wrangler import find_wrangler_config, load_wrangler_config

    path = path or find_wrangler_config(Path.cwd())
    if path is None:
        return None
    path = from_here(path)
    config = load_wrangler_config(path, environment)
    if config.environments and environment is None and on_terminal():
        names = ", ".join(config.environments)
        environment = _asked(None, "", f'Environment ({names}; "" is the top level)', click.STRING)
        config = load_wrangler_config(path, environment)
    return config
