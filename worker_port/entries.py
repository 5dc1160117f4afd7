"""The log entries: fields in stored order, with their defaults.

"else" in what follows means that the default replaces any falsy value (see `js.truthy`). The builders
make the fields of `hybrid`, which has them all; earlier variants leave some out (`without`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from worker_port.js import UNDEFINED, either, length, truthy

Entry = dict[str, Any]
Fields = Mapping[str, Any]
NO_FIELDS: Fields = {}


def fields_of(value: Any) -> Fields:
    """The fields of what a caller passed as data; none for what is no object."""
    return value if isinstance(value, dict) else NO_FIELDS


def without(entry: Entry, names: tuple[str, ...]) -> Entry:
    """The entry less some of its fields."""
    for name in names:
        del entry[name]
    return entry


def request_entry(log_id: str, session_id: Any, timestamp: str, step_name: Any, data: Fields) -> Entry:
    """What is logged before an AI call; `hasError` is about the request only.

    step_name: UNDEFINED leaves the field out.
    """
    get = data.get
    prompt = get("prompt")
    error = get("error")
    entry = {
        "id": log_id,
        "sessionId": session_id,
        "timestamp": timestamp,
        "stepName": step_name,
        "type": "request",
        "prompt": either(prompt, ""),
        "promptLength": length(prompt),
        "estimatedInputTokens": either(get("estimatedInputTokens"), 0),
        "maxOutputTokens": either(get("maxTokens"), None),
        "provider": either(get("provider"), "unknown"),
        "modelName": either(get("modelName"), "unknown"),
        "userData": either(get("userData"), None),
        "calculatedData": either(get("calculatedData"), None),
        "hasError": truthy(error),
        "error": either(error, None),
    }
    if step_name is UNDEFINED:
        del entry["stepName"]
    return entry


def response_entry(log_id: Any, timestamp: str, step_name: Any, data: Fields) -> Entry:
    """What is logged after an AI call; `hasError` = error truthy or success falsy.

    step_name: UNDEFINED leaves the field out.
    """
    get = data.get
    response = get("response")
    success = get("success")
    error = get("error")
    entry = {
        "id": log_id,
        "timestamp": timestamp,
        "stepName": step_name,
        "type": "response",
        "response": either(response, ""),
        "responseLength": length(response),
        "estimatedOutputTokens": either(get("estimatedOutputTokens"), 0),
        "duration": either(get("duration"), 0),
        "success": either(success, False),
        "error": either(error, None),
        "hasError": truthy(error) or not truthy(success),
    }
    if step_name is UNDEFINED:
        del entry["stepName"]
    return entry


def combined_entry(log_id: Any, timestamp: str, step_name: Any, request: Fields, data: Fields) -> Entry:
    """Request and response of a call in one entry (`hybrid_batched`).

    timestamp: of the response; the request's own is in its data. A request's `error` is not looked at.
    """
    session_id = either(request.get("sessionId"), None)
    entry = request_entry(log_id, session_id, either(request.get("timestamp"), timestamp), step_name, request)
    answer = response_entry(log_id, timestamp, step_name, data)
    entry["type"] = "combined"
    del entry["hasError"], entry["error"]
    entry["responseTimestamp"] = timestamp
    for name in RESPONSE_FIELDS:
        entry[name] = answer[name]
    return entry


RESPONSE_FIELDS = (
    "response", "responseLength", "estimatedOutputTokens", "duration", "success", "error", "hasError",
)  # fmt: skip
