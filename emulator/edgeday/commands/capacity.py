"""`edgeday capacity`: the largest day that fits the account's limits."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edgeday.commands.cli import EXIT_CODES
from edgeday.commands.console import (
    EXIT_BROKEN,
    EXIT_INTERRUPTED,
    EXIT_WORKER_RAISED,
    refuse_bad,
    say_what_runs,
)
from edgeday.commands.worker_options import worker_option
from edgeday.errors import BadInput, Problem
from edgeday.replay.gc_tuning import look_for_cycles_rarely

if TYPE_CHECKING:
    from edgeday.commands.capacity_searches import Search
    from edgeday.replay.capacity_limits import Capacity, DayAnswer
    from edgeday.scenario.loader import Loaded

ALL = "all"
_NOTHING = "nothing was measured"


@click.command("capacity", epilog=EXIT_CODES)
@click.argument("files", nargs=-1, required=True, metavar="SCENARIO...", type=click.Path(path_type=Path))
@worker_option
@click.option("--variant", metavar="NAME|all", help="Another variant than the scenario's; all: each of them.")
@click.option(
    "--at-least",
    type=click.IntRange(min=0),
    metavar="N",
    help="Only say whether a day of N requests fits; exit code 1 if it does not.",
)
@click.option(
    "--up-to",
    type=click.IntRange(min=1),
    default=25_000,
    show_default=True,
    metavar="N",
    help="The largest day to try where no limit binds before.",
)
@click.option(
    "--full",
    is_flag=True,
    help="Run all requests of large days, instead of some of each kind: for a worker that does something "
    "else once in many requests by the clock alone.",
)
@click.option(
    "--write",
    "write_to",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the day that was found, or that --at-least names, as a scenario for `edgeday replay`.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Processes for several scenarios or variants; default: one for each processor.",
)
@click.option(
    "--strict-worker",
    is_flag=True,
    help="Stop at the first exception of the worker (exit code 3), instead of counting a failed request.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def command(
    files: tuple[Path, ...],
    worker: str,
    variant: str | None,
    at_least: int | None,
    up_to: int,
    full: bool,
    write_to: Path | None,
    jobs: int | None,
    strict_worker: bool,
    as_json: bool,
) -> None:
    """Find the largest day that fits: which limit binds, at which request, and what lies behind it.

    A day of n is the scenario's first day with n requests, all else as it is written. Days are replayed until
    one fits and the next larger one does not. Of large days, only as many requests are run as are needed,
    where their costs repeat.

    Each is shown as soon as it is measured. Exit code 1: a day that --at-least names does not fit, or nothing
    could be measured.

    Example: edgeday capacity scenarios/capacity-day.yaml --variant all
    """
    from edgeday.commands.capacity_searches import Search, searched
    from edgeday.replay.capacity_days import growing_part
    from edgeday.replay.runner import ReplayFailed
    from edgeday.scenario.loader import OtherWorker, load

    look_for_cycles_rarely()
    try:
        loaded = load(files, OtherWorker(entry=worker))
        problems = [
            one.source.problem((), "the scenario has no traffic that could grow")
            for one in loaded
            if not growing_part(one.scenario)
        ]
        if problems:
            raise BadInput(problems)
        searches = [
            Search(one.path, name, up_to, at_least, full, strict_worker, worker)
            for one in loaded
            for name in _variants(one, variant)
        ]
        if write_to is not None:
            _check_place(write_to, searches)
    except BadInput as bad:
        refuse_bad(bad, _NOTHING)
    if not as_json:
        say_what_runs(loaded)
    found: list[Capacity | DayAnswer] = []
    code, ended = 0, ""
    count = min(jobs or os.cpu_count() or 1, len(searches))
    try:
        with closing(searched(searches, loaded, count)) as results:
            for one in results:
                found.append(one)
                if not as_json:
                    _show_one(one)
    except ReplayFailed as failed:
        code, ended = EXIT_WORKER_RAISED, f"{failed.trace}\n\n{failed}".lstrip()
    except KeyboardInterrupt:
        code, ended = EXIT_INTERRUPTED, "interrupted"
    if found or not code:
        _show_all(found, as_json)
    if code:
        click.echo(f"{ended}; {len(found)} of {len(searches)} were measured", err=True)
        raise SystemExit(code)
    if write_to is not None:
        _write(write_to, searches[0], found[0])
    if any(one.void or (at_least is not None and not one.fits) for one in found):
        raise SystemExit(EXIT_BROKEN)


def _show_one(one: Capacity | DayAnswer) -> None:
    from rich.console import Console

    from edgeday.report import capacity as report

    report.show(Console(highlight=False), one)


def _show_all(found: Sequence[Capacity | DayAnswer], as_json: bool) -> None:
    """What is shown once all is known: the JSON report, or a table of several."""
    from rich.console import Console

    from edgeday.replay.capacity_limits import Capacity
    from edgeday.report import capacity as report

    if as_json:
        click.echo(report.render(found), nl=False)
        return
    capacities = [one for one in found if isinstance(one, Capacity)]
    if len(capacities) > 1:
        report.show_overview(Console(highlight=False), capacities)


def _variants(loaded: Loaded, variant: str | None) -> list[str | None]:
    """The variants to measure. Raises BadInput for one that the worker does not have."""
    from edgeday.runtime.entry import BadEntry, check_variant

    there = list(getattr(loaded.worker, "variants", ()))
    if variant == ALL and there:
        return [*there]
    if variant is None or variant == ALL:
        return [loaded.scenario.worker.variant]
    try:
        check_variant(loaded.worker, variant)
    except BadEntry as bad:
        raise BadInput(Problem("--variant", str(bad), bad.hint)) from None
    return [variant]


def _check_place(write_to: Path, searches: Sequence[Search]) -> None:
    """Raises BadInput where no scenario can be written."""
    if len(searches) > 1:
        raise BadInput(Problem("--write", f"one day can be written, these are {len(searches)}"))
    (search,) = searches
    if write_to.resolve() == search.path.resolve():
        raise BadInput(Problem("--write", f"{write_to} is the scenario itself"))
    if write_to.resolve().parent != search.path.resolve().parent:
        what = f"{write_to} is not in the directory of {search.path}, from which that names its files"
        raise BadInput(Problem("--write", what))


def _write(write_to: Path, search: Search, found: Capacity | DayAnswer) -> None:
    """Write the day that was found, and say so on standard error."""
    from edgeday.files import WholeFile
    from edgeday.replay.capacity_days import written
    from edgeday.replay.capacity_limits import DayAnswer

    count = (found.checked if isinstance(found, DayAnswer) else found.checked[0]).size
    loaded = search.loaded()
    file = WholeFile(write_to)
    file.write(written(loaded.scenario, loaded.source.value, search.variant, count).encode())
    file.keep()
    click.echo(f"{write_to}: the day of {count:,} {found.noun}", err=True)
