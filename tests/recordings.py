"""The directory of recorded cases that a command-line option may put in the place of the bundled one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, TypeVar

import pytest

Case = TypeVar("Case")


class Recordings(Generic[Case]):
    """Cases in `bundled`, or below the directory that `option` names.

    load: reads a directory; raises OSError or ValueError. kind: what the cases are. fields: of a case.
    """

    def __init__(
        self, option: str, bundled: Path, load: Callable[[Path], Sequence[Case]], kind: str, fields: str
    ) -> None:
        self._option = option
        self._bundled = bundled
        self._load = load
        self._kind = kind
        self._fields = fields

    def add_option(self, parser: pytest.Parser) -> None:
        """Add the option to pytest's."""
        parser.addoption(
            self._option,
            metavar="DIR",
            type=Path,
            default=self._bundled,
            help=f"run the {self._kind} (*.json of format 1) below this directory instead",
        )

    def cases(self, config: pytest.Config) -> Sequence[Case]:
        """All cases there."""
        return self._load(self._place(config))

    def refuse_unreadable(self, config: pytest.Config) -> None:
        """End the run, before anything is collected, where the directory given holds no such cases."""
        if self._place(config) == self._bundled:
            return
        try:
            self.cases(config)
        except (OSError, ValueError) as problem:
            raise pytest.UsageError(
                f"{self._option}: {problem}; expected is a directory with {self._kind}, "
                f'as {{"format": 1, "cases": [{{{self._fields}}}]}} in *.json'
            ) from None

    def _place(self, config: pytest.Config) -> Path:
        place: Path = config.getoption(self._option)
        return config.invocation_params.dir / place
