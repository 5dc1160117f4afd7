"""What the commands share: consoles, and how bad input and a raising worker are shown."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from edgeday.errors import BadInput, Problem

if TYPE_CHECKING:
    from edgeday.scenario.loader import Loaded

EXIT_BROKEN = 1
"""A budget is broken, a run tested nothing, or a check that was asked for failed."""
EXIT_BAD_INPUT = 2
"""The input cannot be used."""
EXIT_WORKER_RAISED = 3
"""The worker misbehaved, or raised in a strict replay."""
EXIT_INTERRUPTED = 130
"""Somebody pressed Ctrl-C."""


def refuse(problems: Sequence[Problem], consequence: str) -> NoReturn:
    """Show every problem on standard error, then what was not done; exit with code 2."""
    for problem in problems:
        print(problem, file=sys.stderr)
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    print(f"{count}; {consequence}", file=sys.stderr)
    raise SystemExit(EXIT_BAD_INPUT)


def refuse_bad(bad: BadInput, consequence: str) -> NoReturn:
    """`refuse` for the problems of an exception."""
    refuse(bad.problems, consequence)


def warn(warnings: Iterable[str]) -> None:
    """Show warnings on standard error, each once; files below the current directory from there."""
    here = f"{Path.cwd()}/"
    for warning in dict.fromkeys(one.removeprefix(here) for one in warnings):
        print(f"warning: {warning}", file=sys.stderr)


def say_what_runs(loaded: Sequence[Loaded]) -> None:
    """Show on standard error which workers run, and what there is to warn of."""
    for runs in dict.fromkeys(one.runs for one in loaded if one.runs):
        print(f"worker  {runs}", file=sys.stderr)
    warn(warning for one in loaded for warning in one.warnings)


@contextmanager
def spoken_progress() -> Iterator[Callable[[str], None]]:
    """Gives what to call with the name of what comes next; it shows on a terminal and nowhere else."""
    if not sys.stderr.isatty():
        yield lambda _what: None
        return
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        yield status.update
