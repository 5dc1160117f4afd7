"""`edgeday capacity`: the largest day that fits the account's limits."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edgeday.commands.cli import EXIT_CODES
from edgeday.commands.console import EXIT_INTERRUPTED, EXIT_WORKER_RAISED, refuse_bad, say_what_runs
from edgeday.commands.gc_tuning import look_for_cycles_rarely
from edgeday.errors import BadInput, Problem

if TYPE_CHECKING:
    from edgeday.replay.capacity_limits import Capacity
    from edgeday.scenario.loader import Loaded

ALL = "all"


@click.command("capacity", epilog=EXIT_CODES)
@click.argument("file", metavar="SCENARIO", type=click.Path(path_type=Path))
@click.option(
    "--variant", metavar="NAME|all", help="Another variant than the scenario's; all: one after the other."
)
@click.option(
    "--up-to",
    type=click.IntRange(min=1),
    default=25_000,
    show_default=True,
    metavar="N",
    help="Requests to try where no limit binds before.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def command(file: Path, variant: str | None, up_to: int, as_json: bool) -> None:
    """Find the largest day that fits: which limit binds, at which request, and what lies behind it.

    One run grows until a limit would refuse something. The scenario says what its requests are like and which
    limits are enforced; how many there are, and when they arrive, is found here.

    Each variant is shown as soon as it is measured: twenty thousand requests take half a minute.

    Example: edgeday capacity scenarios/capacity-day.yaml --variant all
    """
    from edgeday.replay.capacity import growing_part
    from edgeday.replay.runner import ReplayFailed
    from edgeday.scenario.loader import load

    look_for_cycles_rarely()
    consequence = "nothing was measured"
    try:
        (loaded,) = load([file])
        if not growing_part(loaded.scenario):
            raise BadInput(loaded.source.problem((), "the scenario has no traffic that could grow"))
        names = _variants(loaded, variant)
    except BadInput as bad:
        refuse_bad(bad, consequence)
    if not as_json:
        say_what_runs([loaded])
    capacities: list[Capacity] = []
    code, ended = 0, ""
    try:
        for done, name in enumerate(names):
            capacity = _measure(
                loaded, name, up_to, f"{done + 1} of {len(names)}: " if len(names) > 1 else ""
            )
            capacities.append(capacity)
            if not as_json:
                _show_one(capacity)
    except ReplayFailed as failed:
        code, ended = EXIT_WORKER_RAISED, f"{failed.trace}\n\n{failed}".lstrip()
    except KeyboardInterrupt:
        code, ended = EXIT_INTERRUPTED, "interrupted"
    if capacities or not code:
        _show_all(capacities, as_json)
    if code:
        click.echo(f"{ended}; {len(capacities)} of {len(names)} were measured", err=True)
        raise SystemExit(code)


def _show_one(capacity: Capacity) -> None:
    from rich.console import Console

    from edgeday.report import capacity as report

    report.show(Console(highlight=False), capacity)


def _show_all(capacities: Sequence[Capacity], as_json: bool) -> None:
    """What is shown once all is known: the JSON report, or a table of several."""
    from rich.console import Console

    from edgeday.report import capacity as report

    if as_json:
        click.echo(report.render(capacities), nl=False)
    elif len(capacities) > 1:
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


def _measure(loaded: Loaded, variant: str | None, up_to: int, place: str) -> Capacity:
    """Measure one; place: what a terminal's progress bar says before its name."""
    from edgeday.replay.capacity import measure_capacity

    if not sys.stderr.isatty():
        return measure_capacity(loaded, variant=variant, up_to=up_to)
    from edgeday.commands.progress import progress_bar

    with progress_bar(f"{place}{variant or loaded.scenario.name}") as progress:
        return measure_capacity(loaded, variant=variant, up_to=up_to, progress=progress)
