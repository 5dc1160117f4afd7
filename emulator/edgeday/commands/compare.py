"""`edgeday compare`: two scenarios, two workers or two variants side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from edgeday.commands.cli import EXIT_CODES
from edgeday.commands.console import (
    EXIT_BROKEN,
    EXIT_INTERRUPTED,
    EXIT_WORKER_RAISED,
    refuse,
    refuse_bad,
    warn,
)
from edgeday.commands.outputs import Outputs, write_rendered
from edgeday.commands.worker_options import workerd_option
from edgeday.errors import BadInput, Problem

if TYPE_CHECKING:
    from edgeday.measure.results import ScenarioResult
    from edgeday.replay.comparison import Comparison, Side

_SCENARIO_SUFFIXES = {".yaml", ".yml"}
_CONSEQUENCE = "nothing was compared"


@click.command("compare", epilog=EXIT_CODES)
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@click.option(
    "--scenario",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="What workers and variants are compared in.",
)
@workerd_option
@click.option("--seed", type=int, metavar="N", help="Draw from N instead of each scenario's own seed.")
@click.option("--json", "json_path", metavar="PATH", help='Write it as JSON; "-" is standard output.')
@click.option("--markdown", "markdown_path", metavar="PATH", help='Write it as Markdown; "-" likewise.')
def command(
    first: str,
    second: str,
    scenario: Path | None,
    seed: int | None,
    json_path: str | None,
    markdown_path: str | None,
) -> None:
    """Replay A and B and show what differs, metric by metric.

    A and B are scenario files; or, in one --scenario, two workers (src/old.py, wrangler.jsonc,
    package.module:Class) or two variants of its worker. A scenario file and a worker go together too: the
    file is then the scenario as it stands. Both run at once, each in a process of its own.

    Exits as `edgeday replay` of both would.

    \b
    Examples: edgeday compare monday.yaml launch-day.yaml
              edgeday compare src/old.py src/new.py --scenario day.yaml
    """
    outputs = Outputs.of({"json": json_path, "markdown": markdown_path})
    problems = outputs.problems([scenario, *(Path(one) for one in (first, second) if _is_scenario(one))])
    sides = [_side(one, scenario, problems) for one in (first, second)]
    if problems:
        refuse(problems, _CONSEQUENCE)
    comparison = _compared([side for side in sides if side is not None], seed)
    for side in comparison.sides:
        warn(side.warnings)
    from edgeday.report import comparison as report

    write_rendered(
        outputs,
        {"json": lambda: report.render(comparison), "markdown": lambda: report.markdown(comparison)},
    )
    if not outputs.to_stdout:
        from rich.console import Console

        report.show(Console(highlight=False), comparison)
    verdicts = {side.verdict for side in comparison.sides}
    if "error" in verdicts:
        raise SystemExit(EXIT_WORKER_RAISED)
    if "partial" in verdicts:
        raise SystemExit(EXIT_INTERRUPTED)
    if verdicts != {"pass"}:
        raise SystemExit(EXIT_BROKEN)


def _compared(sides: list[Side], seed: int | None) -> Comparison:
    from edgeday.replay.comparison import compare

    try:
        first, second = sides
        return compare(first, second, headline=_headline, seed=seed)
    except BadInput as bad:
        refuse_bad(bad, _CONSEQUENCE)


def _headline(result: ScenarioResult) -> str:
    from edgeday.report.headline import headline_of

    return headline_of(result).text


def _is_scenario(text: str) -> bool:
    return Path(text).suffix in _SCENARIO_SUFFIXES


def _side(text: str, scenario: Path | None, problems: list[Problem]) -> Side | None:
    """What one of the two names: a scenario file; else, in a scenario, a worker or a variant."""
    from edgeday.replay.comparison import Side
    from edgeday.runtime.entry_names import kind_of_entry
    from edgeday.scenario.loader import OtherWorker

    if _is_scenario(text):
        return Side(text, Path(text))
    if scenario is None:
        what = f'"{text}" is no scenario file, so it is a worker or a variant'
        problems.append(
            Problem("--scenario", what, "name the scenario to compare them in: --scenario day.yaml")
        )
        return None
    is_worker = kind_of_entry(text) is not None
    return Side(text, scenario, OtherWorker(entry=text) if is_worker else OtherWorker(variant=text))
