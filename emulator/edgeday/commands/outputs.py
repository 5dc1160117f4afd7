"""The reports a command was asked to write: where to, checked before it runs, written when it is over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edgeday.commands.console import refuse_bad
from edgeday.errors import BadInput, Problem

if TYPE_CHECKING:
    from edgeday.measure.results import ScenarioResult
    from edgeday.replay.timeline import Timeline

STDOUT = "-"

_HELP = {
    "json": 'Write the report as JSON; "-" is standard output, as for the three below.',
    "junit": "Write it as JUnit XML: a test case for each budget.",
    "markdown": "Write it as Markdown, for a pull-request comment or a step summary.",
    "html": "Write it as one HTML file with plots, which needs no network.",
}


def report_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options --json, --junit, --markdown and --html."""
    for name, help in reversed(_HELP.items()):
        command = click.option(f"--{name}", f"{name}_path", metavar="PATH", help=help)(command)
    return command


@dataclass(frozen=True, slots=True)
class Outputs:
    """Format -> path or "-", for each report that was asked for. journal: the path of a journal, or None."""

    paths: Mapping[str, str]
    journal: Path | None = None

    @classmethod
    def of(cls, options: Mapping[str, str | None], journal: Path | None = None) -> Outputs:
        """From the values of `report_options`."""
        given = {name.removesuffix("_path"): path for name, path in options.items()}
        return cls({name: path for name, path in given.items() if path is not None}, journal)

    @property
    def to_stdout(self) -> bool:
        """Whether one of them goes to standard output, which then carries nothing else."""
        return STDOUT in self.paths.values()

    def places(self) -> list[str]:
        """The files that are to be written, as they were named."""
        named = [path for path in self.paths.values() if path != STDOUT]
        return named if self.journal is None else [*named, str(self.journal)]

    def problems(self, inputs: Iterable[Path | None] = ()) -> list[Problem]:
        """What is wrong with the paths, as far as it can be told before writing. inputs: what is read."""
        problems: list[Problem] = []
        read = {path.resolve() for path in inputs if path is not None}
        taken: dict[object, str] = {}
        places = {f"--{name}": None if path == STDOUT else Path(path) for name, path in self.paths.items()}
        if self.journal is not None:
            places["--journal"] = self.journal
        for option, path in places.items():
            first = taken.setdefault(None if path is None else path.resolve(), option)
            if first != option:
                place = "standard output" if path is None else str(path)
                problems.append(Problem(option, f"{place} is taken by {first}", "give each its own"))
            elif path is not None and path.resolve() in read:
                problems.append(Problem(option, f"{path} is what is read", "name another file"))
            elif path is not None and path.is_dir():
                problems.append(Problem(option, f"{path} is a directory", "name a file in it"))
            elif path is not None and not path.parent.is_dir():
                problems.append(Problem(option, f"there is no directory {path.parent}", "make it first"))
        return problems

    def write(self, results: Sequence[ScenarioResult], timelines: Sequence[Timeline]) -> list[Problem]:
        """Write the reports, each whole or not at all; gives what went wrong."""
        problems: list[Problem] = []
        for name, path in self.paths.items():
            try:
                write_report(path, _render(name, results, timelines))
            except BadInput as bad:
                problems += bad.problems
        return problems


def write_report(path: str, text: str) -> None:
    """Write a text to standard output, or to a file, whole or not at all. Raises BadInput."""
    from edgeday.files import write_whole

    if path == STDOUT:
        click.echo(text.encode("utf-8", "replace"), nl=False)
    else:
        write_whole(Path(path), text)


def write_rendered(outputs: Outputs, renderers: Mapping[str, Callable[[], str]]) -> None:
    """Write each report that was asked for; exits with code 2 if one cannot be written.

    renderers: format -> what makes its text.
    """
    for name, path in outputs.paths.items():
        try:
            write_report(path, renderers[name]())
        except BadInput as bad:
            refuse_bad(bad, "the report was not written")


def _render(name: str, results: Sequence[ScenarioResult], timelines: Sequence[Timeline]) -> str:
    if name == "html":
        from edgeday.report import html

        return html.render(results, timelines)
    if name == "junit":
        from edgeday.report import junit

        return junit.render(results)
    if name == "markdown":
        from edgeday.report import markdown

        return markdown.render(results)
    from edgeday.report import json_report

    return json_report.render(results)
