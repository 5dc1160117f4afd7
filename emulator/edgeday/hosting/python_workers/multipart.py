"""Forms as bodies: multipart/form-data and application/x-www-form-urlencoded, read and written.

Recorded from workerd 1.20260426.1: its texts, and what its parser takes and refuses.
"""

from __future__ import annotations

import re

from edgeday.errors import PlatformTypeError
from edgeday.hosting.python_workers.forms import JsBlob, JsFile, JsFormData
from edgeday.hosting.python_workers.urls import parse_query
from edgeday.web import ambient
from edgeday.web.text import decode_text, utf8

_BOUNDARY = re.compile(r';\s*boundary\s*=\s*(?:"([^"]*)"|([^;\s]*))', re.IGNORECASE)
_HEADER = re.compile(r"([^:\s]+):[ \t]*(.*?)[ \t]*\r?\n")
_PARAMETER = re.compile(r';\s*([A-Za-z0-9_*-]+)\s*=\s*"((?:[^"\\]|\\.)*)"')
_URL_ENCODED = "application/x-www-form-urlencoded"


def encode(form: JsFormData) -> tuple[bytes, str]:
    """The form as a multipart body, and the content type with its boundary (drawn from the edge's seed)."""
    boundary = ambient.random_uuid().replace("-", "")
    parts = []
    for name, value in form._items:
        head = f'Content-Disposition: form-data; name="{_quoted(name)}"'
        if isinstance(value, JsBlob):
            filename = value.name if isinstance(value, JsFile) else name
            kind = value.type or "application/octet-stream"
            head += f'; filename="{_quoted(filename)}"\r\nContent-Type: {kind}'
            data = value._data
        else:
            data = utf8(value)
        parts.append(utf8(f"--{boundary}\r\n{head}\r\n\r\n") + data + b"\r\n")
    return b"".join([*parts, f"--{boundary}--".encode()]), f"multipart/form-data; boundary={boundary}"


def _quoted(text: str) -> str:
    """A name in a header: quotes and line feeds are escaped; carriage returns are not, in workerd either."""
    return text.replace("\\", "\\\\").replace('"', "%22").replace("\n", "%0A")


def parse(data: bytes, content_type: str) -> JsFormData:
    """The form of a body. Raises TypeError for a content type that is no form's, and for broken parts."""
    form = JsFormData()
    kind = content_type.partition(";")[0].strip().lower()
    if kind == _URL_ENCODED:
        form._items = list(parse_query(decode_text(data)))
        return form
    if kind != "multipart/form-data":
        raise PlatformTypeError(
            "Unrecognized Content-Type header value. FormData can only parse the following MIME types: "
            "multipart/form-data, application/x-www-form-urlencoded"
        )
    boundary = _BOUNDARY.search(content_type)
    if boundary is None:
        raise PlatformTypeError(
            "No boundary string in Content-Type header. The multipart/form-data MIME type requires a "
            "boundary parameter, e.g. 'Content-Type: multipart/form-data; boundary=\"abcd\"'. See RFC 7578, "
            "section 4."
        )
    for part in _parts(data, utf8(boundary[1] or boundary[2] or "")):
        form._items.append(_field(part))
    return form


def _parts(data: bytes, boundary: bytes) -> list[bytes]:
    """What lies between the boundaries, without the line breaks that belong to them."""
    delimiter = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary) + rb"(--|[ \t]*\r?\n)")
    start = delimiter.search(data)
    if start is None:
        raise PlatformTypeError("No initial boundary string (or you have a truncated message).")
    parts = []
    while start[1] != b"--":
        # the line break after a boundary may be that before the next one
        end = delimiter.search(data, start.end() - 1) or delimiter.search(data, start.end())
        if end is None:
            raise PlatformTypeError("No subsequent boundary string after multipart message.")
        parts.append(data[start.end() : end.start()])
        start = end
    return parts


def _field(part: bytes) -> tuple[str, str | JsFile]:
    split = re.search(rb"\r?\n\r?\n", b"\r\n" + part)
    if split is None:
        raise PlatformTypeError("FormData part had invalid headers.")
    raw = (b"\r\n" + part)[2 : split.start()]
    body = (b"\r\n" + part)[split.end() :]
    if re.search(rb"\r(?!\n)", raw):
        raise PlatformTypeError("FormData part had invalid headers.")
    headers = {name.lower(): value for name, value in _HEADER.findall(raw.decode("utf-8", "replace") + "\n")}
    disposition = headers.get("content-disposition")
    if disposition is None:
        raise PlatformTypeError("No valid Content-Disposition header found in FormData part.")
    value = disposition.partition(";")[0].strip()
    if value != "form-data":
        raise PlatformTypeError(
            'Content-Disposition header for FormData part must have the value "form-data", possibly followed '
            f'by parameters. Got: "{value}"'
        )
    parameters = {
        name.lower(): re.sub(r"\\(.)", r"\1", text) for name, text in _PARAMETER.findall(disposition)
    }
    if "name" not in parameters:
        raise PlatformTypeError("Content-Disposition header in FormData part is missing a name.")
    if "filename" in parameters:
        return parameters["name"], JsFile(body, parameters["filename"], headers.get("content-type", ""))
    return parameters["name"], body.decode("utf-8", "replace")
