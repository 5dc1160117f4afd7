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
    """The cases of a file, or of every `*.json` below a directory. Raises ValueError for another format."""
    files = [place] if place.is_file() else sorted(place.rglob("*.json"))
    if not files:
        raise ValueError(f"{place} has no *.json")
    cases: list[Case] = []
    for file in files:
        recorded = json.loads(file.read_text(encoding="utf-8"))
        if recorded.get("format") != 1:
            raise ValueError(f"{file} is not of format 1")
        cases += [Case(case["variant"], case["group"], case["name"], case) for case in recorded["cases"]]
    return cases
