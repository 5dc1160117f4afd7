"""The KV browser: keys by prefix, one key with all it has, and changes to it.

Works through the same service as the REST API: each look and each change is charged to the day's quotas,
and refused when they are spent. The pages say what a step costs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from aiohttp import web

from edgeday.ledger import Op
from edgeday.server.dashboard.gauges import quotas
from edgeday.server.dashboard.kv_values import from_form, shown
from edgeday.server.dashboard.site import Site, View, Visit, instant_of
from edgeday.server.errors import KEY_NOT_FOUND, ApiError, bad_request
from edgeday.server.kv_operations import Write
from edgeday.server.namespaces import Namespace
from edgeday.storage.records import KVEntry
from edgeday.web.json_text import parse

_KEYS = 50


class KVViews:
    """Everything below `kv`."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.routes: dict[tuple[str, str], View] = {
            ("GET", "kv"): self.keys,
            ("GET", "kv/key"): self.key,
            ("GET", "kv/new"): self.new,
            ("GET", "kv/value"): self.value,
            ("POST", "kv/save"): self.save,
            ("POST", "kv/delete"): self.delete,
        }

    async def keys(self, visit: Visit) -> web.Response:
        """Keys of a namespace. Query: `namespace`, `prefix`, `cursor`. Costs 1 list if `prefix` is there."""
        served = self._site.context.served
        namespaces = served.namespaces.all()
        by_prefix = "prefix" in visit.query
        namespace = self._namespace(visit) if by_prefix or "namespace" in visit.query else _first(namespaces)
        prefix = visit.query.get("prefix", "")
        page, problem = None, None
        if by_prefix and namespace is not None:
            try:
                cursor = visit.query.get("cursor", "")
                page = await served.kv.list(namespace, prefix=prefix, limit=_KEYS, cursor=cursor)
            except ApiError as error:
                problem = error
        return self._site.show(
            visit,
            "kv.html",
            title="KV",
            status=200 if problem is None else problem.status,
            namespaces=namespaces,
            bindings={id: name for name, id in served.edge.namespaces.items()},
            namespace=namespace,
            prefix=prefix,
            page=page,
            problem=problem,
            **self._quotas(),
        )

    async def key(self, visit: Visit) -> web.Response:
        """One key. Query: `namespace`, `key`. Costs 1 read."""
        namespace, key = self._named(visit)
        try:
            entry = await self._site.context.served.kv.get(namespace, key)
        except ApiError as error:
            if error.code != KEY_NOT_FOUND:
                raise
            return self._gone(
                visit,
                namespace,
                key,
                "This key is not there, or has expired. Looking for it cost 1 read.",
                404,
            )
        return self._show_key(visit, namespace, key, entry)

    async def new(self, visit: Visit) -> web.Response:
        """The form of a key that is not there yet. Query: `namespace`. Costs nothing."""
        return self._show_form(visit, self._namespace(visit), None, {}, None)

    async def value(self, visit: Visit) -> web.Response:
        """A value as a file. Query: `namespace`, `key`. Costs 1 read."""
        namespace, key = self._named(visit)
        entry = await self._site.context.served.kv.get(namespace, key)
        name = quote(key.rpartition("/")[2] or "value", safe="")
        return web.Response(
            body=entry.value,
            content_type="application/octet-stream",
            headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
        )

    async def save(self, visit: Visit) -> web.Response:
        """Put a key. Query: `namespace`, `key` unless the form names it. Costs 1 write.

        Form: `value`, `breaks`, `metadata` (JSON or nothing), `expires` (never, keep, ttl or until) with
        `expiration`, `ttl` or `until`.
        """
        namespace = self._namespace(visit)
        form = await visit.form()
        known = visit.query.get("key")
        key = form.get("key", "") if known is None else known
        served = self._site.context.served
        try:
            write = _write(key, form)
            await served.kv.put(namespace, write)
        except ApiError as error:
            return self._show_form(visit, namespace, known, form, error)
        now = served.edge.clock.now()
        expiration = write.expiration if write.ttl is None else int(now) + write.ttl
        metadata = form.get("metadata", "").strip() or None
        entry = KVEntry(write.value, metadata, expiration, now)
        return self._show_key(visit, namespace, key, entry, saved=True)

    async def delete(self, visit: Visit) -> web.Response:
        """Remove a key. Query: `namespace`, `key`. Costs 1 delete."""
        namespace, key = self._named(visit)
        await self._site.context.served.kv.delete(namespace, key)
        return self._gone(visit, namespace, key, "Deleted: 1 delete.", 200)

    def _gone(self, visit: Visit, namespace: Namespace, key: str, says: str, status: int) -> web.Response:
        return self._site.show(
            visit,
            "kv_gone.html",
            title=f"Key {key}",
            status=status,
            namespace=namespace,
            key=key,
            says=says,
            **self._quotas(),
        )

    def _show_key(
        self, visit: Visit, namespace: Namespace, key: str, entry: KVEntry, *, saved: bool = False
    ) -> web.Response:
        value = shown(entry.value)
        form = {
            "value": value.text,
            "breaks": value.breaks,
            "metadata": entry.metadata or "",
            "expires": "never" if entry.expires_at is None else "keep",
        }
        return self._site.show(
            visit,
            "kv_key.html",
            title=f"Key {key}",
            namespace=namespace,
            key=key,
            entry=entry,
            value=value,
            form=form,
            kept_until=entry.expires_at,
            problem=None,
            saved=saved,
            **self._quotas(),
        )

    def _show_form(
        self,
        visit: Visit,
        namespace: Namespace,
        key: str | None,
        form: Mapping[str, str],
        problem: ApiError | None,
    ) -> web.Response:
        """The form with what was typed, and why it was not put."""
        blank = {"key": "", "value": "", "breaks": "lf", "metadata": "", "expires": "never"}
        return self._site.show(
            visit,
            "kv_key.html",
            title="New key" if key is None else f"Key {key}",
            status=200 if problem is None else problem.status,
            namespace=namespace,
            key=key,
            entry=None,
            value=None,
            form={**blank, **form},
            kept_until=_kept_until(form),
            problem=problem,
            saved=False,
            **self._quotas(),
        )

    def _named(self, visit: Visit) -> tuple[Namespace, str]:
        if "key" not in visit.query:
            raise bad_request("a key is needed")
        return self._namespace(visit), visit.query["key"]

    def _namespace(self, visit: Visit) -> Namespace:
        namespace = self._site.context.served.namespaces.get(visit.query.get("namespace", ""))
        if namespace is None:
            raise ApiError(404, 0, "There is no such namespace.")
        return namespace

    def _quotas(self) -> dict[str, Any]:
        ledger = self._site.context.served.edge.ledger
        return {
            "spent": dict(zip(Op, quotas(ledger), strict=True)),
            "resets_in_s": ledger.resets_at - self._site.context.served.edge.clock.now(),
        }


