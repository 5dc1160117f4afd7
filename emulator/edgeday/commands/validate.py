"""`edgeday validate`: check scenario files without replaying them."""

from __future__ import annotations

from pathlib import Path

import click

from edgeday.commands.cli import EXIT_CODES
from edgeday.commands.console import refuse_bad, say_what_runs
from edgeday.commands.worker_options import worker_options
from edgeday.errors import BadInput


@click.command("validate", epilog=EXIT_CODES)
@click.argument("files", nargs=-1, metavar="FILE...", type=click.Path(path_type=Path))
@worker_options
@click.option(
    "--schema", is_flag=True, help="Print the JSON Schema of scenario files, for editors, and stop."
)
def command(files: tuple[Path, ...], worker: str, variant: str, schema: bool) -> None:
    """Check scenario files without replaying them.

    Every problem is shown in one go, as file:line:column.

    Example: edgeday validate scenarios/*.yaml
    """
    from edgeday.scenario.loader import OtherWorker, json_schema, load

    if schema:
        click.echo(json_schema(), nl=False)
        return
    if not files:
        raise click.UsageError("name one scenario file or more, or --schema")
    try:
        loaded = load(files, OtherWorker(worker, variant))
    except BadInput as bad:
        refuse_bad(bad, "fix them and validate again")
    say_what_runs(loaded)
    for one in loaded:
        click.echo(f"{one.path}: {one.scenario.name} is a valid scenario")
