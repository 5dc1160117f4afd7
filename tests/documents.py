"""Runs a Markdown page: writes the files it shows and enters the commands it shows, in its order.

A fenced block after a line that is only a path in backticks and a colon is that file. A `console` block
holds commands after `$ `, each with its output; `...` stands for any number of lines, and how long a run
took does not matter. Everything else is for the reader.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
_BLOCK = re.compile(
    r"^(?:`(?P<path>[^`\n]+)`:\n)?```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
# How wide, coloured and full the output is: the pages show what a terminal of 80 columns gets.
_CHANGES_OUTPUT = frozenset({"CI", "BUILD_NUMBER", "COLUMNS", "FORCE_COLOR", "PY_COLORS"})
_DURATION = re.compile(r"\b\d+\.\d\ds\b")


class Block(NamedTuple):
    """A fenced block. path: the file it is, or ""."""

    path: str
    kind: str
    text: str


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page, named from the top of the project."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return [Block(match["path"] or "", match["kind"], match["text"]) for match in _BLOCK.finditer(text)]


def commands(block: Block) -> Iterator[tuple[str, list[str]]]:
    """The commands of a console block, each with the lines of its output."""
    for part in block.text.split("$ ")[1:]:
        command, *output = part.splitlines()
        yield command, output


def enter(command: str, directory: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a shell command as a user of this Python would, who has no plugins but those the pages name."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    others = "-p no:hypothesispytest -p no:anyio -p no:xdist -p no:cacheprovider"
    base = {name: value for name, value in os.environ.items() if name not in _CHANGES_OUTPUT}
    environment = {**base, "PATH": path, "PYTEST_ADDOPTS": others, **variables}
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=directory, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def mismatch(expected: list[str], printed: list[str]) -> str:
    """The first shown line that was not printed where the page has it, or ""."""
    rest = [_DURATION.sub("TIME", line.rstrip()) for line in printed]
    anywhere = False
    for line in (_DURATION.sub("TIME", line.rstrip()) for line in expected):
        if line == "...":
            anywhere = True
        elif line not in rest or (rest[0] != line and not anywhere):
            return line
        else:
            rest = rest[rest.index(line) + 1 :]
            anywhere = False
    return "" if anywhere or not rest else f"nothing more, but there was: {rest[0]}"


def run_page(page: str, directory: Path) -> int:
    """Do what a page shows; the number of commands that were run. Fails where the output differs."""
    count = 0
    for block in blocks(page):
        if block.path:
            target = directory / block.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text, encoding="utf-8")
        elif block.kind == "console":
            for command, expected in commands(block):
                process = enter(command, directory)
                printed = (process.stdout + process.stderr).splitlines()
                wrong = mismatch(expected, printed)
                assert not wrong, f"{page}: $ {command}\nexpected: {wrong}\nprinted:\n" + "\n".join(printed)
                count += 1
    return count
