"""`edgeday days`: days of the design document beside what code and platform make of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from edgeday import (
    EXIT_BROKEN,
    EXIT_CODES,
    EXIT_INTERRUPTED,
    EXIT_WORKER_RAISED,
    BadInput,
    Outputs,
    refuse,
    refuse_bad,
    spoken_progress,
    write_rendered,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgeday import ScenarioResult
    from worker_port.study.days import ThreeTimes


@click.command("days", epilog=EXIT_CODES)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--json", "json_path", metavar="PATH", help='Write it as JSON; "-" is standard output.')
@click.option("--markdown", "markdown_path", metavar="PATH", help='Write it as Markdown; "-" likewise.')
def command(files: tuple[Path, ...], json_path: str | None, markdown_path: str | None) -> None:
    """Show days of the design document as it counts them, and as code and platform have them.

    Each scenario is replayed twice: as it stands, which is the document's model, and as the code makes its
    plans, with every limit enforced. The exit code is that of the worse verdict.

    Example: edgeday days scenarios/normal-day.yaml scenarios/high-load-day.yaml
    """
    from edgeday import ReplayFailed, load_scenarios
    from worker_port.study.days import replay_both
    from worker_port.study.reports import days as report

    consequence = "nothing was replayed"
    outputs = Outputs.of({"json": json_path, "markdown": markdown_path})
    if problems := outputs.problems(files):
        refuse(problems, consequence)
    days: list[ThreeTimes] = []
    try:
        with spoken_progress() as progress:
            for loaded in load_scenarios(files):
                progress(loaded.scenario.name)
                days.append(replay_both(loaded))
    except BadInput as bad:
        refuse_bad(bad, consequence)
    except ReplayFailed as failed:
        click.echo(f"{failed.trace}\n\n{failed}", err=True)
        raise SystemExit(EXIT_WORKER_RAISED) from None
    except KeyboardInterrupt:
        click.echo("interrupted; nothing is reported", err=True)
        raise SystemExit(EXIT_INTERRUPTED) from None
    write_rendered(outputs, {"json": lambda: report.render(days), "markdown": lambda: report.markdown(days)})
    if not outputs.to_stdout:
        from rich.console import Console

        report.show(Console(highlight=False), days)
    _exit([run for day in days for run in (day.model, day.code)])


def _exit(runs: Sequence[ScenarioResult]) -> None:
    verdicts = {run.verdict for run in runs}
    if "error" in verdicts:
        raise SystemExit(EXIT_WORKER_RAISED)
    if "partial" in verdicts:
        raise SystemExit(EXIT_INTERRUPTED)
    if verdicts != {"pass"}:
        raise SystemExit(EXIT_BROKEN)
