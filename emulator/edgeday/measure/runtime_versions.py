"""What a worker ran on, by name: versions of its runtime, compatibility date, its bundle."""

from __future__ import annotations

from collections.abc import Mapping

BUNDLE = "bundle"
"""The hash of a worker's code."""
_WORDS = {"compatibility_date": "compatibility date", "pyodide": "Pyodide"}


def in_words(name: str) -> str:
    """The name of one of them for a person."""
    return _WORDS.get(name, name)


def runtime_text(runtime: Mapping[str, str]) -> str:
    """All of them: "workerd 2026-11-17, compatibility date 2026-01-01, bundle 0f3a91c2"; "" for none."""
    return ", ".join(f"{in_words(name)} {value or 'not given'}" for name, value in runtime.items())
