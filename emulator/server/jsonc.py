"""JSON with comments and trailing commas, as wrangler.jsonc has it, turned into plain JSON.

What is not JSON becomes blanks of the same length, so that places in the text stay what they were.
"""

from __future__ import annotations

import re

_STRING = r'"(?:\\.|[^"\\])*"'
_COMMENT = re.compile(rf"{_STRING}|(//[^\r\n]*|/\*.*?\*/)", re.DOTALL)
_TRAILING_COMMA = re.compile(rf"{_STRING}|(,(?=\s*[\]}}]))", re.DOTALL)
_INK = re.compile(r"[^\r\n\t]")


def plain_json(text: str) -> str:
    """The text with comments and trailing commas blanked out; strings stay as they are."""
    for unwanted in (_COMMENT, _TRAILING_COMMA):
        text = unwanted.sub(lambda found: _INK.sub(" ", found[1]) if found[1] else found[0], text)
    return text
