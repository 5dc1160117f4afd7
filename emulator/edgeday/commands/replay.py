"""`edgeday replay`: run scenarios, show what they gave, exit by their budgets."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn, TextIO, TypeVar

import click

from edgeday.commands.cli import EXIT_CODES
from edgeday.commands.console import (
    EXIT_BROKEN,
    EXIT_INTERRUPTED,
    EXIT_WORKER_RAISED,
    refuse,
    refuse_bad,
    say_what_runs,
)
from edgeday.commands.outputs import Outputs, report_options
from edgeday.commands.store_option import STORE_HELP, StoreOption
from edgeday.commands.worker_options import worker_options
from edgeday.errors import BadInput, Problem
from edgeday.replay.gc_tuning import look_for_cycles_rarely

if TYPE_CHECKING:
    from rich.console import Console

    from edgeday.measure.results import FailOn, ScenarioResult
    from edgeday.replay.judge import Observer
    from edgeday.replay.runner import ReplayFailed
    from edgeday.replay.worker_console import HiddenConsole
    from edgeday.scenario.loader import Loaded, OtherWorker
    from edgeday.scenario.model import Scenario

T = TypeVar("T")
_LARGE = 100_000
"""From so many requests on a person is told beforehand how long they take."""


@click.command("replay", epilog=EXIT_CODES)
@click.argument("files", nargs=-1, metavar="FILE...", type=click.Path(path_type=Path))
@worker_options
@report_options
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
@click.option(
    "--journal",
    "journal_path",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Write every event as a line of JSON.",
)
@click.option(
    "--from-journal",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Report on the run in a journal again, instead of replaying.",
)
@click.option("--store", "store_text", default="memory", metavar="STORE", help=STORE_HELP)
@click.option(
    "--strict-worker",
    is_flag=True,
    help="Stop at the first exception of the worker (exit code 3), instead of counting a failed request.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["finding"]),
    help="Fail a scenario with a finding that is a loss or a risk, as its own `fail_on` does.",
)
@click.option("--console", "shows_console", is_flag=True, help="Show what the worker prints, on stderr.")
@click.option("--quiet", is_flag=True, help="Print only the headlines.")
def command(
    files: tuple[Path, ...],
    worker: str,
    variant: str,
    seed: int | None,
    baseline_path: Path | None,
    tolerance: str,
    journal_path: Path | None,
    from_journal: Path | None,
    store_text: str,
    strict_worker: bool,
    fail_on: FailOn | None,
    shows_console: bool,
    quiet: bool,
    **reports: str | None,
) -> None:
    """Replay scenarios against a worker and check their budgets.

    Time is virtual: a day takes a moment, and the same files and seed give the same report.

    Example: edgeday replay scenarios/normal-day.yaml --html report.html
    """
    from edgeday.measure.verdict import judged
    from edgeday.replay.timeline import Timelines
    from edgeday.replay.worker_console import HiddenConsole
    from edgeday.scenario.loader import OtherWorker, load

    outputs = Outputs.of(reports, journal_path)
    problems = outputs.problems((*files, baseline_path, from_journal))
    problems += _conflicting_options(
        files,
        from_journal,
        {
            "--worker": worker,
            "--variant": variant,
            "--seed": seed is not None,
            "--journal": journal_path is not None,
            "--store": store_text != "memory",
        },
    )
    other = OtherWorker(worker, variant)
    compared = _or_problems(problems, lambda: _comparer(baseline_path, tolerance))
    loaded = None if from_journal is not None else _or_problems(problems, lambda: load(files, other))
    stores = _or_problems(problems, lambda: StoreOption.parse(store_text)) or StoreOption()
    problems.extend(stores.problems(loaded or []))
    if problems or compared is None:
        refuse(problems, "nothing was replayed")
    if not quiet:
        say_what_runs(loaded or [])
        _say_how_long(loaded or [], other)
    timelines = Timelines()
    observers = (timelines,) if "html" in outputs.paths else ()
    hidden = None if shows_console else HiddenConsole()
    if from_journal is not None:
        runs = _judge(from_journal, observers)
    else:
        runs = _replay(loaded or [], seed, journal_path, stores, observers, quiet, strict_worker, hidden)
    results = [compared(scenario, result) for scenario, result in runs.judged]
    if fail_on is not None:
        results = [judged(replace(result, fail_on=fail_on)) for result in results]
    if runs.failure is not None:
        if not quiet:
            _say_what_was_hidden(hidden)
        _stop(runs.failure, results, loaded or [], outputs, quiet)
    problems = [*runs.problems, *outputs.write(results, timelines.runs)]
    _show(results, quiet, to_stderr=outputs.to_stdout)
    if not quiet:
        _say_what_was_hidden(hidden)
    if problems:
        refuse(problems, "what is named here was not written; an earlier file there is as it was")
    if any(result.verdict == "error" for result in results):
        raise SystemExit(EXIT_WORKER_RAISED)
    if not runs.whole or any(result.verdict == "partial" for result in results):
        raise SystemExit(EXIT_INTERRUPTED)
    if any(result.verdict in {"fail", "void"} for result in results):
        raise SystemExit(EXIT_BROKEN)


def _say_how_long(loaded: Sequence[Loaded], other: OtherWorker) -> None:
    """Tell beforehand what a large scenario takes; a small part of it is tried for that."""
    from edgeday.replay.traffic import requests_in

    for one in loaded:
        requests = requests_in(one.scenario)
        if requests < _LARGE:
            continue
        from edgeday.replay.time_needed import estimate
        from edgeday.report.wording import about

        found = estimate(one.path, other, requests)
        if found is not None:
            text = f"{one.scenario.name}: {requests:,} requests take about {about(found.seconds)} here"
            click.echo(f"{text} ({found.tried} were tried)", err=True)


def _say_what_was_hidden(console: HiddenConsole | None) -> None:
    """Say on standard error how much of the worker's console was not shown."""
    if console is not None and console.lines:
        lines, were = ("1 line", "was") if console.lines == 1 else (f"{console.lines:,} lines", "were")
        click.echo(f"console  {lines} that the worker wrote {were} not shown; --console shows them", err=True)