def _first(namespaces: list[Namespace]) -> Namespace | None:
    return namespaces[0] if namespaces else None


def _write(key: str, form: Mapping[str, str]) -> Write:
    """What a form asks to put. Raises ApiError 400."""
    metadata = None
    if text := form.get("metadata", "").strip():
        try:
            metadata = parse(text)
        except (ValueError, RecursionError):
            raise bad_request('the metadata is no JSON; write {"name": "value"}, or nothing') from None
    value = from_form(form.get("value", ""), form.get("breaks", "lf"))
    match form.get("expires", "never"):
        case "never":
            return Write(key, value, metadata=metadata)
        case "keep":
            return Write(key, value, expiration=_whole(form, "expiration"), metadata=metadata)
        case "ttl":
            return Write(key, value, ttl=_whole(form, "ttl"), metadata=metadata)
        case "until":
            return Write(key, value, expiration=int(instant_of(form.get("until", ""))), metadata=metadata)
    raise bad_request("a key expires never, after some seconds, or at an instant")


def _whole(form: Mapping[str, str], name: str) -> int:
    text = form.get(name, "").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 13):
        raise bad_request(f"{name} must be a whole number of seconds")
    return int(text)


def _kept_until(form: Mapping[str, str]) -> int | None:
    """The instant that a form offered to keep; None if it had none."""
    try:
        return _whole(form, "expiration") if "expiration" in form else None
    except ApiError:
        return None
