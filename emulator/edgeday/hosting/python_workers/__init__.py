"""Cloudflare's Python Workers: their SDK, unmodified, over JavaScript values as Pyodide shows them.

The low layer, from the ground up: `generations` (what differs between Pyodide's versions), `proxies`
(JsProxy and its kin, errors, the implicit conversions), `callbacks` (what JavaScript was given), `arrays`,
`containers` and `buffers` (values that hold others, and bytes), `functions` and `promises` (how arguments
arrive and results leave), `conversions` (`to_js`, JSON, and the data of edgeday's services), `dates`,
`value_classes`, `promise_class`, `language`, `text_codecs`, `abort` (the language's own classes), `headers`,
`streams`, `transforms`, `forms`, `urls`, `multipart`, `messages`, `fetching` (the web's), `classes` (all of
them by global name), `ffi` (the names of `pyodide.ffi`).

Above it: `flags` and `sdk` (what a worker runs on by its date), `vendored` (its packages), `modules` (what
it imports, and when), `globals`, `http`, `runtime_modules` (the emulated modules), `bindings`,
`unsupported`, `context`, `run` (what a handler meets), `loading`, `isolates`, `handlers` (a worker,
imported), `host` (the class that an edge runs). `needs` says whether a worker is one of these.
"""
