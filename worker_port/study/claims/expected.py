"""Verdicts that were expected, from a file, and which of them have changed.

The file is a report of `edgeday claims --json`; only the numbers and verdicts in it are looked at.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from edgeday import BadInput, Problem, read_capped
from worker_port.study.claims.all_claims import CLAIMS
from worker_port.study.claims.model import Checked, Verdict

MAX_BYTES = 1024 * 1024
_MISSING = "cannot be read: there is no such file"
_HOW = "make it with `edgeday claims --json FILE`"


class Surprise(NamedTuple):
    """A claim whose verdict is another one than expected."""

    number: int
    expected: Verdict
    measured: Verdict


def load_expected(path: Path) -> dict[int, Verdict]:
    """Read expected verdicts by claim number. Raises BadInput, with all that is wrong."""
    data = read_capped(path, MAX_BYTES, kind="a report on claims", missing=_MISSING, hint=_HOW)
    try:
        rows = json.loads(data)["claims"]
        if not isinstance(rows, list):
            raise TypeError
    except json.JSONDecodeError as error:
        what = f"not JSON: {error.msg}"
        raise BadInput(Problem(str(path), what, _HOW, error.lineno, error.colno)) from None
    except (UnicodeDecodeError, RecursionError, KeyError, TypeError):
        raise BadInput(Problem(str(path), 'is no report on claims: it has no list "claims"', _HOW)) from None
    expected: dict[int, Verdict] = {}
    problems: list[Problem] = []
    for place, row in enumerate(rows):
        try:
            number, verdict = _row(row)
        except ValueError as error:
            problems.append(Problem(str(path), f"claims.{place}: {error}"))
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
