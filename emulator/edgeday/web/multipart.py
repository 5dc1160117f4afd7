"""Forms as bodies: multipart/form-data, read and written, and application/x-www-form-urlencoded, read.

Texts, and what is taken and refused, recorded from workerd 1.20260426.1.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from edgeday.errors import PlatformTypeError
from edgeday.web.forms import Blob, File, FormValue
from edgeday.web.text import decode_text, utf8

_BOUNDARY = re.compile(r';\s*boundary\s*=\s*(?:"([^"]*)"|([^;\s]*))', re.IGNORECASE)
_HEADER = re.compile(r"([^:\s]+):[ \t]*(.*?)[ \t]*\r?\n")
_HEADERS_END = re.compile(rb"\r?\n\r?\n")
_BARE_RETURN = re.compile(rb"\r(?!\n)")
_PARAMETER = re.compile(r';\s*([A-Za-z0-9_*-]+)\s*=\s*"((?:[^"\\]|\\.)*)"')
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{0,2})")
_URL_ENCODED = "application/x-www-form-urlencoded"


def encode(fields: Iterable[tuple[str, FormValue]]) -> tuple[bytes, str]:
    """Fields as a multipart body, and its content type. The boundary is made of the content, not drawn."""
    parts = []
    for name, value in fields:
        head = f'Content-Disposition: form-data; name="{_quoted(name)}"'
        if isinstance(value, Blob):
            head += f'; filename="{_quoted(value.name)}"\r\n'
            head += f"Content-Type: {value.content_type or 'application/octet-stream'}"
            content = value._data
        else:
            content = utf8(value)
        parts.append(utf8(head) + b"\r\n\r\n" + content)
    boundary = hashlib.sha256(b"\0".join(parts)).hexdigest()[:32]
    mark = b"--" + boundary.encode()
    body = b"".join([*(mark + b"\r\n" + part + b"\r\n" for part in parts), mark, b"--"])
    return body, f"multipart/form-data; boundary={boundary}"


def _quoted(name: str) -> str:
    """A name in a header: quotes and line feeds are escaped; carriage returns are not, in workerd either."""
    return name.replace("\\", "\\\\").replace('"', "%22").replace("\n", "%0A")


def decode(data: bytes, content_type: str) -> list[tuple[str, FormValue]]:
    """The fields of a body. Raises TypeError for a content type that is no form's, and for a broken body."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == _URL_ENCODED:
        return [_url_encoded(part) for part in data.split(b"&") if part]
    if kind != "multipart/form-data":
        raise PlatformTypeError(
            "Unrecognized Content-Type header value. FormData can only parse the following MIME types: "
            f"multipart/form-data, {_URL_ENCODED}"
        )
    boundary = _BOUNDARY.search(content_type)
    if boundary is None:
        raise PlatformTypeError(
            "No boundary string in Content-Type header. The multipart/form-data MIME type requires a "
            "boundary parameter, e.g. 'Content-Type: multipart/form-data; boundary=\"abcd\"'. "
            "See RFC 7578, section 4."
        )
    return [_field(part) for part in _parts(data, utf8(boundary[1] or boundary[2] or ""))]


def _url_encoded(part: bytes) -> tuple[str, str]:
    name, _, value = part.partition(b"=")
    return _without_escapes(name), _without_escapes(value)


def _without_escapes(data: bytes) -> str:
    """Text of URL-encoded data; as in workerd one digit is enough, and a percent sign without any goes."""
    spaced = data.replace(b"+", b" ")
    return decode_text(_ESCAPE.sub(lambda escape: bytes([int(escape[1], 16)]) if escape[1] else b"", spaced))


def _parts(data: bytes, boundary: bytes) -> list[bytes]:
    """What lies between the boundaries, without the line breaks that belong to them."""
    delimiter = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary) + rb"(--|[ \t]*\r?\n)")
    start = delimiter.search(data)
    if start is None:
        raise PlatformTypeError("No initial boundary string (or you have a truncated message).")
    parts = []
    while start[1] != b"--":
        # the line break behind a boundary may be that before the next one
        end = delimiter.search(data, start.end() - 1) or delimiter.search(data, start.end())
        if end is None:
            raise PlatformTypeError("No subsequent boundary string after multipart message.")
        parts.append(data[start.end() : end.start()])
        start = end
    return parts


def _field(part: bytes) -> tuple[str, FormValue]:
    """A part of a multipart body as a field. Raises TypeError for headers that are none."""
    lines = b"\r\n" + part
    split = _HEADERS_END.search(lines)
    if split is None or _BARE_RETURN.search(lines, 0, split.start()):
        raise PlatformTypeError("FormData part had invalid headers.")
    head, content = lines[2 : split.start()].decode("utf-8", "replace") + "\n", lines[split.end() :]
    headers = {name.lower(): value for name, value in _HEADER.findall(head)}
    disposition = headers.get("content-disposition")
    if disposition is None:
        raise PlatformTypeError("No valid Content-Disposition header found in FormData part.")
    kind = disposition.partition(";")[0].strip()
    if kind != "form-data":
        raise PlatformTypeError(
            'Content-Disposition header for FormData part must have the value "form-data", possibly followed '
            f'by parameters. Got: "{kind}"'
        )
    parameters = {name.lower(): _unescaped(text) for name, text in _PARAMETER.findall(disposition)}
    if not parameters.get("name"):
        raise PlatformTypeError("Content-Disposition header in FormData part is missing a name.")
    if "filename" in parameters:
        return parameters["name"], File(content, parameters["filename"], headers.get("content-type", ""))
    return parameters["name"], content.decode("utf-8", "replace")


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)
