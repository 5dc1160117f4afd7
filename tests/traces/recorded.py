"""The golden traces as files: cases of one variant and group each, with their steps."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Case:
    """One recorded case; `data` is as in the file."""

    variant: str
    group: str
    name: str
    data: dict[str, Any]

    @property
    def tags(self) -> list[str]:
        return self.data.get("tags", [])


def load(place: Path) -> list[Case]:
    """The cases of a file, or of every `*.json` below a directory.

    Raises OSError and ValueError, which name the file, for what is none.
    """
    if not place.exists():
        raise ValueError(f"{place}: there is no such directory")
    files = [place] if place.is_file() else sorted(place.rglob("*.json"))
    if not files:
        raise ValueError(f"{place}: no golden traces (*.json of format 1) in it")
    cases: list[Case] = []
    for file in files:
        try:
            recorded = json.loads(file.read_text(encoding="utf-8"))
        except ValueError as problem:
            raise ValueError(f"{file}: not JSON: {problem}") from None
        if not isinstance(recorded, dict) or recorded.get("format") != 1:
            raise ValueError(f"{file}: not a file of golden traces of format 1")
        try:
            cases += [Case(case["variant"], case["group"], case["name"], case) for case in recorded["cases"]]
        except (KeyError, TypeError) as problem:
            raise ValueError(f"{file}: a case that is none: {problem!r}") from None
    return cases
