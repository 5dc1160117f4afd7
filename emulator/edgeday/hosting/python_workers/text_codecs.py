"""TextEncoder, TextDecoder, `btoa`, `atob` and `crypto`: text, bytes and digests."""

from __future__ import annotations

import base64
import codecs
import hashlib
import hmac
import re
from typing import Any, NoReturn

from edgeday.errors import PlatformError, PlatformRangeError, PlatformTypeError
from edgeday.hosting.python_workers.arrays import text_of
from edgeday.hosting.python_workers.buffers import ITEM_CODES, JsBuffer
from edgeday.hosting.python_workers.containers import JsObject
from edgeday.hosting.python_workers.conversions import member
from edgeday.hosting.python_workers.functions import JsFunction, method
from edgeday.hosting.python_workers.promises import JsPromise
from edgeday.hosting.python_workers.proxies import JsException, JsProxy
from edgeday.hosting.python_workers.value_classes import NamespaceObject, bytes_of
from edgeday.web import ambient
from edgeday.web.text import BYTE_ORDER_MARK, utf8

_ENCODINGS = {
    **dict.fromkeys(("utf-8", "utf8", "unicode-1-1-utf-8"), "utf-8"),
    **dict.fromkeys(("utf-16le", "utf-16", "unicode", "ucs-2"), "utf-16le"),
    "utf-16be": "utf-16be",
    **dict.fromkeys(
        ("latin1", "iso-8859-1", "ascii", "us-ascii", "windows-1252", "cp1252", "l1"), "windows-1252"
    ),
    **{f"windows-125{number}": f"windows-125{number}" for number in (0, 1, 3, 4, 5, 6, 7, 8)},
    **{f"iso-8859-{number}": f"iso-8859-{number}" for number in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)},
    **{
        name: name
        for name in ("koi8-r", "koi8-u", "ibm866", "gbk", "gb18030", "big5", "euc-jp", "shift_jis", "euc-kr")
    },
}
"""Labels of the Encoding Standard, the usual ones, and the names they stand for."""


class JsTextEncoder(JsProxy):
    """A TextEncoder: text to UTF-8."""

    js_class = "TextEncoder"
    encoding = "utf-8"

    @method(1)
    def encode(self, text: Any) -> JsBuffer:
        """The text as a Uint8Array."""
        return JsBuffer(
            bytearray(utf8("" if text is None else text_of(text)).decode("utf-8", "replace").encode())
        )

    @method(2)
    def encodeInto(self, text: Any, target: Any) -> JsObject:
        """Write the text into a view, as far as it fits; gives `{read, written}`."""
        read = written = 0
        memory = target._memory()
        for character in text_of(text):
            data = utf8(character)
            if written + len(data) > len(memory):
                break
            memory[written : written + len(data)] = data
            written += len(data)
            read += 1 + (ord(character) > 0xFFFF)
        return JsObject({"read": read, "written": written})


class JsTextDecoder(JsProxy):
    """A TextDecoder: bytes to text. fatal: malformed bytes raise; ignoreBOM: a byte order mark stays."""

    js_class = "TextDecoder"
    __slots__ = ("_bom_seen", "_decoder", "encoding", "fatal", "ignoreBOM")

    def __init__(self, label: Any = None, options: Any = None) -> None:
        named = "utf-8" if label is None else text_of(label)
        if named.strip().lower() not in _ENCODINGS:
            raise PlatformRangeError(f'"{named}" is not a valid encoding.')
        self.encoding = _ENCODINGS[named.strip().lower()]
        self.fatal = bool(member(options, "fatal"))
        self.ignoreBOM = bool(member(options, "ignoreBOM"))
        self._start()

    def _start(self) -> None:
        self._decoder = codecs.getincrementaldecoder(self.encoding)("strict" if self.fatal else "replace")
        self._bom_seen = self.ignoreBOM

    @method(2)
    def decode(self, data: Any, options: Any) -> str:
        """The text of bytes; with `{stream: true}` what is cut in the middle waits for the next call.

        Raises TypeError for malformed bytes if the decoder is `fatal`.
        """
        final = not member(options, "stream")
        try:
            text = self._decoder.decode(b"" if data is None else bytes_of(data), final)
        except UnicodeDecodeError:
            self._start()
            raise PlatformTypeError("Failed to decode input.") from None
        if text and not self._bom_seen:
            self._bom_seen = True
            text = text.removeprefix(BYTE_ORDER_MARK.decode())
        if final:
            self._start()
        return text


