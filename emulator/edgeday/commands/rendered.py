"""Reports that are texts of their own: written where the options say, each whole or not at all."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from edgeday.commands.console import refuse_bad
from edgeday.commands.outputs import Outputs, write_report
from edgeday.errors import BadInput


def write_rendered(outputs: Outputs, renderers: Mapping[str, Callable[[], str]]) -> None:
    """Write each report that was asked for; exits with code 2 if one cannot be written.

    renderers: format -> what makes its text.
    """
    for name, path in outputs.paths.items():
        try:
            write_report(path, renderers[name]())
        except BadInput as bad:
            refuse_bad(bad, "the report was not written")


@contextmanager
def spoken_progress() -> Iterator[Callable[[str], None]]:
    """Gives what to call with the name of what comes next; it shows on a terminal and nowhere else."""
    if not sys.stderr.isatty():
        yield lambda _what: None
        return
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        yield status.update
