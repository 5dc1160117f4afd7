"""JSON with comments and trailing commas, as wrangler.jsonc has it, turned into plain JSON.

What is not JSON becomes blanks of the same length, so that places in the text stay what they were.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"""
      (?P<string>"(?:\\.|[^"\\])*")
    | (?P<comment>//[^\r\n]*|/\*.*?\*/)
    | (?P<comma>,(?=(?:\s|//[^\r\n]*(?:[\r\n]|\Z)|/\*.*?\*/)*[\]}]))
    """,
    re.VERBOSE | re.DOTALL,
)
_NOT_BLANK = re.compile(r"[^\r\n\t]")


def plain_json(text: str) -> str:
    """The text with comments and trailing commas blanked out; strings stay as they are."""
    return _TOKEN.sub(lambda found: found[0] if found["string"] else _NOT_BLANK.sub(" ", found[0]), text)
