"""The `worker` of a scenario: which one runs, and what its `env` holds besides KV bindings."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, field_validator
from pydantic_core import PydanticCustomError

from edgeday.fields import Model, impossible
from edgeday.runtime.entry_names import BadEntry, read_entry
from edgeday.scenario.profile import profiles
from edgeday.scenario.stubs import WrittenStub


class Worker(Model):
    """Which worker runs. Written as a text alone, it is the entry."""

    entry: str | None = None
    """A file (`src/entry.py`, `src/index.ts`, `worker.js`, with `:Class` for another class or entrypoint), a
    bundle (`dist/worker.bundle`), a wrangler configuration (`wrangler.jsonc`: its `main`, bindings and
    variables), or module and class (`package.module:Class`). A path is looked for beside the scenario, above
    it, and in the directory you run from."""
    profile: str | None = None
    """The worker profile; default: the one that goes with the worker, or with the kind of traffic."""
    variant: str | None = None
    """Which form of it, for workers that have variants; becomes a variable of `env`: VARIANT, or what the
    worker profile calls it."""
    vars: dict[str, Any] = Field(default_factory=dict)
    """Plain variables of the worker's `env`, over those of the configuration."""
    env: str | None = None
    """Which environment of the wrangler configuration; "" is the top level, said on purpose."""
    stubs: dict[str, WrittenStub] = Field(default_factory=dict)
    """What stands for bindings that are not emulated: binding -> what is called of it and what that gives,
    or `fetch` for a service that the `origins` answer."""

    @field_validator("entry")
    @classmethod
    def _names_a_worker(cls, entry: str | None) -> str | None:
        try:
            if entry is not None:
                read_entry(entry)
        except BadEntry as bad:
            context = {"message": str(bad), "hint": bad.hint}
            raise PydanticCustomError("entry", "{message}", context) from None
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
