"""The fields that wrangler knows, and a word on those that it does not: nearly right, or of wrangler 1.

Source: the configuration schemas of wrangler 4.86 and 4.164.
"""

from __future__ import annotations

from typing import Any

from edgeday.errors import did_you_mean
from edgeday.wrangler.environments import NOT_INHERITED, Chosen
from edgeday.wrangler.source import ConfigSource, key_pattern

_INHERITED = (
    "account_id", "access", "assets", "base_dir", "build", "cache", "compatibility_date",
    "compatibility_flags", "compliance_region", "connect", "exports", "find_additional_modules",
    "first_party_worker", "jsx_factory", "jsx_fragment",
    "keep_names", "limits", "logfwdr", "logpush", "main", "migrations", "minify", "name",
    "no_bundle", "observability", "placement", "preserve_file_names", "preview_urls", "previews",
    "python_modules", "route", "routes", "rules", "triggers", "tsconfig", "upload_source_maps", "workers_dev",
)  # fmt: skip
_TOP_LEVEL_ONLY = (
    "$schema", "addresses", "alias", "data_blobs", "dependencies_instrumentation", "dev", "env", "keep_vars",
    "legacy_env", "pages_build_output_dir", "send_metrics", "site", "text_blobs", "wasm_modules",
)  # fmt: skip
_OF_AN_ENVIRONMENT = frozenset((*_INHERITED, *NOT_INHERITED))
_OF_THE_TOP_LEVEL = _OF_AN_ENVIRONMENT | frozenset(_TOP_LEVEL_ONLY)
_OF_A_KV_BINDING = frozenset({"binding", "id", "preview_id", "remote"})
_OF_A_BUILD = frozenset({"command", "cwd", "watch_dir"})
_OF_TRIGGERS = frozenset({"crons", "events"})
_LEGACY = {
    "type": "it is of wrangler 1, and nothing reads it any more",
    "webpack_config": "it is of wrangler 1, and nothing reads it any more",
    "zone_id": "it is of wrangler 1: write routes = [{ pattern, zone_id }]",
    "entry-point": "it is of wrangler 1: write main",
    "upload": "it is of wrangler 1: write main",
    "miniflare": "it is of miniflare 2, and nothing reads it any more",
    "usage_model": "it is of wrangler 3: the account decides",
    "node_compat": 'it is of wrangler 3: write compatibility_flags = ["nodejs_compat"]',
    "upstream_protocol": "it is of wrangler 3, and nothing reads it any more",
}
"""Fields of earlier wranglers -> what became of them."""


def warn_of_unknown_fields(source: ConfigSource, chosen: Chosen) -> None:
    """A warning for each field that wrangler would not read."""
    _warn(source, "top-level", source.values, _OF_THE_TOP_LEVEL)
    if chosen.name:
        _warn(source, f"env.{chosen.name}", chosen.own, _OF_AN_ENVIRONMENT)
    for name, known in (("triggers", _OF_TRIGGERS), ("build", _OF_A_BUILD)):
        table = chosen.inherited(name)
        if isinstance(table, dict):
            _warn(source, name, table, known)
    entries = chosen.own.get("kv_namespaces")
    for number, entry in enumerate(entries if isinstance(entries, list) else []):
        if isinstance(entry, dict):
            _warn(source, f"kv_namespaces[{number}]", entry, _OF_A_KV_BINDING)
    variables = chosen.own.get("vars")
    for name, value in variables.items() if isinstance(variables, dict) else ():
        if name in _OF_THE_TOP_LEVEL and isinstance(value, (dict, list)):
            what = f'"{name}" stands below [vars], so it is a variable'
            source.warn(key_pattern(name), what, "move it above the first table", last=True)


def _warn(source: ConfigSource, where: str, table: dict[str, Any], known: frozenset[str]) -> None:
    for name in table:
        if name not in known:
            hint = _LEGACY.get(name) or did_you_mean(name.replace("-", "_"), known)
            if name in _OF_THE_TOP_LEVEL:
                hint = "it is of the top level alone"
            what = f'Unexpected fields found in {where} field: "{name}"'
            source.warn(key_pattern(name), what, hint)
