"""The questionnaires that clients send in: each an entry in KV, and one list of the newest 500."""

from __future__ import annotations

from typing import Any

from edgeday.web import PlatformError, Request, Response, now_ms
from worker_port.admin import no_kv
from worker_port.entries import fields_of
from worker_port.js import either, iso_timestamp, text, truthy
from worker_port.responses import json_response
from worker_port.stores import KVStorage, kv_binding

SAVE_CLIENT_DATA = ("POST", "/api/save-client-data")
CLIENT_KEY = "client:"
CLIENTS_KEY = "clients_list"
MOST_CLIENTS = 500
_REQUIRED = ("id", "timestamp", "answers")


async def save_client_data(env: Any, request: Request) -> Response:
    """Store a questionnaire. Costs 2 writes and 1 read; a failing one gives 500, what was written stays."""
    try:
        data = fields_of(await request.json())
        if not all(truthy(data.get(name)) for name in _REQUIRED):
            return json_response({"error": "Missing required fields: id, timestamp, or answers"}, 400)
        namespace = kv_binding(env)
        if namespace is None:
            return no_kv()
        store, client = KVStorage(namespace), data["id"]
        entry = {
            "id": client,
            "timestamp": data["timestamp"],
            "answers": data["answers"],
            "files": either(data.get("files"), []),
            "submittedAt": iso_timestamp(now_ms()),
        }
        await store.set(CLIENT_KEY + text(client), entry)
        clients = [client, *(await store.get_list(CLIENTS_KEY) or ())]
        await store.set(CLIENTS_KEY, clients[:MOST_CLIENTS])
    except PlatformError as error:
        return json_response({"error": f"Failed to save client data: {error.message}"}, 500)
    saved = {"success": True, "clientId": client, "message": "Client data saved successfully"}
    return json_response(saved)
