"""Text and bytes as the platform converts them: UTF-8, with U+FFFD read for what is none."""

from __future__ import annotations

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def well_formed(text: str) -> str:
    """The text as it comes back out of the runtime: U+FFFD for each byte of half a surrogate pair."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return utf8(text).decode("utf-8", "replace")
    return text


def utf8(text: str) -> bytes:
    """The text as bytes as the runtime takes it over: UTF-8, with three bytes for half a surrogate pair.

    Those bytes (ED A0 80 to ED BF BF) are no UTF-8; readers find three U+FFFD in their place. Recorded
    from workerd 1.20260426.1.
    """
    try:
        return text.encode()
    except UnicodeEncodeError:
        whole_pairs = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        return whole_pairs.encode("utf-8", "surrogatepass")


def decode_text(data: bytes) -> str:
    """UTF-8 as `TextDecoder` reads it: U+FFFD for malformed bytes, a leading byte order mark dropped."""
    data = data.removeprefix(BYTE_ORDER_MARK)
    return data.decode("utf-8", "replace")


def utf16_units(text: str) -> int:
    """The length that JavaScript sees: characters outside the basic plane count twice."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
