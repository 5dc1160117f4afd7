"""Cloudflare's Python Workers: their SDK, unmodified, over JavaScript values as Pyodide shows them.

The low layer, from the ground up: `generations` (what differs between Pyodide's versions), `proxies`
(JsProxy and its kin, errors, the implicit conversions), `containers` and `buffers` (plain objects, arrays,
maps, sets, dates, bytes), `functions` and `promises` (how arguments arrive and results leave), `conversions`
(`to_js`, `to_py`, and the data of edgeday's services), `headers`, `streams`, `forms`, `urls`, `messages`
(the web classes), `classes` (their constructors, by global name).
"""
