"""`edgeday replay`: run scenarios, show what they gave, exit by their budgets."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from emulator.cli import EXIT_CODES
from emulator.commands.console import (
    EXIT_BROKEN,
    EXIT_INTERRUPTED,
    EXIT_WORKER_RAISED,
    refuse,
)
from emulator.errors import BadInput, Problem

if TYPE_CHECKING:
    from emulator.replay.loader import Loaded
    from emulator.replay.results import ScenarioResult

T = TypeVar("T")


@click.command("replay", epilog=EXIT_CODES)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--json", "json_path", metavar="PATH", help='Write the report as JSON; "-" is standard output.')
@click.option("--seed", type=int, metavar="N", help="Draw from N instead of each scenario's own seed.")
@click.option(
    "--baseline",
    "baseline_path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Compare all metrics with those of an earlier run; see `edgeday baseline`.",
)
@click.option(
    "--tolerance",
    default="0",
    show_default=True,
    metavar="N|N%",
    help="How far a metric may be from the baseline.",
)
@click.option("--quiet", is_flag=True, help="Print only the line with the verdict.")
def command(
    files: tuple[Path, ...],
    json_path: str | None,
    seed: int | None,
    baseline_path: Path | None,
    tolerance: str,
    quiet: bool,
) -> None:
    """Replay scenarios against a worker and check their budgets.

    Time is virtual: a day takes a moment, and the same files and seed give the same report.

    Example: edgeday replay scenarios/normal-day.yaml --json report.json
    """
    from emulator.replay.loader import load
    from emulator.replay.runner import ReplayFailed

    if json_path is not None and json_path != "-":
        _check_writable(Path(json_path), "--json")
    problems: list[Problem] = []
    loaded, compared = (
        _or_problems(problems, lambda: load(files)),
        _or_problems(problems, lambda: _comparer(baseline_path, tolerance)),
    )
    if loaded is None or compared is None:
        refuse(problems, "nothing was replayed")
    try:
        results = replay_all(loaded, seed, show_progress=sys.stderr.isatty() and not quiet)
    except ReplayFailed as failed:
        click.echo(f"{failed.trace}\n\n{failed}", err=True)
        raise SystemExit(EXIT_WORKER_RAISED) from None
    results = [compared(one, result) for one, result in zip(loaded, results, strict=False)]
    _report(results, json_path, quiet)
    if len(results) < len(loaded) or any(result.verdict == "partial" for result in results):
        raise SystemExit(EXIT_INTERRUPTED)
    if any(result.verdict == "fail" for result in results):
        raise SystemExit(EXIT_BROKEN)


def _or_problems(problems: list[Problem], read: Callable[[], T]) -> T | None:
    """What is read, or None with its problems noted: so that those of all inputs are told in one go."""
    try:
        return read()
    except BadInput as bad:
        problems.extend(bad.problems)
        return None


def _comparer(path: Path | None, tolerance: str) -> Callable[[Loaded, ScenarioResult], ScenarioResult]:
    """What puts a comparison with the baseline into a result. Raises BadInput for a bad baseline."""
    from emulator.replay.baseline import load_baseline, parse_tolerance, with_comparison

    try:
        allowed = parse_tolerance(tolerance)
    except ValueError as error:
        raise BadInput(Problem("--tolerance", str(error))) from None
    if path is None:
        return lambda _, result: result
    baseline = load_baseline(path)
    return lambda one, result: with_comparison(one.scenario, result, baseline, allowed)


def replay_all(loaded: Sequence[Loaded], seed: int | None, *, show_progress: bool) -> list[ScenarioResult]:
    """Replay one after the other; an interrupted one is the last."""
    from emulator.replay.runner import replay

    results: list[ScenarioResult] = []
    for one in loaded:
        if show_progress:
            from emulator.commands.progress import progress_bar

            with progress_bar(one.scenario.name) as progress:
                results.append(replay(one, seed=seed, progress=progress))
        else:
            results.append(replay(one, seed=seed))
        if results[-1].verdict == "partial":
            break
    return results


def _report(results: Sequence[ScenarioResult], json_path: str | None, quiet: bool) -> None:
    from rich.console import Console

    from emulator.report import json_report, terminal

    if json_path is not None:
        text = json_report.render(results)
        if json_path == "-":
            click.echo(text, nl=False)
        else:
            write_whole(Path(json_path), text)
    console = Console(stderr=json_path == "-", highlight=False, soft_wrap=False)
    if quiet:
        console.print(terminal.verdict_line(results))
    else:
        terminal.show(console, results)


def _check_writable(path: Path, option: str) -> None:
    if path.is_dir():
        refuse([Problem(option, f"{path} is a directory", "name a file in it")], "nothing was replayed")
    if not path.parent.is_dir():
        refuse(
            [Problem(option, f"there is no directory {path.parent}", "make it first")], "nothing was replayed"
        )


def write_whole(path: Path, text: str) -> None:
    """Write a file aside and put it in place, so that an earlier one stays whole if writing fails."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        aside.write_text(text, encoding="utf-8")
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        refuse([Problem(str(path), f"cannot be written: {error.strerror}")], "the report was not written")
