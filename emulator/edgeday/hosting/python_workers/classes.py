"""The web classes by their global names, as `js` offers them."""

from __future__ import annotations

from edgeday.hosting.python_workers.forms import JsFormData, new_blob, new_file
from edgeday.hosting.python_workers.functions import JsFunction
from edgeday.hosting.python_workers.headers import JsHeaders, headers_of
from edgeday.hosting.python_workers.messages import (
    js_fetch,
    new_request,
    new_response,
    response_error,
    response_json,
    response_redirect,
)
from edgeday.hosting.python_workers.streams import JsTransformStream, new_stream
from edgeday.hosting.python_workers.urls import new_params, new_url

CLASSES = {
    "Headers": JsFunction("Headers", new=lambda init: JsHeaders(headers_of(init))),
    "Request": JsFunction("Request", count=2, new=new_request),
    "Response": JsFunction(
        "Response",
        count=2,
        new=new_response,
        json=JsFunction("json", response_json, 2),
        redirect=JsFunction("redirect", response_redirect, 2),
        error=JsFunction("error", response_error, 0),
    ),
    "Blob": JsFunction("Blob", count=2, new=new_blob),
    "File": JsFunction("File", count=3, new=new_file),
    "FormData": JsFunction("FormData", count=0, new=JsFormData),
    "ReadableStream": JsFunction("ReadableStream", count=2, new=new_stream),
    "TransformStream": JsFunction("TransformStream", count=0, new=JsTransformStream),
    "URL": JsFunction("URL", count=2, new=new_url),
    "URLSearchParams": JsFunction("URLSearchParams", count=1, new=new_params),
    "fetch": JsFunction("fetch", js_fetch, 2),
}
"""Global name -> class or function."""
