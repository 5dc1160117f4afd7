"""Text and bytes as the platform converts them: UTF-8, with U+FFFD for what cannot be said in it."""

from __future__ import annotations

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def well_formed(text: str) -> str:
    """The text with every lone surrogate replaced by U+FFFD, as a string crosses into the runtime."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def utf8(text: str) -> bytes:
    """The text as UTF-8; lone surrogates become U+FFFD."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return well_formed(text).encode()


def decode_text(data: bytes) -> str:
    """UTF-8 as `TextDecoder` reads it: U+FFFD for malformed bytes, a leading byte order mark dropped."""
    data = data.removeprefix(BYTE_ORDER_MARK)
    return data.decode("utf-8", "replace")


def utf16_units(text: str) -> int:
    """The length that JavaScript sees: characters outside the basic plane count twice."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
