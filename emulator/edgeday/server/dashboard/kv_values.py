"""KV values as a form shows them and sends them back: what a browser can keep byte for byte. Pure.

A form's text loses the difference between line breaks, so a value says which kind it has; what a form cannot
give back unchanged is shown and not edited.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

MAX_EDITED_BYTES = 256 * 1024
_SHOWN_CHARS = 64 * 1024
_SHOWN_BYTES = 512

Breaks = Literal["lf", "crlf"]


class ShownValue(NamedTuple):
    """A value for people. text: all of it if `editable`, else its beginning, or a dump of it in hexadecimal.

    breaks: which line breaks it has. why: why it cannot be edited, or "".
    """

    text: str
    breaks: Breaks = "lf"
    why: str = ""

    @property
    def editable(self) -> bool:
        return not self.why


def shown(value: bytes) -> ShownValue:
    """How to show a value."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return ShownValue(_dump(value[:_SHOWN_BYTES]), why="it is binary; its first bytes are shown")
    cut = text[:_SHOWN_CHARS]
    if len(value) > MAX_EDITED_BYTES:
        return ShownValue(
            cut, why=f"it is longer than {MAX_EDITED_BYTES // 1024} KiB; its beginning is shown"
        )
    if "\0" in text:
        return ShownValue(cut, why="it has a character that a form cannot hold (NUL)")
    whole = text.replace("\r\n", "\n")
    if "\r" in whole or ("\r\n" in text and text.count("\n") != text.count("\r\n")):
        return ShownValue(cut, why="it mixes kinds of line breaks, which a form does not keep")
    return ShownValue(whole, "crlf" if "\r\n" in text else "lf")


def from_form(text: str, breaks: str) -> bytes:
    """The value that a form's text stands for; `breaks` as it was shown with."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if breaks == "crlf":
        text = text.replace("\n", "\r\n")
    return text.encode("utf-8", "replace")


def _dump(value: bytes) -> str:
    """Sixteen bytes a line: place, hexadecimal, and what of it is printable ASCII."""
    lines = []
    for at in range(0, len(value), 16):
        row = value[at : at + 16]
        letters = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        lines.append(f"{at:08x}  {row.hex(' '):<47}  {letters}")
    return "\n".join(lines)
