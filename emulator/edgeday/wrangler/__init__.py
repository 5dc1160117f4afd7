"""The user's own wrangler configuration: the worker's file, its bindings, variables, crons and dates.

Reads wrangler.toml, wrangler.json and wrangler.jsonc as wrangler does, warns of what wrangler warns of, and
says which bindings are not emulated. Local secrets (.dev.vars, .env) are read beside it.
Source: Cloudflare docs, Wrangler configuration ("Environments", "Inheritable keys"); runs of wrangler 4.86.
"""

from edgeday.wrangler.config import find_wrangler_config, load_wrangler_config
from edgeday.wrangler.model import Binding, WranglerConfig

__all__ = ["Binding", "WranglerConfig", "find_wrangler_config", "load_wrangler_config"]
