"""`edgeday baseline update`: keep the metrics of a run, to compare later runs with."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edgeday.commands.cli import EXIT_CODES
from edgeday.commands.console import (
    EXIT_INTERRUPTED,
    EXIT_WORKER_RAISED,
    refuse,
    refuse_bad,
    say_what_runs,
)
from edgeday.errors import BadInput, Problem

if TYPE_CHECKING:
    from edgeday.replay.baseline import BaselineRun


@click.group("baseline", epilog=EXIT_CODES)
def command() -> None:
    """Keep the metrics of a run, to compare later runs with.

    A comparison is asked for with: edgeday replay FILE... --baseline PATH
    """


@command.command("update", epilog=EXIT_CODES)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "path",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="The baseline; default: baselines/baseline.json beside the first FILE.",
)
def update(files: tuple[Path, ...], path: Path | None) -> None:
    """Replay scenarios and write their metrics to a baseline.

    Scenarios that the baseline has already and that are not named stay as they are.

    Example: edgeday baseline update scenarios/*.yaml
    """
    from edgeday.commands.replay import replay_all
    from edgeday.files import write_whole
    from edgeday.replay.baseline import baseline_run, load_baseline, render
    from edgeday.replay.runner import ReplayFailed
    from edgeday.replay.worker_console import HiddenConsole
    from edgeday.scenario.loader import load

    path = files[0].parent / "baselines" / "baseline.json" if path is None else path
    try:
        loaded = load(files)
        runs = dict(load_baseline(path).runs) if path.exists() else {}
    except BadInput as bad:
        refuse_bad(bad, "the baseline was not touched")
    say_what_runs(loaded)
    try:
        results = list(replay_all(loaded, None, show_progress=sys.stderr.isatty(), console=HiddenConsole()))
    except ReplayFailed as failed:
        click.echo(f"{failed.trace}\n\n{failed}\nthe baseline was not touched", err=True)
        raise SystemExit(EXIT_WORKER_RAISED) from None
    except BadInput as bad:
        refuse_bad(bad, "the baseline was not touched")
    for result in results:
        if result.verdict == "error":
            click.echo(f"{result.name}: {result.problem}\nthe baseline was not touched", err=True)
            raise SystemExit(EXIT_WORKER_RAISED)
    if any(result.verdict == "partial" for result in results):
        click.echo("interrupted; the baseline was not touched", err=True)
        raise SystemExit(EXIT_INTERRUPTED)
    lines: list[str] = []
    for one, result in zip(loaded, results, strict=True):
        before = runs.get(one.scenario.name)
        after = baseline_run(one.scenario, result)
        runs[one.scenario.name] = after
        lines.append(f"{path}: {one.scenario.name} {_what_changed(before, after)}")
    try:
        if not path.parent.exists():
            path.parent.mkdir(parents=True)
        write_whole(path, render(runs))
    except OSError as error:
        refuse([Problem(str(path.parent), f"cannot be made: {error.strerror}")], "nothing was written")
    except BadInput as bad:
        refuse_bad(bad, "an earlier baseline is as it was")
    for line in lines:
        click.echo(line)


def _what_changed(before: BaselineRun | None, after: BaselineRun) -> str:
    if before is None:
        return f"is new, with {len(after.metrics)} metrics"
    changed = [name for name, value in after.metrics.items() if before.metrics.get(name) != value]
    if not changed:
        return "has the same metrics as before"
    return f"has {len(changed)} metric(s) that changed: {', '.join(changed)}"