def to_base64(text: Any) -> str:
    """`btoa(text)`. Raises InvalidCharacterError beyond Latin-1."""
    try:
        return base64.b64encode(text_of(text).encode("latin-1")).decode()
    except UnicodeEncodeError:
        raise JsException(
            "InvalidCharacterError",
            "btoa() can only operate on characters in the Latin1 (ISO/IEC 8859-1) range.",
        ) from None


_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?\Z")


def from_base64(text: Any) -> str:
    """`atob(text)`. Raises InvalidCharacterError for what is no base64."""
    digits = re.sub(r"[\t\n\f\r ]", "", text_of(text))
    if not _BASE64.match(digits):
        raise JsException(
            "InvalidCharacterError",
            "atob() called with invalid base64-encoded data. (Only whitespace, '+', '/', alphanumeric ASCII, "
            "and up to two terminal '=' signs when the input data length is divisible by 4 are allowed.)",
        )
    digits = digits.rstrip("=")
    return base64.b64decode(digits + "=" * (-len(digits) % 4)).decode("latin-1")


_DIGESTS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


async def _digest(algorithm: Any, data: Any) -> JsBuffer:
    name = text_of(algorithm if isinstance(algorithm, str) else member(algorithm, "name")).upper()
    if name not in _DIGESTS:
        raise JsException("NotSupportedError", "Unrecognized or unimplemented digest algorithm requested.")
    return JsBuffer(bytearray(hashlib.new(_DIGESTS[name], bytes_of(data)).digest()), "ArrayBuffer")


def _random_values(view: Any) -> Any:
    if (
        not isinstance(view, JsBuffer)
        or ITEM_CODES[view._kind] in "fd"
        or view._kind in ("ArrayBuffer", "DataView")
    ):
        raise JsException(
            "TypeMismatchError",
            "ArrayBufferView argument to getRandomValues() must be an integer-typed view.",
        )
    if len(view._bytes) > 65536:
        raise JsException(
            "QuotaExceededError",
            f"getRandomValues() only accepts buffers of size <= 64K but provided {len(view._bytes)} bytes.",
        )
    random: Any = ambient.runtime()
    view._memory()[:] = random.random.randbytes(len(view._bytes))
    return view


def _timing_safe_equal(one: Any, other: Any) -> bool:
    first, second = bytes_of(one), bytes_of(other)
    if len(first) != len(second):
        raise PlatformTypeError("Input buffers must have the same byte length.")
    return hmac.compare_digest(first, second)


_KEYS = (
    "encrypt", "decrypt", "sign", "verify", "generateKey", "deriveKey", "deriveBits", "importKey",
    "exportKey", "wrapKey", "unwrapKey",
)  # fmt: skip


def _refused(name: str) -> JsFunction:
    def refuse(*_: Any) -> NoReturn:
        raise PlatformError(f"edgeday does not emulate crypto.subtle.{name}; Python has hmac and hashlib")

    return JsFunction(name, refuse, None)


TEXT_AND_BYTES = {
    "TextEncoder": JsFunction("TextEncoder", count=0, new=JsTextEncoder),
    "TextDecoder": JsFunction("TextDecoder", count=2, new=JsTextDecoder),
    "btoa": JsFunction("btoa", to_base64),
    "atob": JsFunction("atob", from_base64),
    "crypto": NamespaceObject(
        "Crypto",
        randomUUID=JsFunction("randomUUID", ambient.random_uuid, 0),
        getRandomValues=JsFunction("getRandomValues", _random_values),
        subtle=NamespaceObject(
            "SubtleCrypto",
            **{name: _refused(name) for name in _KEYS},
            timingSafeEqual=JsFunction("timingSafeEqual", _timing_safe_equal, 2),
            digest=JsFunction("digest", lambda algorithm, data: JsPromise(_digest(algorithm, data)), 2),
        ),
    ),
}
"""Global name -> class, function or object."""
