"""The `edgeday` command: what there is to run, and what its exit codes mean.

Commands live in `edgeday.commands` or are brought by extensions, and are imported when they are run, so that
`--help` is quick.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from edgeday.commands.console import EXIT_INTERRUPTED, EXIT_WORKER_RAISED, refuse_bad
from edgeday.commands.streams import forgiving_streams
from edgeday.errors import BadInput, WorkerMisbehaved, nearest
from edgeday.extensions import CommandRow, installed, resolve
from edgeday.runtime.entry import importable_from_here

EXIT_CODES = """\b
Exit codes: 0 within budget
            1 a budget is broken, the run tested nothing (void), or a check
              that was asked for failed
            2 bad input
            3 the worker misbehaved: it exits, hangs, opens a socket, starts a
              thread (or, with --strict-worker, raised)
            130 interrupted"""
"""What a command's help says of its exit codes."""

_COMMANDS: Mapping[str, CommandRow] = {
    name: CommandRow(f"edgeday.commands.{name}:command", help)
    for name, help in {
        "replay": "Replay scenarios against a worker and check their budgets.",
        "serve": "Serve a local Cloudflare for wrangler, the SDK and browsers.",
        "compare": "Show what differs between two scenarios, workers or variants.",
        "capacity": "Find the largest day that fits the limits.",
        "baseline": "Keep the metrics of a run, to compare later runs with.",
        "state": "Show what a state file holds; export and import it.",
        "explain": "Say what a metric means and how it is counted.",
        "init": "Write a first scenario of your worker.",
        "validate": "Check scenario files without replaying them.",
    }.items()
}


def _commands() -> Mapping[str, CommandRow]:
    """The commands of edgeday, and those that installed packages bring."""
    brought: dict[str, CommandRow] = {}
    for extension in installed():
        brought |= extension.commands
    return {**_COMMANDS, **{name: row for name, row in brought.items() if name not in _COMMANDS}}


class _Lazy(click.Group):
    """A group that imports a command only when it is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_commands())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        row = _COMMANDS.get(cmd_name) or _commands().get(cmd_name)
        if row is None:
            return None
        return resolve(row.command, click.Command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in _COMMANDS and not name.startswith("-") and name not in (known := _commands()):
            near = nearest(name, known)
            hint = f" Did you mean {near!r}?" if near else f" There are: {', '.join(known)}."
            raise click.UsageError(f"no command {name!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def main(self, *arguments: Any, **options: Any) -> Any:
        with forgiving_streams(), importable_from_here():
            try:
                return super().main(*arguments, **options)
            except BadInput as bad:  # an extension that cannot be used
                refuse_bad(bad, "nothing was run")

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except WorkerMisbehaved as misbehaved:  # while it is imported
            click.echo(str(misbehaved), err=True)
            raise SystemExit(EXIT_WORKER_RAISED) from None
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            raise SystemExit(EXIT_INTERRUPTED) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        brought = {name: row for name, row in _commands().items() if name not in _COMMANDS}
        for title, rows in (("Commands", _COMMANDS), ("Commands of installed packages", brought)):
            if rows:
                with formatter.section(title):
                    formatter.write_dl([(name, row.help) for name, row in rows.items()])


@click.group(cls=_Lazy, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="edgeday", prog_name="edgeday")
def main() -> None:
    """Does a day of this traffic fit the account's quota, and what is lost when it does not?

    edgeday replays scenario files against a worker on a local Cloudflare: Workers KV with its daily
    quotas, the Cache API with real expiry, and invocations with their subrequest limits. Time is
    virtual: a day takes a moment.

    Example: edgeday replay scenarios/normal-day.yaml
    """
