"""Fills documents with the output of replays: `python -m tools.doc_runs`.

A document says `<!-- replay: FILE -->` (or `<!-- replay without assumptions: FILE -->`) before a fenced block
and `<!-- end -->` after it; FILE is relative to `scenarios/`. With --check nothing is written, and the exit
code is 1 if a block is not what its replay prints.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from edgeday.replay.runner import replay
from edgeday.report.terminal import as_text
from edgeday.scenario.loader import load_one

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = (ROOT / "worker_port" / "study" / "docs" / "incident.md",)
_BLOCK = re.compile(
    r"(?P<head><!-- replay(?P<bare> without assumptions)?: (?P<file>\S+) -->\n).*?(?P<end><!-- end -->)",
    re.DOTALL,
)


def filled(document: str) -> str:
    """The document with every block as its replay prints it now."""
    return _BLOCK.sub(_fill, document)


def _fill(match: re.Match[str]) -> str:
    output = printed(ROOT / "scenarios" / match["file"], assumptions=not match["bare"])
    return f"{match['head']}```text\n{output}```\n{match['end']}"


def printed(scenario: Path, *, assumptions: bool = True) -> str:
    """What `edgeday replay` prints of one scenario, in 100 columns and without colour."""
    result = replay(load_one(scenario))
    if not assumptions:
        result = replace(result, assumptions=())
    return as_text(result)


def main(arguments: Sequence[str]) -> int:
    """Write the documents, or with --check compare them. Returns the exit code."""
    stale = [path for path in DOCUMENTS if filled(path.read_text("utf-8")) != path.read_text("utf-8")]
    if "--check" in arguments:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not up to date: run python -m tools.doc_runs")
        return 1 if stale else 0
    for path in stale:
        path.write_text(filled(path.read_text("utf-8")), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
