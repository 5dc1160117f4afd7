"""The golden traces as files: cases of one variant and group each, with their steps."""

from __future__ import annotations

from dataclasses import dataclass
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


def case_of(row: Any) -> Case:
    """A case from its JSON. Raises KeyError or TypeError for what is none."""
    return Case(row["variant"], row["group"], row["name"], row)
