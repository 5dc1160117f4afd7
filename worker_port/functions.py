"""The logging functions of the `hybrid` form, named as in the worker's design document."""

from __future__ import annotations

from typing import Any

from worker_port.stores import CACHE_TTL_S, CacheStorage
from worker_port.variants import HYBRID

_CACHE = CacheStorage()


async def log_ai_request(env: Any, step_name: Any, request_data: Any) -> str | None:
    """Log an AI call before it is made; its log id, or None if it could not be logged.

    request_data: dict of prompt, estimatedInputTokens, maxTokens, provider, modelName, sessionId, userData,
    calculatedData, error. Costs 3 cache puts and 2 matches for the first call of a session, 2 puts and
    2 matches later; 1 KV write more if `error` is truthy.
    """
    return await HYBRID.log.log_request(env, step_name, request_data)


async def log_ai_response(env: Any, log_id: Any, step_name: Any, response_data: Any) -> None:
    """Log how an AI call ended.

    response_data: dict of response, success, error, duration (ms), estimatedOutputTokens. Costs 1 cache put;
    1 KV write more if the call failed (`error` truthy or `success` falsy).
    """
    await HYBRID.log.log_response(env, log_id, step_name, response_data)


async def cache_set(key: str, data: Any, ttl_s: Any = CACHE_TTL_S) -> bool:
    """Put JSON into the log cache; False if that failed. Costs 1 cache put."""
    return await _CACHE.set(key, data, ttl_s)


async def cache_get(key: str) -> Any:
    """JSON from the log cache; None if it is missing or cannot be read. Costs 1 cache match."""
    return await _CACHE.get(key)


async def cache_delete(key: str) -> bool:
    """Remove a key from the log cache; whether something was there. Costs 1 cache delete."""
    return await _CACHE.delete(key)
