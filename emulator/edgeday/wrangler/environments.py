"""Environments of a configuration: which one is meant, and what it inherits.

As wrangler has it: None is the top level, with a warning where there are environments; "" is the top level
on purpose; a name where there are no environments is the top level under another name, with a warning.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from edgeday.errors import BadInput, Problem, did_you_mean
from edgeday.wrangler.source import ConfigSource, key_pattern

NOT_INHERITED = (
    "vars", "secrets", "define", "durable_objects", "workflows", "kv_namespaces", "cloudchamber",
    "containers", "send_email", "queues", "r2_buckets", "d1_databases", "vectorize", "ai_search_namespaces",
    "ai_search", "hyperdrive", "services", "analytics_engine_datasets", "dispatch_namespaces",
    "mtls_certificates",
    "tail_consumers", "streaming_tail_consumers", "unsafe", "browser", "ai", "images", "stream", "media",
    "pipelines", "secrets_store_secrets", "artifacts", "unsafe_hello_world", "flagship", "worker_loaders",
    "ratelimits", "vpc_services", "vpc_networks", "version_metadata", "agent_memory", "analytics", "k2",
)  # fmt: skip
"""What every environment needs of its own."""


class Chosen(NamedTuple):
    """The environment that is meant. name: "" for the top level. own: what stands in it. top: the top level.
    suffix: what the worker's name gets behind it."""

    name: str
    own: dict[str, Any]
    top: dict[str, Any]
    suffix: str = ""

    def inherited(self, key: str) -> Any:
        """The value of an inheritable key: its own, else the top level's, else None."""
        value = self.own.get(key)
        return self.top.get(key) if value is None else value


def environment_names(source: ConfigSource) -> tuple[str, ...]:
    """The names of all environments, in the order of the file."""
    environments = source.values.get("env")
    return tuple(environments) if isinstance(environments, dict) else ()


def choose(source: ConfigSource, environment: str | None) -> Chosen:
    """The environment of a name. Raises BadInput if others are there, but not this one."""
    top = source.values
    environments = top.get("env") or {}
    if not isinstance(environments, dict):
        source.problem("env", "env is not a table of environments")
        source.refuse()
    if top.get("legacy_env") is False:
        source.warn(key_pattern("legacy_env"), "Service environments are deprecated", "leave legacy_env out")
    if not environment:
        if environments and environment is None:
            names = ", ".join(environments)
            what = f"environments are defined ({names}), but no target environment was specified"
            source.warn("", what, 'the top level is used: name one, or "" for the top level')
        return Chosen("", top, top)
    if not environments:
        what = f'No environment found in configuration with name "{environment}"'
        source.warn("", what, "the top level is used")
        return Chosen("", top, top, f"-{environment}")
    own = environments.get(environment)
    if own is None:
        known = f"there are: {', '.join(environments)}"
        hint = did_you_mean(environment, environments) or known
        raise BadInput(Problem(str(source.path), f'there is no environment "{environment}"', hint))
    if not isinstance(own, dict):
        source.problem(key_pattern(environment), f"env.{environment} is not a table")
        source.refuse()
    _warn_of_what_is_not_inherited(source, environment, own)
    return Chosen(environment, own, top, f"-{environment}")


def _warn_of_what_is_not_inherited(source: ConfigSource, name: str, own: dict[str, Any]) -> None:
    top = source.values
    for key in NOT_INHERITED:
        if top.get(key) is None:
            continue
        if own.get(key) is None:
            what = f'"{key}" exists at the top level, but not on "env.{name}", which does not inherit it'
            source.warn(key_pattern(key), what)
            continue
        for missing in sorted(_names(key, top[key]) - _names(key, own[key])):
            what = (
                f'{key} has "{missing}" at the top level, but not on "env.{name}", which does not inherit it'
            )
            source.warn(key_pattern(key), what)


def _names(key: str, value: Any) -> set[str]:
    """The names of variables, or of the bindings in a list."""
    if isinstance(value, dict):
        return set(value) if key in {"vars", "define"} else set()
    entries = value if isinstance(value, list) else []
    return {str(entry["binding"]) for entry in entries if isinstance(entry, dict) and "binding" in entry}
