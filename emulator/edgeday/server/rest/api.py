"""The REST API v4 of Workers KV: requests to operations, and their outcomes to answers.

Sources: Cloudflare docs, API reference "KV"; the requests of wrangler 3.114.17 and 4.86.0 and of the
official Python SDK 5.9.0, as they were seen on the wire.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

import orjson
from aiohttp import web

from edgeday.errors import BadInput
from edgeday.server import errors
from edgeday.server.errors import ApiError, bad_request, namespace_not_found
from edgeday.server.kv_operations import BulkResult, KVOperations
from edgeday.server.log import logger
from edgeday.server.namespaces import Namespace, Namespaces, TitleTaken
from edgeday.server.rest.bodies import (
    MAX_BULK_BYTES,
    MAX_SMALL_BYTES,
    integer,
    keys_of,
    read_json,
    read_write,
    title_of,
    writes_of,
)
from edgeday.server.rest.credentials import check_credentials
from edgeday.server.rest.envelope import EMPTY_SUCCESS, failure, success
from edgeday.server.rest.paths import OF_A_NAMESPACE, PREFIX, Resource, Target, query_of, target_of
from edgeday.server.rest.throttle import Throttle
from edgeday.storage.records import KVEntry, ListedKey

_LOG = logger("rest")
_HEX_ID = re.compile(r"[0-9a-f]{32}\Z")
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")
_MAX_TITLE_CHARS = 512


class ApiCall(NamedTuple):
    """One request: its target, its query, and the HTTP request for the body."""

    target: Target
    query: dict[str, str]
    request: web.BaseRequest


Handler = Callable[[ApiCall], Awaitable[web.Response]]


class RestApi:
    """Answers everything below `/client/v4/`.

    account_id: what `/accounts` and `/memberships` show; paths may name any other. token: the only secret
    that is accepted; None: any. throttle: None: requests are not limited.
    """

    def __init__(
        self,
        kv: KVOperations,
        namespaces: Namespaces,
        account_id: str,
        *,
        token: str | None = None,
        throttle: Throttle | None = None,
    ) -> None:
        self._kv = kv
        self._namespaces = namespaces
        self._account = {"id": account_id, "name": "edgeday", "type": "standard"}
        self._token = token
        self._throttle = throttle
        self._handlers: Mapping[Resource, Mapping[str, Handler]] = {
            "accounts": {"GET": self._list_accounts},
            "account": {"GET": self._get_account},
            "memberships": {"GET": self._list_memberships},
            "token": {"GET": self._verify_token},
            "namespaces": {"GET": self._list_namespaces, "POST": self._create_namespace},
            "namespace": {
                "GET": self._get_namespace,
                "PUT": self._rename_namespace,
                "DELETE": self._delete_namespace,
            },
            "keys": {"GET": self._list_keys},
            "value": {"GET": self._get_value, "PUT": self._put_value, "DELETE": self._delete_value},
            "metadata": {"GET": self._get_metadata},
            "bulk": {"PUT": self._bulk_put, "DELETE": self._bulk_delete},
            "bulk delete": {"POST": self._bulk_delete},
            "bulk get": {"POST": self._bulk_get},
        }

    def name_of(self, path: str) -> str:
        """A path of the API for people: "REST CARTS/values/k"."""
        match = OF_A_NAMESPACE.match(path)
        if match is None:
            return f"REST {path.removeprefix(PREFIX)}"
        namespace = self._namespaces.get(match[1])
        return f"REST {match[1] if namespace is None else namespace.title}{match[2]}"

    async def handle(self, request: web.BaseRequest, path: str, query: str) -> web.Response:
        """Answer one request; `path` and `query` as they were sent. Every refusal is an envelope."""
        limits: dict[str, str] = {}
        try:
            secret = check_credentials(request.headers, self._token)
            if self._throttle is not None:
                limits = self._throttle.admit(secret)
            response = await self._dispatch(request, path, query)
        except ApiError as error:
            response = _refused(error)
        except BadInput as error:  # the state file or its disk failed
            _LOG.error("%s", error)
            response = _refused(ApiError(500, errors.INTERNAL, str(error.problems[0])))
        except Exception:
            _LOG.exception("%s %s", request.method, path)
            response = _refused(ApiError(500, errors.INTERNAL, "internal error; see the server's output"))
        if limits:
            response.headers.update(limits)
        return response

    async def _dispatch(self, request: web.BaseRequest, path: str, query: str) -> web.Response:
        target = target_of(path)
        if target is None:
            text = f"Could not route to {path}, perhaps your object identifier is invalid?"
            raise ApiError(404, errors.NO_ROUTE, text)
        handlers = self._handlers[target.resource]
        handler = handlers.get(request.method)
        if handler is None:
            text = "Method not allowed for this authentication scheme"
            allowed = {"Allow": ", ".join(handlers)}
            raise ApiError(405, errors.METHOD_NOT_ALLOWED, text, headers=allowed)
        return await handler(ApiCall(target, query_of(query), request))

    def _namespace(self, call: ApiCall, op: str) -> Namespace:
        id = call.target.namespace
        namespace = self._namespaces.get(id)
        if namespace is not None:
            return namespace
        if not _HEX_ID.match(id):
            raise ApiError(400, errors.MALFORMED_NAMESPACE, f"{op}: 'malformed namespace id'")
        raise namespace_not_found(op)

    # accounts

    async def _list_accounts(self, call: ApiCall) -> web.Response:
        return _page([self._account], call.query)

    async def _get_account(self, call: ApiCall) -> web.Response:
        return _ok({**self._account, "id": call.target.key})

    async def _verify_token(self, call: ApiCall) -> web.Response:
        """Whether the token that came with the request is good: it is, or the request had been refused."""
        return _ok({"id": self._account["id"], "status": "active"})

    async def _list_memberships(self, call: ApiCall) -> web.Response:
        membership = {"id": self._account["id"], "status": "accepted", "account": self._account}
        return _page([membership], call.query)

    # namespaces

    async def _list_namespaces(self, call: ApiCall) -> web.Response:
        order, direction = call.query.get("order", "id"), call.query.get("direction", "asc")
        if order not in {"id", "title"} or direction not in {"asc", "desc"}:
            raise bad_request("order must be id or title, and direction asc or desc")
        namespaces = sorted(
            self._namespaces.all(),
            key=lambda namespace: namespace.title if order == "title" else namespace.id,
            reverse=direction == "desc",
        )
        return _page([_shown(namespace) for namespace in namespaces], call.query)

    async def _create_namespace(self, call: ApiCall) -> web.Response:
        title = await self._title(call, "create namespace")
        try:
            return _ok(_shown(await self._namespaces.create(title)))
        except TitleTaken:
            raise _title_taken("create namespace") from None

    async def _get_namespace(self, call: ApiCall) -> web.Response:
        return _ok(_shown(self._namespace(call, "get namespace")))

    async def _rename_namespace(self, call: ApiCall) -> web.Response:
        namespace = self._namespace(call, "rename namespace")
        title = await self._title(call, "rename namespace")
        try:
            return _ok(_shown(await self._namespaces.rename(namespace.id, title)))
        except TitleTaken:
            raise _title_taken("rename namespace") from None

    async def _delete_namespace(self, call: ApiCall) -> web.Response:
        await self._namespaces.remove(self._namespace(call, "remove namespace").id)
        return _done()

    async def _title(self, call: ApiCall, op: str) -> str:
        title = title_of(await read_json(call.request, MAX_SMALL_BYTES))
        if title is None:
            raise ApiError(400, errors.TITLE_MISSING, f"{op}: 'a title is required'")
        if len(title) > _MAX_TITLE_CHARS:
            raise bad_request(f"{op}: 'a title may have {_MAX_TITLE_CHARS} characters'")
        return title

    # keys and values

    async def _list_keys(self, call: ApiCall) -> web.Response:
        namespace = self._namespace(call, "list keys")
        limit = integer(call.query, "limit")
        if limit is not None and not 10 <= limit <= 1000:
            raise bad_request(f"list keys: 'limit must be between 10 and 1000, not {limit}'")
        page = await self._kv.list(
            namespace,
            prefix=call.query.get("prefix", ""),
            limit=limit or 1000,
            cursor=call.query.get("cursor", ""),
        )
        keys = [_listed(row) for row in page.keys]
        return _ok(keys, {"count": len(page.keys), "cursor": page.cursor})

    async def _get_value(self, call: ApiCall) -> web.Response:
        entry = await self._kv.get(self._namespace(call, "get"), call.target.key)
        headers = {"Content-Type": "application/octet-stream"}
        if entry.expires_at is not None:
            headers["expiration"] = str(entry.expires_at)
        return web.Response(body=entry.value, headers=headers)

    async def _get_metadata(self, call: ApiCall) -> web.Response:
        entry = await self._kv.get(self._namespace(call, "metadata"), call.target.key, "metadata")
        return _ok(_metadata(entry))

    async def _put_value(self, call: ApiCall) -> web.Response:
        namespace = self._namespace(call, "put")
        await self._kv.put(namespace, await read_write(call.request, call.target.key, call.query))
        return _done()

    async def _delete_value(self, call: ApiCall) -> web.Response:
        await self._kv.delete(self._namespace(call, "remove key"), call.target.key)
        return _done()

    # bulk

    async def _bulk_put(self, call: ApiCall) -> web.Response:
        namespace = self._namespace(call, "put")
        writes = writes_of(await read_json(call.request, MAX_BULK_BYTES))
        return _bulk_done(await self._kv.bulk_put(namespace, writes))

    async def _bulk_delete(self, call: ApiCall) -> web.Response:
        namespace = self._namespace(call, "remove key")
        keys = keys_of(await read_json(call.request, MAX_BULK_BYTES))
        return _bulk_done(await self._kv.bulk_delete(namespace, keys))

    async def _bulk_get(self, call: ApiCall) -> web.Response:
        namespace = self._namespace(call, "bulk get keys")
        body = await read_json(call.request, MAX_SMALL_BYTES)
        if not isinstance(body, dict):
            raise bad_request("expected an object with keys")
        kind = body.get("type", "text")
        if not isinstance(kind, str):
            raise bad_request("type must be text or json")
        entries = await self._kv.bulk_get(namespace, keys_of(body.get("keys")), kind)
        with_metadata = bool(body.get("withMetadata"))
        return _ok(
            {"values": {key: _bulk_value(entry, kind, with_metadata) for key, entry in entries.items()}}
        )


def _bulk_value(entry: KVEntry | None, kind: str, with_metadata: bool) -> Any:
    if entry is None:
        return None
    value: Any
    try:
        if kind == "json":
            orjson.loads(entry.value)
            value = orjson.Fragment(entry.value)
        else:
            value = entry.value.decode()
    except ValueError:
        what = "non-json" if kind == "json" else "non-text"
        reason = f"At least one of the requested keys corresponds to a {what} value"
        raise ApiError(400, errors.BAD_BULK_GET, f"bulk get keys: '{reason}'") from None
    if not with_metadata:
        return value
    row = {"value": value, "metadata": _metadata(entry)}
    return row if entry.expires_at is None else {**row, "expiration": entry.expires_at}


def _listed(row: ListedKey) -> dict[str, Any]:
    fields: dict[str, Any] = {"name": row.name}
    if row.expiration is not None:
        fields["expiration"] = row.expiration
    if row.metadata is not None:
        fields["metadata"] = orjson.Fragment(row.metadata)
    return fields


def _metadata(entry: KVEntry) -> Any:
    return None if entry.metadata is None else orjson.Fragment(entry.metadata)


def _shown(namespace: Namespace) -> dict[str, Any]:
    return {"id": namespace.id, "title": namespace.title, "supports_url_encoding": True}


def _title_taken(op: str) -> ApiError:
    text = f"{op}: 'A namespace with this account ID and title already exists'"
    return ApiError(400, errors.TITLE_TAKEN, text)


def _page(rows: list[Any], query: dict[str, str]) -> web.Response:
    """One page of rows; a page past the end is empty, which is how clients find the end."""
    page, per_page = integer(query, "page"), integer(query, "per_page")
    page = 1 if page is None else page
    per_page = 20 if per_page is None else per_page
    if page < 1 or not 1 <= per_page <= 1000:
        raise bad_request("page must be at least 1, and per_page between 1 and 1000")
    rows_of_page = rows[(page - 1) * per_page : page * per_page]
    return _ok(
        rows_of_page,
        {"page": page, "per_page": per_page, "count": len(rows_of_page), "total_count": len(rows)},
    )


def _ok(result: Any, result_info: dict[str, Any] | None = None) -> web.Response:
    return web.Response(body=success(result, result_info), headers=_JSON)


def _done() -> web.Response:
    return web.Response(body=EMPTY_SUCCESS, headers=_JSON)


def _bulk_done(result: BulkResult) -> web.Response:
    return _ok({"successful_key_count": result.done, "unsuccessful_keys": result.failed})


def _refused(error: ApiError) -> web.Response:
    """An envelope whose reason phrase is the message too: wrangler prints that one for a failed get."""
    return web.Response(
        body=failure(error),
        status=error.status,
        reason=_UNPRINTABLE.sub("?", error.message)[:512],
        headers={**_JSON, **error.headers},
    )


_JSON = {"Content-Type": "application/json"}
