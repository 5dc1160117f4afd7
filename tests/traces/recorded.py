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


def load(directory: Path) -> list[Case]:
    """The cases of every `*.json` of a directory. Raises ValueError for a file of another format."""
    files = sorted(directory.glob("*.json"))
    if not files:
        raise ValueError(f"{directory} has no *.json")
    cases: list[Case] = []
    for file in files:
        recorded = json.loads(file.read_text(encoding="utf-8"))
        if recorded.get("format") != 1:
            raise ValueError(f"{file} is not of format 1")
        cases += [Case(case["variant"], case["group"], case["name"], case) for case in recorded["cases"]]
    return cases
