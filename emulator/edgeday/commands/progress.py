"""A progress bar for a terminal: requests done, and the virtual time of day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from edgeday.clock import utc


@contextmanager
def progress_bar(name: str) -> Iterator[Callable[[int, int, float], None]]:
    """Show a bar on standard error while the block runs; gives what to call after each request."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[clock]}"),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task(name, clock="", total=None)

        def moved(done: int, total: int, at: float) -> None:
            bar.update(task, completed=done, total=total, clock=utc(at).strftime("%d %b %H:%M UTC"))

        yield moved
