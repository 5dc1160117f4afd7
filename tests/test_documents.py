"""All documents: their links lead somewhere, and the commands that they name are there with those options."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
import pytest

from edgeday.commands.cli import main
from tests.documents import ROOT

DOCUMENTS = sorted(
    str(path.relative_to(ROOT))
    for folder in (ROOT, ROOT / "docs", ROOT / "worker_port/study/docs")
    for path in folder.glob("*.md")
)
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROMPTS = {"sh": "", "yaml": " +", "console": r"\$ "}
"""What stands in front of a command in a block of this kind."""
BROUGHT = {"docs/extending.md": {"addresses"}}
"""Commands of packages that a page makes itself."""


def text_of(document: str) -> str:
    return (ROOT / document).read_text("utf-8")


def anchors(text: str) -> set[str]:
    """The names that headings get from GitHub."""
    headings = re.findall(r"^#+ (.*)$", BLOCK.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_of_a_document_leads_to_a_file_and_to_a_heading_of_it(document):
    text = text_of(document)
    for path, anchor in re.findall(r"\]\((?!\w+:)([^)#\s]*)#?([^)\s]*)\)", text):
        target = (ROOT / document).parent / path if path else ROOT / document
        assert target.exists(), path
        assert not anchor or anchor in anchors(target.read_text("utf-8")), f"{path}#{anchor}"


def commands_of(document: str) -> Iterator[tuple[str, list[str]]]:
    """Name and words of each command, in blocks and in running text."""
    text = text_of(document)
    lines = re.findall(r"`edgeday ([a-z][^`]*)`", BLOCK.sub("", text))
    for kind, block in BLOCK.findall(text):
        if kind in PROMPTS:
            lines += re.findall(rf"^{PROMPTS[kind]}edgeday ([^\n|>#]*)", block, re.MULTILINE)
    for line in lines:
        name, *words = line.split()
        if name not in BROUGHT.get(document, ()):
            yield name, words


@pytest.mark.parametrize("document", [name for name in DOCUMENTS if any(commands_of(name))])
def test_every_command_that_a_document_names_is_there_with_its_options(document):
    context = click.Context(main)
    for name, words in commands_of(document):
        command = main.get_command(context, name)
        assert command is not None, name
        every = [command]
        if isinstance(command, click.Group):
            below = [command.get_command(context, word) for word in words if word.isalpha()]
            every += [one for one in below if one is not None]
        options = {option for one in every for parameter in one.params for option in parameter.opts}
        named = {word.partition("=")[0].rstrip(",.;:)") for word in words if word.startswith("--")}
        assert named <= {*options, "--help"}, f"edgeday {name} {' '.join(words)}"
