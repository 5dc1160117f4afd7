"""The language and the web by their global names, as `js` offers them."""

from __future__ import annotations

from typing import Any

from edgeday.hosting.python_workers.abort import ABORT, JsAbortController, JsAbortSignal
from edgeday.hosting.python_workers.dates import DATE, JsDate
from edgeday.hosting.python_workers.fetching import js_fetch
from edgeday.hosting.python_workers.forms import JsBlob, JsFile, JsFormData, new_blob, new_file
from edgeday.hosting.python_workers.functions import JsFunction
from edgeday.hosting.python_workers.headers import JsHeaders, headers_of
from edgeday.hosting.python_workers.language import LANGUAGE
from edgeday.hosting.python_workers.messages import (
    JsRequest,
    JsResponse,
    new_request,
    new_response,
    response_error,
    response_json,
    response_redirect,
)
from edgeday.hosting.python_workers.promise_class import PROMISE
from edgeday.hosting.python_workers.streams import JsStream, new_stream, stream_from
from edgeday.hosting.python_workers.text_codecs import TEXT_AND_BYTES
from edgeday.hosting.python_workers.transforms import (
    JsTransformStream,
    JsWritable,
    new_identity,
    new_writable,
)
from edgeday.hosting.python_workers.urls import (
    JsURL,
    JsURLSearchParams,
    can_parse,
    new_params,
    new_url,
)
from edgeday.hosting.python_workers.value_classes import VALUE_CLASSES

CLASSES: dict[str, Any] = {
    **VALUE_CLASSES,
    **LANGUAGE,
    **TEXT_AND_BYTES,
    **ABORT,
    "Date": DATE,
    "Promise": PROMISE,
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
    "ReadableStream": JsFunction(
        "ReadableStream", count=2, new=new_stream, **{"from": JsFunction("from", stream_from)}
    ),
    "WritableStream": JsFunction("WritableStream", count=2, new=new_writable),
    "TransformStream": JsFunction("TransformStream", count=3, new=JsTransformStream),
    "IdentityTransformStream": JsFunction("IdentityTransformStream", count=0, new=new_identity),
    "FixedLengthStream": JsFunction("FixedLengthStream", count=1, new=new_identity),
    "URL": JsFunction("URL", count=2, new=new_url, canParse=JsFunction("canParse", can_parse, 2)),
    "URLSearchParams": JsFunction("URLSearchParams", count=1, new=new_params),
    "fetch": JsFunction("fetch", js_fetch, 2),
}
"""Global name -> class, function or object."""

for _kind in (
    JsAbortController, JsAbortSignal, JsBlob, JsDate, JsFile, JsFormData, JsHeaders, JsRequest, JsResponse,
    JsStream, JsTransformStream, JsURL, JsURLSearchParams, JsWritable,
):  # fmt: skip
    _kind.constructor = CLASSES[_kind.js_class]
