"""Where the emulated layer is not what Pyodide under Node is: expression -> text here, by reason."""

from __future__ import annotations

NODE = {
    # Node's web classes have other words than workerd's, which production has
    'js.JSON.parse("{")': (
        "JsException: SyntaxError: Expected property name or '}' in JSON at position 1 (line 1 column 2)"
    ),
    'await js.Response.new("{").json()': (
        "JsException: SyntaxError: Expected property name or '}' in JSON at position 1 (line 1 column 2)"
    ),
    r'Response("x", headers={"A\n": "b"})': "JsException: TypeError: Invalid header name.",
    'Response("x", status=700)': (
        "JsException: RangeError: Responses may only be constructed with status codes in the range 200 to 599, "
        "inclusive."
    ),
    'Response("x", status=204)': (
        "JsException: TypeError: Response with null body status (101, 204, 205, or 304) cannot have a body."
    ),
    'Response.redirect("https://e.com/x", 200)': (
        "ValueError: 200 is not a redirect status code. It must be one of: 301, 302, 303, 307, or 308."
    ),
    'Response.redirect("::")': "TypeError: Unable to parse URL: ::",
    'Request("/rel")': "JsException: TypeError: Invalid URL: /rel",
    'Request("https://e.com", body="x")': (
        "JsException: TypeError: Request with a GET or HEAD method cannot have a body."
    ),
    'await Request("https://e.com", method="POST", body="a=b", headers={"content-type": "text/x"}).form_data()': (
        "TypeError: Unrecognized Content-Type header value. FormData can only parse the following MIME types: "
        "multipart/form-data, application/x-www-form-urlencoded"
    ),
    'js.FormData.new().append("a")': (
        "JsException: TypeError: Failed to execute 'append' on 'FormData': parameter 2 is not of type "
        "'File or Blob or string'."
    ),
    'js.Response("x")': (
        "JsException: TypeError: Failed to construct 'Response': Please use the 'new' operator, this object "
        "constructor cannot be called as a function."
    ),
    'js.btoa("Ā")': (
        "JsException: InvalidCharacterError: btoa() can only operate on characters in the Latin1 "
        "(ISO/IEC 8859-1) range."
    ),
    'js.atob("*")': (
        "JsException: InvalidCharacterError: atob() called with invalid base64-encoded data. (Only whitespace, "
        "'+', '/', alphanumeric ASCII, and up to two terminal '=' signs when the input data length is divisible "
        "by 4 are allowed.)"
    ),
    r'js.TextDecoder.new("utf-8", fatal=True).decode(to_js(b"\xff"))': (
        "JsException: TypeError: Failed to decode input."
    ),
    'js.TextDecoder.new("nope")': 'JsException: RangeError: "nope" is not a valid encoding.',
    'js.URL.new("zz").href': "JsException: TypeError: Invalid URL string.",
    'js.Headers.new([["a"]])': (
        "JsException: TypeError: To initialize a Headers object from a sequence, each inner sequence must have "
        "exactly two elements."
    ),
    'js.Response.new("x", {"status": 201, "headers": {"a": "b"}}).headers.get("a")': (
        "JsException: TypeError: Incorrect type: the provided value is not of type 'Sequence'."
    ),
    "await double_reader()": "JsException: TypeError: This ReadableStream is currently locked to a reader.",
    "aborted().reason.message": "'The operation was aborted'",
    "js.AbortSignal.abort().throwIfAborted()": "JsException: AbortError: The operation was aborted",
    'js.AbortSignal.any([js.AbortSignal.abort("x"), js.AbortController.new().signal]).reason': (
        "JsException: TypeError: Failed to execute 'any' on 'AbortSignal': parameter 1 is not of type 'Array'."
    ),
    # workerd gives each status its usual reason phrase
    'Response("x", 404).status_text': "'Not Found'",
    'repr(Response("x"))': (
        "\"Response(status=200, status_text='OK', content_type='text/plain;charset=UTF-8')\""
    ),
    "repr(Response.json({}))": "\"Response(status=200, status_text='OK', content_type='application/json')\"",
    # workerd names a Blob in a form after its field, escapes names, and takes undefined for no file name
    'FormData({"a": Blob("x")})["a"].name': "'a'",
    'await round_trip(FormData({"file": Blob("abc")}))': (
        "list(tuple('file', tuple('File', 'file', 'application/octet-stream', b'abc')))"
    ),
    'await round_trip(FormData({"file": File(b"\\x00\\xff\\r\\n--", \'a"b.bin\')}))': (
        "list(tuple('file', tuple('File', 'a%22b.bin', 'application/octet-stream', b'\\x00\\xff\\r\\n--')))"
    ),
    'await round_trip(FormData({\'na"me\\r\\n\': "a\\r\\nb"}))': "TypeError: FormData part had invalid headers.",
    "changed_form()": (
        "tuple(list(list(tuple('a', '1'), tuple('b', '4'), tuple('a', '3')), list('1', '3')), list('b'), False)"
    ),
    # a content type stays as it was written
    '(await js.Response.new("ab").blob()).type': "'text/plain;charset=UTF-8'",
    # a newer V8
    "await resolvers()": "5",
}

