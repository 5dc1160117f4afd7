"""Text on a terminal, in lines that end where their words end."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text


def print_lines(console: Console, text: str, *, style: str = "", indent: int = 0) -> None:
    """Print a text, its lines broken between words and moved to the right."""
    for line in Text(text, style=style).wrap(console, max(console.width - indent, 1)):
        line.rstrip()
        console.print(Text(" " * indent) + line)
