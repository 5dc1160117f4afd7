"""A worker in workerd as it is, without the shim, whose KV and caches are served by an account of edgeday.

So both run on one store and one clock, and what differs is what the shim makes of arguments and results.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import threading
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes, urlsplit

import orjson

from edgeday.errors import KVRequestFailed
from edgeday.hosting.javascript import kv_operations
from edgeday.runtime.edge import Edge
from edgeday.web.body import ReadableStream
from edgeday.web.messages import Request, Response

CONFIGURATION = """using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "app", worker = .app),
    (name = "store", external = (
      address = "127.0.0.1:{port}", http = (style = proxy, cfBlobHeader = "cf-blob"),
    )),
    (name = "nothing", network = (allow = [])),
  ],
  sockets = [(name = "main", address = "127.0.0.1:0", http = (), service = "app")],
);
const app :Workerd.Worker = (
  modules = [{modules}],
  bindings = [(name = "KV", kvNamespace = "store")],
  compatibilityDate = "{date}",
  globalOutbound = "nothing",
  cacheApiOutbound = "store",
);
"""
_KV_HOST = "fake-host"


class _Service(BaseHTTPRequestHandler):
    """KV's and the cache's HTTP protocol, on an edge."""

    edge: Edge
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        pass

    def _any(self) -> None:
        body = self._body()
        kv = _KV_HOST in self.path
        try:
            status, reason, headers, data = asyncio.run(self._kv(body) if kv else self._cache(body))
        except KVRequestFailed as failed:
            status, _, reason = failed.message.partition("failed: ")[2].partition(" ")
            headers, data = [], b""
        self.send_response_only(int(status), str(reason).encode().decode("latin-1"))
        for name, value in headers:
            self.send_header(name.encode().decode("latin-1"), value.encode().decode("latin-1"))
        if int(status) in (204, 304):
            data = b""
        elif not any(name == "content-length" for name, _ in headers):
            self.send_header("Transfer-Encoding", "chunked")
            data = (b"%x\r\n%s\r\n" % (len(data), data) if data else b"") + b"0\r\n\r\n"
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_PUT = do_DELETE = do_POST = do_PURGE = _any

    def _body(self) -> bytes:
        if self.headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("content-length") or 0))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    async def _kv(self, body: bytes) -> tuple[int, str, list[tuple[str, str]], bytes]:
        url = urlsplit(self.path)
        query = dict(parse_qsl(url.query, keep_blank_values=True, encoding="utf-8", errors="replace"))
        path = unquote_to_bytes(url.path[1:])
        key, bad = path.decode("utf-8", "replace"), False
        try:
            path.decode()
        except UnicodeDecodeError:
            bad = True
        env = self.edge.env
        nobody: Any = None

        def number(name: str) -> int | None:
            return int(query[name]) if name in query else None

        if self.command == "POST":
            asked = json.loads(body)
            op = "getWithMetadata" if asked.get("withMetadata") else "get"
            ttl = asked.get("cacheTtl")
            found = await kv_operations.get_bulk(
                nobody,
                env,
                "KV",
                op,
                asked["keys"],
                asked.get("type"),
                None if ttl is None else int(ttl),
                None,
            )
            return 200, "OK", [], orjson.dumps(found)
        if self.command == "PUT":
            metadata = self.headers.get("cf-kv-metadata")
            sent = kv_operations.value_to_wire(body)
            if metadata is not None:
                metadata = metadata.encode("latin-1").decode()
            await kv_operations.put(
                nobody,
                env,
                "KV",
                key,
                bad,
                sent,
                number("expiration"),
                number("expiration_ttl"),
                metadata,
                None,
            )
            return 200, "OK", [], b""
        if self.command == "DELETE":
            await kv_operations.delete(nobody, env, "KV", key, bad)
            return 200, "OK", [], b""
        if not path:
            page = await kv_operations.list_keys(
                nobody,
                env,
                "KV",
                number("key_count_limit") or 0,
                query.get("prefix", ""),
                query.get("cursor"),
                None,
            )
            del page["cacheStatus"]
            for row in page["keys"]:
                if "metadata" in row:  # as text, which the runtime reads
                    row["metadata"] = orjson.dumps(row["metadata"]).decode()
            return 200, "OK", [], orjson.dumps(page)
        found = await kv_operations.get(nobody, env, "KV", "get", key, bad, number("cache_ttl"), None)
        if found is None:
            return 404, "Not Found", [], b""
        value, metadata = found
        headers = [] if metadata is None else [("CF-KV-Metadata", orjson.dumps(metadata).decode())]
        return 200, "OK", headers, kv_operations.value_from_wire(value)

    async def _cache(self, body: bytes) -> tuple[int, str, list[tuple[str, str]], bytes]:
        named = self.headers.get("cf-cache-namespace")
        cache = self.edge.caches.default
        if named is not None:
            cache = await self.edge.caches.open(named.encode("latin-1").decode("utf-8", "replace"))
        names = ("if-none-match", "if-modified-since", "range", "authorization")
        headers = [(name, self.headers[name]) for name in names if name in self.headers]
        blob = self.headers.get("cf-blob")
        cf = json.loads(blob) if blob else None
        if cf is not None:
            cf = {name: cf[name] for name in ("cacheKey",) if name in cf}
        key = Request(self.path, headers=headers, cf=cf)
        if self.command == "PURGE":
            return (200 if await cache.delete(key) else 404), "", [], b""
        if self.command == "PUT":
            await cache.put(key, _response(body))
            return 204, "No Content", [], b""
        found = await cache.match(key)
        if found is None:
            return 504, "Gateway Timeout", [("cf-cache-status", "MISS")], b""
        data = await found.bytes() if found.body is not None else b""
        return found.status, found.status_text, found.headers.fields(), data


def _response(message: bytes) -> Response:
    """A response from the HTTP message that the runtime hands to the cache."""
    head, _, body = message.partition(b"\r\n\r\n")
    line, *fields = head.decode().split("\r\n")
    headers = [tuple(field.split(": ", 1)) for field in fields]
    chunked = any(name.lower() == "transfer-encoding" for name, _ in headers)
    response = Response.received(
        int(line.split()[1]),
        "",
        tuple((n, v) for n, v in headers),
        ReadableStream([body]) if chunked else body,
    )
    response.encodeBody = "manual"
    return response


@contextmanager
def bare_worker(
    binary: Path, modules: Mapping[str, bytes], edge: Edge, date: str, folder: Path
) -> Iterator[Any]:
    """Run modules (the main one first) without the shim; gives what answers a request's body."""
    handler = type("Service", (_Service,), {"edge": edge})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    listed = []
    for name, body in modules.items():
        (folder / name).write_bytes(body)
        listed.append(f'(name = "{name}", esModule = embed "{name}")')
    text = CONFIGURATION.format(port=server.server_address[1], modules=", ".join(listed), date=date)
    (folder / "config.capnp").write_text(text)
    child = subprocess.Popen(
        [binary, "serve", "config.capnp", "--control-fd=1"], cwd=folder, stdout=subprocess.PIPE, text=True
    )
    try:
        assert child.stdout is not None
        port = json.loads(child.stdout.readline())["port"]

        def ask(message: str) -> str:
            request = urllib.request.Request(f"http://127.0.0.1:{port}/", message.encode(), method="POST")
            with urllib.request.urlopen(request) as answer:
                return str(answer.read().decode())

        yield ask
    finally:
        child.kill()
        child.communicate()
        server.shutdown()
        server.server_close()
