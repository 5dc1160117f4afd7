"""`edgeday state`: what a state file holds; export and import as JSON lines."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edgeday.commands.cli import EXIT_CODES
from edgeday.commands.console import refuse_bad
from edgeday.errors import BadInput, Problem

if TYPE_CHECKING:
    from rich.console import Console

    from edgeday.ledger import Usage
    from edgeday.report.columns import Columns
    from edgeday.storage.summary import Holding, Summary


@click.group(
    "state",
    invoke_without_command=True,
    subcommand_metavar="[export | import FILE]",
    epilog=EXIT_CODES,
)
@click.argument("path", metavar="PATH", type=click.Path(path_type=Path))
@click.pass_context
def command(ctx: click.Context, path: Path) -> None:
    """Show what a state file holds: namespaces, caches, and counters by day.

    Expired entries count until they are swept: a file does not know which clock it lives by.

    Example: edgeday state day.sqlite
    """
    ctx.obj = path
    if ctx.invoked_subcommand is not None:
        return
    from rich.console import Console

    from edgeday.storage.summary import summarize

    try:
        summary = summarize(path)
    except BadInput as bad:
        refuse_bad(bad, "nothing was shown")
    _show(Console(highlight=False), path, summary)


@command.command("export")
@click.option("--to", type=click.Path(path_type=Path), metavar="FILE", help="Default: standard output.")
@click.pass_obj
def export(path: Path, to: Path | None) -> None:
    """Write everything as JSON lines: a header, then one record a line.

    FILE is written whole or not at all. The state file may be in use.

    Example: edgeday state day.sqlite export --to day.jsonl
    """
    from edgeday.files import WholeFile
    from edgeday.storage.json_lines import export_lines

    lines = export_lines(path)
    try:
        if to is not None and to.resolve() == path.resolve():
            raise BadInput(Problem("--to", f"{to} is the state file itself", "name another file"))
        if to is None:
            for line in lines:
                sys.stdout.buffer.write(line)
            return
        first = next(lines)  # before a file is begun
        file = WholeFile(to)
        try:
            file.write(first)
            for line in lines:
                file.write(line)
            file.keep()
        finally:
            file.discard()
    except BadInput as bad:
        refuse_bad(bad, "nothing was exported")


@command.command("import")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, allow_dash=True))
@click.pass_obj
def import_(path: Path, file: Path) -> None:
    """Put the records of an export into the state file, made if there is none.

    A record replaces what the file holds under the same name; the rest stays. All of them are imported
    or none. FILE "-" is standard input.

    Example: edgeday state copy.sqlite import day.jsonl
    """
    try:
        if str(file) == "-":
            counts = _import(path, sys.stdin.buffer, "standard input")
        else:
            with file.open("rb") as lines:
                counts = _import(path, lines, str(file))
    except OSError as error:
        refuse_bad(BadInput(Problem(str(file), f"cannot be read: {error.strerror}")), "nothing was imported")
    except BadInput as bad:
        refuse_bad(bad, "nothing was imported")
    click.echo(f"{path}: imported {counts}")


def _import(path: Path, lines: Iterable[bytes], source: str) -> str:
    from edgeday.storage.json_lines import import_lines

    counts = import_lines(path, lines, source)
    return (
        f"{_count(counts['kv'], 'key', 'keys')}, {_count(counts['cache'], 'cache entry', 'cache entries')}, "
        f"{_count(counts['counters'], 'counter', 'counters')}"
    )


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _show(console: Console, path: Path, summary: Summary) -> None:
    if summary.namespaces:
        console.print(_holdings("Namespace", "Keys", summary.namespaces), "")
    if summary.caches:
        console.print(_holdings("Cache", "Entries", summary.caches), "")
    if summary.days:
        console.print(_days(summary), "")
    console.print(
        f"{path}: {_count(len(summary.namespaces), 'namespace', 'namespaces')}, "
        f"{_count(len(summary.caches), 'cache', 'caches')}, "
        f"{_count(len(summary.days), 'day', 'days')} with KV operations",
        soft_wrap=True,
    )


def _holdings(name: str, entries: str, rows: Iterable[Holding]) -> Columns:
    from rich.filesize import decimal

    from edgeday.clock import utc
    from edgeday.report.columns import Columns

    table = Columns((name, entries, "Size", "Expiring", "Last write (UTC)"), "lrrrr", header="bold")
    for row in rows:
        last_write = utc(row.last_write_at).strftime("%Y-%m-%d %H:%M")
        table.add(row.name, f"{row.entries:,}", decimal(row.size_bytes), f"{row.expiring:,}", last_write)
    return table


def _days(summary: Summary) -> Columns:
    from edgeday.clock import DAY_S, utc
    from edgeday.ledger import Op
    from edgeday.report.columns import Columns

    table = Columns(("Day (UTC)", *(f"{op.capitalize()}s" for op in Op)), "l" + "r" * len(Op), header="bold")
    for day, usage in summary.days.items():
        table.add(utc(day * DAY_S).date().isoformat(), *(_spent(usage[op]) for op in Op))
    return table


def _spent(usage: Usage) -> str:
    refused = f" (+{usage.refused:,} refused)" if usage.refused else ""
    return f"{usage.accepted:,}{refused}"
