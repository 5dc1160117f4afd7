"""The AI diet worker in Python: its AI logging in all its forms, and the plans that are logged.

`AiDietWorker` is the worker. The functions are those of the `hybrid` form, as its design document names them.
Nothing is imported before it is used, so that edgeday learns quickly what this package brings.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from worker_port.calls import call_ai_model
    from worker_port.functions import cache_delete, cache_get, cache_set, log_ai_request, log_ai_response
    from worker_port.ids import generate_unique_id
    from worker_port.variants import VARIANTS, Variant, variant_named
    from worker_port.worker import AiDietWorker

_PLACES = {
    "AiDietWorker": "worker_port.worker",
    "VARIANTS": "worker_port.variants",
    "Variant": "worker_port.variants",
    "cache_delete": "worker_port.functions",
    "cache_get": "worker_port.functions",
    "cache_set": "worker_port.functions",
    "call_ai_model": "worker_port.calls",
    "generate_unique_id": "worker_port.ids",
    "log_ai_request": "worker_port.functions",
    "log_ai_response": "worker_port.functions",
    "variant_named": "worker_port.variants",
}
__all__ = [
    "VARIANTS",
    "AiDietWorker",
    "Variant",
    "cache_delete",
    "cache_get",
    "cache_set",
    "call_ai_model",
    "generate_unique_id",
    "log_ai_request",
    "log_ai_response",
    "variant_named",
]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_PLACES[name]), name)
