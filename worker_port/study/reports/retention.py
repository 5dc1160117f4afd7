"""What retention work says before and after, on a terminal of 80 columns."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from rich.console import Console
from rich.text import Text

from edgeday import Columns, Ledger, number_in_words, utc
from worker_port.study.retention.estimate import Estimate, Work, left_today
from worker_port.study.retention.work import Done, Review

_VERBS = {"review": "read", "archive": "archived and deleted", "copy": "archived", "delete": "deleted"}


def show_estimate(what: str, work: Work, estimate: Estimate, ledger: Ledger) -> None:
    """Print how many entries are due, and what that will cost in KV operations."""
    console = Console(highlight=False)
    console.print(Text(f"{what}: {_entries(estimate.entries)}, {estimate.due:,} to be {_VERBS[work]}"))
    if estimate.undated:
        console.print(
            Text(f"{_entries(estimate.undated)} without a time in the id: 1 read each to know its age")
        )
    if not estimate.due:
        console.print("nothing to do")
        return
    table = Columns(("it will cost", "needed", "left today", "limit a day"), "lrrr")
    for op, count in estimate.needed.items():
        limit = ledger.limit(op)
        table.add(
            f"KV {op}s",
            number_in_words(count),
            "no limit" if limit is None else number_in_words(left_today(ledger, op)),
            "-" if limit is None else number_in_words(limit),
        )
    console.print(table)
    for op, count in estimate.needed.items():
        left = left_today(ledger, op)
        if left is not None and left < count:
            share = f"today's share is {left:,} of {count:,} {op}s; go on after {_instant(ledger.resets_at)}"
            console.print(Text(f"{share}, {estimate.days(ledger)} days in all"))


def show_review(review: Review, resets_at: int) -> None:
    """Print errors by day, step and message, the newest day first."""
    console = Console(highlight=False)
    table = Columns(("day (UTC)", "errors", "step", "message"), "lrll")
    latest: date | None = None
    for (day, step, message), count in sorted(review.errors.items(), key=_order):
        is_new = day != latest or not table.rows
        table.add((day.isoformat() if day else "unknown") if is_new else "", f"{count:,}", step, message)
        latest = day
    console.print()
    console.print(table)
    console.print()
    console.print(Text(f"{_entries(review.errors.total())} reviewed"))
    if review.unread:
        console.print(
            Text(f"{_entries(review.unread)} not read: today's reads are spent until {_instant(resets_at)}")
        )


def _order(row: tuple[tuple[date | None, str, str], int]) -> tuple[int, int, str, str]:
    (day, step, message), count = row
    return -(day.toordinal() if day else 0), -count, step, message


def show_done(done: Done, resets_at: int, *, archive: Path | None = None, kept: bool = False) -> None:
    """Print what a share of the work has done, and when to go on."""
    console = Console(highlight=False)
    if archive is not None:
        console.print(Text(f"{archive}: {_entries(done.archived)} added"), soft_wrap=True)
    if not kept:
        console.print(Text(f"{_entries(done.deleted)} deleted"))
    if done.spent is not None:
        left = f"{done.left:,} are left: " if done.left else ""
        console.print(
            Text(
                f"{left}today's KV {done.spent}s are spent; run it again after {_instant(resets_at)}",
                style="yellow",
            )
        )


def _entries(count: int) -> str:
    return f"{count:,} error log" + ("" if count == 1 else "s")


def _instant(at: float) -> str:
    return utc(at).strftime("%Y-%m-%d %H:%M UTC")