class _Runs(NamedTuple):
    """What was replayed or judged. whole: whether nothing was left out. problems: of the journal written.
    failure: what ended the replay before its end, and whatever was asked for with it."""

    judged: Sequence[tuple[Scenario, ScenarioResult]]
    whole: bool
    problems: Sequence[Problem]
    failure: ReplayFailed | BadInput | None = None


def _conflicting_options(
    files: Sequence[Path], from_journal: Path | None, given: Mapping[str, object]
) -> list[Problem]:
    """Options that say two things at once. given: those that a journal leaves no room for."""
    if from_journal is None:
        if not files:
            raise click.UsageError("name a scenario file, or a journal with --from-journal")
        return []
    return [
        Problem(option, "does not go with --from-journal: a journal has its scenarios, seeds and events")
        for option, is_given in {"FILE": files, **given}.items()
        if is_given
    ]


def _judge(path: Path, observers: Sequence[Observer]) -> _Runs:
    from edgeday.replay.journal import judge_journal

    try:
        return _Runs(judge_journal(path, observers), True, [])
    except BadInput as bad:
        refuse_bad(bad, "nothing was reported")


def _replay(
    loaded: Sequence[Loaded],
    seed: int | None,
    journal_path: Path | None,
    stores: StoreOption,
    observers: Sequence[Observer],
    quiet: bool,
    strict_worker: bool,
    console: TextIO | None,
) -> _Runs:
    """Replay all, with a journal if one is asked for, which is given up if the replay fails."""
    from edgeday.replay.journal import JournalWriter
    from edgeday.replay.runner import ReplayFailed

    journal: JournalWriter | None = None
    problems: list[Problem] = []
    judged: list[tuple[Scenario, ScenarioResult]] = []
    failure: ReplayFailed | BadInput | None = None
    try:
        if journal_path is not None:
            journal = JournalWriter(journal_path)
            observers = (*observers, journal)
        show_progress = sys.stderr.isatty() and not quiet
        results = replay_all(
            loaded,
            seed,
            show_progress=show_progress,
            observers=observers,
            stores=stores,
            strict_worker=strict_worker,
            console=console,
        )
        for one, result in zip(loaded, results, strict=False):
            judged.append((one.scenario, result))
        if journal is not None:
            _or_problems(problems, journal.keep)
    except (BadInput, ReplayFailed) as failed:
        failure = failed
    finally:
        if journal is not None:
            journal.discard()
    return _Runs(judged, len(judged) == len(loaded), problems, failure)


