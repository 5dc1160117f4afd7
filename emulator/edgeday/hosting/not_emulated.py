"""Handlers and classes of workers that nothing calls here, in the words of a warning."""

from __future__ import annotations

HANDLERS = {
    "queue": "there are no queues",
    "email": "no mail arrives",
    "tail": "one worker runs at a time",
    "tailStream": "one worker runs at a time",
    "trace": "one worker runs at a time",
}
"""Handlers, each with the reason why nothing calls it."""
CLASSES = {"DurableObject": "Durable Objects", "WorkflowEntrypoint": "Workflows"}
"""Classes that workers extend, each with what its instances are."""


def handler_text(name: str) -> str:
    """What is said of a handler."""
    return f"edgeday does not emulate the handler {name}: nothing calls it"


def class_text(name: str, base: str) -> str:
    """What is said of a class that extends one of these."""
    return f"edgeday does not emulate {CLASSES[base]}: nothing runs class {name}"