OURS = {
    # a rejection that is no Error leaves a future of Pyodide's waiting for ever
    'await js.Promise.reject("text")': "JsException: Error: text",
    'await raw.rejects("text")': "JsException: Error: text",
    "await raw.rejects(5)": "JsException: Error: 5",
    # Pyodide's own error about the destroyed proxy, not the SystemError it leads to
    'js.Array.of({"a": 1})[0]': (
        "JsException: Error: This borrowed proxy was automatically destroyed at the end of a function call. "
        "Try using create_proxy or create_once_callable.\n"
        "For more information about the cause of this error, use `pyodide.setDebug(true)`"
    ),
    "js.Array.of([1], 2)[0]": (
        "JsException: Error: This borrowed proxy was automatically destroyed at the end of a function call. "
        "Try using create_proxy or create_once_callable.\n"
        "For more information about the cause of this error, use `pyodide.setDebug(true)`"
    ),
    # an object has one proxy
    'same(fe([["a", 1]]))': "tuple(True, False, True, True)",
    # there is no JavaScript source to show
    "str(raw.echo)[:30]": "'<bound method FakeBinding.echo'",
    "str(js.Response)[:14]": "'function Respo'",
    "js.structuredClone(raw.echo)": (
        "JsException: DataCloneError: <bound method FakeBinding.echo of [object Object]> could not be cloned."
    ),
    # a promise is settled as soon as it can be
    "repr(js.Promise.resolve(5))": "'<PyodideFuture finished>'",
}

OF_GENERATION: dict[str, dict[str, str | None]] = {
    "0.26.0-alpha.4": {
        # these classes of errors are newer
        'Response("x", 404, "Gone fishing").raise_for_status()': (
            "HttpStatusError: 404 Client Error: Gone fishing for url: "
        ),
        'await twice(Response("x"))': "BodyUsedError: Response body is already used",
        # these are no differences
        'js.Array.of({"a": 1})[0]': None,
        "js.Array.of([1], 2)[0]": None,
        'js.Response.new("x", {"status": 201, "headers": {"a": "b"}}).headers.get("a")': None,
    },
    "0.28.2": {},
    "314.0.7": {
        'type(Response("x").clone()).__mro__[0].__module__': "'pyodide.http'",
        'create_proxy({"a": 1}).get("a")': "1",
    },
}


def listed(version: str) -> dict[str, str]:
    """Expression -> text here, of everything that differs from a recorded version."""
    texts = {**NODE, **OURS, **OF_GENERATION[version]}
    return {line: text for line, text in texts.items() if text is not None}
