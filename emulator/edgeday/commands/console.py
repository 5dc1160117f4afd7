"""What the commands share: consoles, and how bad input and a raising worker are shown."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

from edgeday.errors import BadInput, Problem

EXIT_BROKEN = 1
"""A budget is broken, or a check that was asked for failed."""
EXIT_BAD_INPUT = 2
"""The input cannot be used."""
EXIT_WORKER_RAISED = 3
"""The worker raised where the scenario did not expect it."""
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


@contextmanager
def spoken_progress() -> Iterator[Callable[[str], None]]:
    """Gives what to call with the name of what comes next; it shows on a terminal and nowhere else."""
    if not sys.stderr.isatty():
        yield lambda _what: None
        return
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        yield status.update
