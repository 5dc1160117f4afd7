"""`edgeday logs`: review, archive and delete the error logs of a state file, within the daily quotas."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from edgeday import DAY_S, EXIT_CODES, EXIT_INTERRUPTED, BadInput, Problem, QuotaExceeded, refuse_bad

if TYPE_CHECKING:
    from edgeday import Account, Clock
    from worker_port.study.retention.estimate import Work
    from worker_port.study.retention.work import Done, Retention

T = TypeVar("T")
_UNITS_S = {"d": DAY_S, "h": 3_600, "m": 60, "s": 1}


def _age_s(ctx: click.Context, param: click.Parameter, value: str) -> int:
    """An age such as 30d or 12h, in seconds."""
    match = re.fullmatch(r"\s*(\d{1,6})\s*([dhms])\s*", value, re.ASCII)
    if match is None:
        raise click.BadParameter(f"{value!r} is no age; write 30d or 12h", ctx, param)
    return int(match[1]) * _UNITS_S[match[2]]


@click.group("logs", epilog=EXIT_CODES)
def command() -> None:
    """Review, archive and delete the error logs (ai_error_log:*) that a state file holds in KV.

    A state file comes from `edgeday serve --state` or `edgeday replay --store`. Every KV operation is charged
    to the account's quota of its day, as it would be by Cloudflare; what it will cost is said first.
    """


def _shared(function: Callable[..., None]) -> Callable[..., None]:
    """The argument and the options that every subcommand has."""
    for decorate in (
        click.option("--dry-run", is_flag=True, help="Say what it would cost, and do nothing."),
        click.option(
            "--at", metavar="INSTANT", help="What time it is, such as 2026-03-30T09:00:00Z; default: now."
        ),
        click.option("--account", type=click.Choice(["free", "paid"]), default="free", show_default=True),
        click.option("--namespace", metavar="ID", help="Default: the one namespace that has error logs."),
        click.argument("state", metavar="STATE", type=click.Path(path_type=Path)),
    ):
        function = decorate(function)
    return function


_older_than = click.option(
    "--older-than", "older_than_s", callback=_age_s, required=True, metavar="AGE",
    help="Only entries of at least this age, such as 30d; by their id, else by their timestamp.",
)  # fmt: skip
_yes = click.option("--yes", is_flag=True, help="Do not ask on a terminal.")


@command.command("review", short_help="Count errors by day, step and message.", epilog=EXIT_CODES)
@_shared
def review(**options: Any) -> None:
    """Count errors by day, step and message. Reads every entry: 1 KV read each, and 1 list per 1,000.

    Example: edgeday logs review day.sqlite
    """
    done = _perform(_Request(work="review", **options), lambda retention: retention.review())
    if done is not None:
        from worker_port.study.reports import retention as report

        report.show_review(*done)


@command.command("archive", short_help="Move old errors into a file.", epilog=EXIT_CODES)
@_shared
@_older_than
@click.option(
    "--to", "file", type=click.Path(path_type=Path), required=True, metavar="FILE",
    help="The archive, in JSON lines; one that is there is extended.",
)  # fmt: skip
@click.option("--keep", is_flag=True, help="Leave the entries in KV.")
@_yes
def archive(file: Path, keep: bool, **options: Any) -> None:
    """Move error logs of an age from KV into FILE: write the archive, then delete what is in it.

    Stopped at any moment, it has lost nothing: run it again, and what is in FILE already is not put into it
    twice. What the day's quota does not allow is left for a run after the next 00:00 UTC. `edgeday state PATH
    import FILE` brings the entries back.

    Example: edgeday logs archive day.sqlite --older-than 30d --to errors.jsonl
    """
    request = _Request(work="copy" if keep else "archive", **options)

    async def work(retention: Retention) -> Done:
        from worker_port.study.retention.archive import open_archive

        with open_archive(file) as opened:
            return await retention.archive(opened, request.older_than_s, keep=keep)

    done = _perform(request, work)
    if done is not None:
        from worker_port.study.reports import retention as report

        report.show_done(*done, archive=file, kept=keep)


@command.command("delete", short_help="Delete old errors.", epilog=EXIT_CODES)
@_shared
@_older_than
@_yes
def delete(**options: Any) -> None:
    """Delete error logs of an age from KV, without an archive: 1 KV delete each, and 1 list per 1,000.

    On Free 1,000 go in a day; the rest is left for a run after the next 00:00 UTC.

    Example: edgeday logs delete day.sqlite --older-than 30d --dry-run
    """
    request = _Request(work="delete", **options)
    done = _perform(request, lambda retention: retention.delete(request.older_than_s))
    if done is not None:
        from worker_port.study.reports import retention as report

        report.show_done(*done)


@dataclass(frozen=True, slots=True)
class _Request:
    """What was asked for, as the options say it."""

    work: Work
    state: Path
    namespace: str | None
    account: Account
    at: str | None
    dry_run: bool
    older_than_s: int = 0
    yes: bool = True


def _perform(request: _Request, work: Callable[[Retention], Coroutine[Any, Any, T]]) -> tuple[T, int] | None:
    """Say what the work will cost, ask, and do it: what it gives, and when the day's quotas reset.

    None: it was not to be done. Exits with 2 for bad input, 130 when interrupted: what is done stays done.
    """
    try:
        return asyncio.run(_agree_and_work(request, work))
    except BadInput as bad:
        refuse_bad(bad, "nothing more was done")
    except QuotaExceeded:
        click.echo("today's lists are spent: nothing was done")
        return None
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted: what was done is kept; run it again to go on", err=True)
        raise SystemExit(EXIT_INTERRUPTED) from None


async def _agree_and_work(
    request: _Request, work: Callable[[Retention], Coroutine[Any, Any, T]]
) -> tuple[T, int] | None:
    from worker_port.study.reports import retention as report
    from worker_port.study.retention.account import open_account
    from worker_port.study.retention.estimate import estimate, find_namespace
    from worker_port.study.retention.work import Retention

    clock = _clock(request.at)
    namespace = find_namespace(request.state, request.namespace)
    needed = estimate(request.state, namespace, request.work, clock.now(), request.older_than_s)
    async with open_account(request.state, namespace, request.account, clock) as edge:
        place = f"{request.state}, namespace {namespace}" if namespace else str(request.state)
        report.show_estimate(place, request.work, needed, edge.ledger)
        if not needed.due:
            return None
        if request.dry_run:
            click.echo("dry run: nothing was touched")
            return None
        if not request.yes and _on_terminal() and not click.confirm("Go on?"):
            return None
        return await work(Retention(edge, edge.env.logs)), edge.ledger.resets_at


def _on_terminal() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin.isatty()


def _clock(at: str | None) -> Clock:
    """The clock that stands at an instant, or the system's. Raises BadInput."""
    from edgeday import SystemClock, VirtualClock

    if at is None:
        return SystemClock()
    try:
        return VirtualClock(at)
    except ValueError as error:
        hint = "write an instant such as 2026-03-30T09:00:00Z"
        raise BadInput(Problem("--at", str(error), hint)) from None
