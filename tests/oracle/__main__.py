"""`python -m tests.oracle`: hold the port against the original worker for whole days."""

from __future__ import annotations

from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path

import click

from edgeday.hosting.javascript.binary import find_workerd
from tests.oracle import days
from tests.oracle.comparing import Comparison, compared
from tests.oracle.kept import kept, path_of, write
from tests.oracle.originals import COMMITS, original, sha256_of, why_missing
from tests.oracle.prompts import given
from tests.oracle.recording import Recorded, recorded
from worker_port import AiDietWorker


def held_against_each_other(day: str, variant: str, workerd: Path) -> tuple[Comparison, Recorded]:
    """One day through both; what the original did."""
    before = days.outbound(day)
    with redirect_stderr(StringIO()):  # what it logs to the console
        theirs = recorded(days.loaded(day, variant, original(variant, workerd)), outbound=before)
    ours = recorded(days.loaded(day, variant, AiDietWorker), outbound=before, prompts=given(theirs.prompts))
    return compared(theirs, ours), theirs


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--day", "wanted", multiple=True, type=click.Choice(list(days.DAYS)), help="Default: all.")
@click.option("--variant", "variants", multiple=True, type=click.Choice(days.VARIANTS), help="Default: all.")
@click.option("--workerd", help="The binary; else EDGEDAY_WORKERD, else that of node_modules.")
@click.option("--keep", is_flag=True, help="Write what the original did to tests/traces/days, if both agree.")
def main(wanted: tuple[str, ...], variants: tuple[str, ...], workerd: str | None, *, keep: bool) -> None:
    """Replay days through the original worker and through its port, and compare every operation.

    The original is not in this repository. It is worker.js of https://github.com/Radilovk/aidiet at the
    commit of each variant, and is looked for as .original/VARIANT/worker.js (EDGEDAY_ORIGINAL names another
    folder than .original). Exits with 1 if anything differs.
    """
    runtime = find_workerd(Path.cwd(), workerd)
    differing = 0
    for variant in variants or days.VARIANTS:
        if why := why_missing(variant):
            raise click.ClickException(why)
        for day in wanted or days.DAYS:
            comparison, theirs = held_against_each_other(day, variant, runtime.path)
            differing += len(comparison.differing)
            first, *more = comparison.lines()
            click.echo(f"{variant} ({COMMITS[variant]}), {day}: {first}")
            for line in more:
                click.echo(line)
            if keep and not comparison.differing:
                of = {
                    "variant": variant,
                    "day": day,
                    "commit": COMMITS[variant],
                    "worker_sha256": sha256_of(variant),
                    "workerd": runtime.version,
                }
                write(kept(theirs, of), path_of(day, variant))
    raise SystemExit(1 if differing else 0)


if __name__ == "__main__":
    main()
