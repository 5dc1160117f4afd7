"""`edgeday variants`: all variants of a worker side by side, measured."""

from __future__ import annotations

from pathlib import Path

import click

from edgeday import (
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


@click.command("variants", epilog=EXIT_CODES)
@click.argument("file", required=False, metavar="[SCENARIO]", type=click.Path(path_type=Path))
@click.option("--json", "json_path", metavar="PATH", help='Write it as JSON; "-" is standard output.')
@click.option("--markdown", "markdown_path", metavar="PATH", help='Write it as Markdown; "-" likewise.')
@click.option(
    "--month-plans",
    type=click.IntRange(min=1, max=100_000_000),
    metavar="N",
    help="Plans of the month that is costed; default: as many as 30 days of the scenario have.",
)
def command(
    file: Path | None, json_path: str | None, markdown_path: str | None, month_plans: int | None
) -> None:
    """Measure all variants of the diet worker: what a plan costs, how many fit a day, what each can do.

    Everything is measured: plans are made, time passes, the worker's own routes are asked. Without a
    scenario, it is two days of the design document: plans of nine calls, as it counts, and of seven,
    as the code makes them, in a month of 900 plans.

    Example: edgeday variants scenarios/month.yaml --markdown comparison.md
    """
    from edgeday import ReplayFailed, load_scenario
    from worker_port.study.reports import variant_comparison as report
    from worker_port.study.variant_comparison import (
        DOCUMENT_PLANS,
        compare,
        document_days,
        features_side_by_side,
    )

    consequence = "nothing was measured"
    outputs = Outputs.of({"json": json_path, "markdown": markdown_path})
    if problems := outputs.problems():
        refuse(problems, consequence)
    try:
        if file is None:
            loaded, month_plans = document_days(), month_plans or DOCUMENT_PLANS
        else:
            loaded = [load_scenario(file)]
        with spoken_progress() as progress:
            comparisons = [compare(one, month_plans=month_plans, progress=progress) for one in loaded]
            features = features_side_by_side(loaded[0])
    except BadInput as bad:
        refuse_bad(bad, consequence)
    except ReplayFailed as failed:
        click.echo(f"{failed.trace}\n\n{failed}", err=True)
        raise SystemExit(EXIT_WORKER_RAISED) from None
    except KeyboardInterrupt:
        click.echo("interrupted; nothing was measured", err=True)
        raise SystemExit(EXIT_INTERRUPTED) from None
    write_rendered(
        outputs,
        {
            "json": lambda: report.render(comparisons, features),
            "markdown": lambda: report.markdown(comparisons, features),
        },
    )
    if not outputs.to_stdout:
        from rich.console import Console

        report.show(Console(highlight=False), comparisons, features)
