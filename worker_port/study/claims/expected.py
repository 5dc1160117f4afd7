"""Verdicts that were expected, from a file, and which of them have changed.

The file is a report of `edgeday claims --json`; only the numbers and verdicts in it are looked at.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from edgeday.errors import BadInput, Problem
from worker_port.study.claims.all_claims import CLAIMS
from worker_port.study.claims.model import Checked, Verdict

MAX_BYTES = 1024 * 1024
_HOW = "make it with `edgeday claims --json FILE`"


class Surprise(NamedTuple):
    """A claim whose verdict is another one than expected."""

    number: int
    expected: Verdict
    found: Verdict


def load_expected(path: Path) -> dict[int, Verdict]:
    """Read expected verdicts by claim number. Raises BadInput, with all that is wrong."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise BadInput(Problem(str(path), f"cannot be read: {error.strerror}", _HOW)) from None
    if len(data) > MAX_BYTES:
        raise BadInput(Problem(str(path), f"is larger than the {MAX_BYTES:,} bytes that it may have"))
    try:
        rows = json.loads(data)["claims"]
        if not isinstance(rows, list):
            raise TypeError
    except json.JSONDecodeError as error:
        where = f"{path}:{error.lineno}:{error.colno}"
        raise BadInput(Problem(where, f"not JSON: {error.msg}", _HOW)) from None
    except (UnicodeDecodeError, RecursionError, KeyError, TypeError):
        raise BadInput(Problem(str(path), 'is no report on claims: it has no list "claims"', _HOW)) from None
    expected: dict[int, Verdict] = {}
    problems: list[Problem] = []
    for place, row in enumerate(rows):
        try:
            number, verdict = _row(row)
        except ValueError as error:
            problems.append(Problem(f"{path}: claims.{place}", str(error)))
        else:
            expected[number] = verdict
    if problems:
        raise BadInput(problems)
    return expected


def _row(row: Any) -> tuple[int, Verdict]:
    number = row.get("number") if isinstance(row, dict) else None
    if number not in {claim.number for claim in CLAIMS}:
        raise ValueError(f"{number!r} is the number of no claim")
    try:
        return int(number), Verdict(row.get("verdict"))
    except ValueError:
        allowed = ", ".join(f'"{verdict}"' for verdict in Verdict)
        raise ValueError(
            f"claim {number}: {row.get('verdict')!r} is no verdict; there are {allowed}"
        ) from None


def surprises(checked: Sequence[Checked], expected: Mapping[int, Verdict]) -> list[Surprise]:
    """The claims that were checked and expected, with different verdicts."""
    return [
        Surprise(claim.number, expected[claim.number], outcome.verdict)
        for claim, outcome in checked
        if expected.get(claim.number, outcome.verdict) != outcome.verdict
    ]
