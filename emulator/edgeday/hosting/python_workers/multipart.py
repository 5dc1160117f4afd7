"""JavaScript's FormData as a body, and a body as FormData."""

from __future__ import annotations

from edgeday.hosting.python_workers.forms import JsBlob, JsFile, JsFormData
from edgeday.web import multipart
from edgeday.web.forms import File, FormValue


def encode(form: JsFormData) -> tuple[bytes, str]:
    """The form as a multipart body, and the content type with its boundary."""
    return multipart.encode([(name, _as_value(name, value)) for name, value in form._items])


def _as_value(name: str, value: str | JsBlob) -> FormValue:
    if not isinstance(value, JsBlob):
        return value
    return File(value._data, value.name if isinstance(value, JsFile) else name, value.type)


def parse(data: bytes, content_type: str) -> JsFormData:
    """The form of a body. Raises TypeError for a content type that is no form's, and for broken parts."""
    form = JsFormData()
    for name, value in multipart.decode(data, content_type):
        form._items.append((name, _from_value(value)))
    return form


def _from_value(value: FormValue) -> str | JsFile:
    return value if isinstance(value, str) else JsFile(value._data, value.name, value.content_type)
