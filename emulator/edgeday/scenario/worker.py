"""The `worker` of a scenario: which one runs, and what its `env` holds besides KV bindings."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator
from pydantic_core import PydanticCustomError

from edgeday.fields import Model, impossible
from edgeday.scenario.profile import profiles

EntryKind = Literal["module", "file", "configuration"]
"""What an entry names: a class of an importable module, a worker's file, or a wrangler configuration."""

_FILE = re.compile(r"(?P<path>.+\.[A-Za-z]\w*)(?::(?P<name>\w+))?")
_CONFIGURATIONS = (".toml", ".json", ".jsonc")
_MODULE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*")


def kind_of_entry(entry: str) -> EntryKind | None:
    """What an entry names, None if it is none. One with a slash, or with the ending of a file, is a path."""
    path = _FILE.fullmatch(entry)
    if path is None or (path["name"] and not path["path"].endswith((".py", *_CONFIGURATIONS))):
        return "module" if _MODULE.fullmatch(entry) else None
    if path["path"].endswith(_CONFIGURATIONS):
        return None if path["name"] else "configuration"
    return "file"


class Worker(Model):
    """Which worker runs. Written as a text alone, it is the entry."""

    entry: str | None = None
    """A Python file (`src/entry.py`, or `src/entry.py:Class`), a wrangler configuration (`wrangler.jsonc`:
    its `main`, bindings and variables), or module and class (`package.module:Class`). A path is looked for
    beside the scenario, above it, and in the directory you run from."""
    profile: str | None = None
    """The worker profile; default: the one that goes with the worker, or with the kind of traffic."""
    variant: str | None = None
    """Which form of it, for workers that have variants; becomes a variable of `env`: VARIANT, or what the
    worker profile calls it."""
    vars: dict[str, Any] = Field(default_factory=dict)
    """Plain variables of the worker's `env`, over those of the configuration."""
    env: str | None = None
    """Which environment of the wrangler configuration; "" is the top level, said on purpose."""

    @field_validator("entry")
    @classmethod
    def _names_a_worker(cls, entry: str | None) -> str | None:
        if entry is not None and kind_of_entry(entry) is None:
            message = f'"{entry}" names no class; write package.module:Class'
            hint = "or a file: src/entry.py, wrangler.jsonc"
            raise PydanticCustomError("entry", "{message}", {"message": message, "hint": hint})
        return entry

    @field_validator("profile")
    @classmethod
    def _is_there(cls, profile: str | None) -> str | None:
        if profile is not None and profile not in profiles():
            known = ", ".join(profiles()) or "no installed package brings one"
            raise impossible(f'there is no worker profile "{profile}" (there are: {known})')
        return profile


def _whole(value: Any) -> Any:
    return {"entry": value} if isinstance(value, str) else value


WrittenWorker = Annotated[Worker, BeforeValidator(_whole, json_schema_input_type=str | Worker)]
"""A worker as a scenario has it: a mapping, or its entry alone."""