def _stop(
    failure: ReplayFailed | BadInput,
    finished: Sequence[ScenarioResult],
    loaded: Sequence[Loaded],
    outputs: Outputs,
    quiet: bool,
) -> NoReturn:
    """Show the scenarios that were replayed before the failure, then the failure and what it left undone."""
    from edgeday.replay.runner import ReplayFailed
    from edgeday.report import terminal

    if not quiet:
        terminal.show_blocks(_console(to_stderr=outputs.to_stdout), finished)
    left = loaded[len(finished) + isinstance(failure, ReplayFailed) :]
    undone = [f"not replayed: {', '.join(one.scenario.name for one in left)}"] if left else []
    if places := outputs.places():
        undone.append(f"not written: {', '.join(places)}; an earlier file there is as it was")
    if isinstance(failure, BadInput):
        refuse_bad(failure, "; ".join(undone) if finished else "nothing was replayed")
    for line in (f"{failure.trace}\n\n{failure}".lstrip(), *undone):
        click.echo(line, err=True)
    raise SystemExit(EXIT_WORKER_RAISED)


def _or_problems(problems: list[Problem], read: Callable[[], T]) -> T | None:
    """What is read, or None with its problems noted: so that those of all inputs are told in one go."""
    try:
        return read()
    except BadInput as bad:
        problems.extend(bad.problems)
        return None


def _comparer(path: Path | None, tolerance: str) -> Callable[[Scenario, ScenarioResult], ScenarioResult]:
    """What puts a comparison with the baseline into a result. Raises BadInput for a bad baseline."""
    from edgeday.replay.baseline import EXACT, load_baseline, parse_tolerance, with_comparison

    try:
        allowed = parse_tolerance(tolerance)
    except ValueError as error:
        raise BadInput(Problem("--tolerance", str(error))) from None
    if path is None:
        if allowed != EXACT:
            raise BadInput(
                Problem("--tolerance", "there is nothing to compare with", "name a --baseline FILE")
            )
        return lambda _, result: result
    baseline = load_baseline(path)
    return lambda scenario, result: with_comparison(scenario, result, baseline, allowed)


def replay_all(
    loaded: Sequence[Loaded],
    seed: int | None,
    *,
    show_progress: bool,
    observers: Sequence[Observer] = (),
    stores: StoreOption | None = None,
    strict_worker: bool = False,
    console: TextIO | None = None,
) -> Iterator[ScenarioResult]:
    """Replay one after the other, each when its result is asked for; an interrupted one is the last."""
    from edgeday.replay.first_state import FirstState
    from edgeday.replay.runner import replay

    look_for_cycles_rarely()
    stores = stores or StoreOption()
    memory = FirstState([one.worker for one in loaded] if len(loaded) > 1 else [])
    for one in loaded:
        memory.restore()
        with ExitStack() as stack:
            store = stack.enter_context(stores.opened(one))
            progress = None
            if show_progress:
                from edgeday.commands.progress import progress_bar

                progress = stack.enter_context(progress_bar(one.scenario.name))
            result = replay(
                one,
                seed=seed,
                store=store,
                progress=progress,
                observers=observers,
                strict_worker=strict_worker,
                console=console,
            )
        yield result
        if result.verdict == "partial":
            return


def _show(results: Sequence[ScenarioResult], quiet: bool, *, to_stderr: bool) -> None:
    from edgeday.report import terminal

    console = _console(to_stderr=to_stderr)
    if quiet:
        terminal.show_headlines(console, results)
    else:
        terminal.show(console, results)


def _console(*, to_stderr: bool) -> Console:
    from rich.console import Console

    return Console(stderr=to_stderr, highlight=False, soft_wrap=False)
