"""A command of the package's own."""

import click


@click.command("receipts")
@click.argument("count", type=int)
def command(count: int) -> None:
    """Print so many receipts."""
    for number in range(1, count + 1):
        click.echo(f"receipt {number}")
