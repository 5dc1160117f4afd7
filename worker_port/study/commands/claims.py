"""`edgeday claims`: the design document's statements, each checked by measuring it now."""

from __future__ import annotations

from pathlib import Path

import click

from edgeday import (
    EXIT_BROKEN,
    EXIT_CODES,
    EXIT_INTERRUPTED,
    BadInput,
    Outputs,
    Problem,
    refuse,
    refuse_bad,
    spoken_progress,
    write_rendered,
)


@click.command("claims", epilog=EXIT_CODES)
@click.argument("numbers", nargs=-1, type=int, metavar="[NUMBER]...")
@click.option("--json", "json_path", metavar="PATH", help='Write it as JSON; "-" is standard output.')
@click.option("--markdown", "markdown_path", metavar="PATH", help='Write it as Markdown; "-" likewise.')
@click.option(
    "--expect",
    "expect_path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Exit with 1 if a verdict differs from the one in FILE, an earlier --json.",
)
def command(
    numbers: tuple[int, ...], json_path: str | None, markdown_path: str | None, expect_path: Path | None
) -> None:
    """Check the statements of the design document, all or those with these numbers.

    Each is measured when this runs; nothing is looked up. They are in the order of what comes of believing
    them: what breaks production first, what holds last. This is a report: its exit code is 0 whatever the
    verdicts are, unless --expect asks for certain ones.

    Example: edgeday claims 7 27 --json claims.json
    """
    from worker_port.study.claims.all_claims import CLAIMS, check_claims
    from worker_port.study.claims.expected import load_expected, surprises
    from worker_port.study.reports import claims as report

    outputs = Outputs.of({"json": json_path, "markdown": markdown_path})
    problems = outputs.problems()
    for number in numbers:
        if not 1 <= number <= len(CLAIMS):
            problems.append(Problem("NUMBER", f"{number} is no claim", f"there are 1 to {len(CLAIMS)}"))
    if problems:
        refuse(problems, "nothing was measured")
    try:
        expected = {} if expect_path is None else load_expected(expect_path)
        with spoken_progress() as progress:
            checked = check_claims(numbers, progress=progress)
    except BadInput as bad:
        refuse_bad(bad, "nothing was measured")
    except KeyboardInterrupt:
        click.echo("interrupted; nothing is reported", err=True)
        raise SystemExit(EXIT_INTERRUPTED) from None
    differing = surprises(checked, expected)
    write_rendered(
        outputs, {"json": lambda: report.render(checked), "markdown": lambda: report.markdown(checked)}
    )
    from rich.console import Console

    if not outputs.to_stdout:
        report.show(Console(highlight=False), checked, differing)
    if differing:
        raise SystemExit(EXIT_BROKEN)
