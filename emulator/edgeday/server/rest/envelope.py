"""The JSON that every answer of the REST API but a value is wrapped in."""

from __future__ import annotations

from typing import Any

import orjson

from edgeday.server.errors import ApiError


def success(result: Any, result_info: dict[str, Any] | None = None) -> bytes:
    """`{"result", "success": true, "errors": [], "messages": []}`, and `result_info` for a page."""
    body: dict[str, Any] = {"result": result, "success": True, "errors": [], "messages": []}
    if result_info is not None:
        body["result_info"] = result_info
    return orjson.dumps(body)


EMPTY_SUCCESS = success({})
"""The answer to a put or delete: an object, because the official SDK refuses null there."""


def failure(error: ApiError) -> bytes:
    """`{"result": null, "success": false, "errors": [{"code", "message"}], "messages": []}`."""
    message = error.message.encode("utf-8", "replace").decode()
    row: dict[str, Any] = {"code": error.code, "message": message}
    if error.causes:
        row["error_chain"] = [{"code": code, "message": message} for code, message in error.causes]
    return orjson.dumps({"result": None, "success": False, "errors": [row], "messages": []})
