"""What stands for bindings that are not emulated in the `env` of a worker in workerd, and what of that one
invocation has for itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from edgeday.hosting.javascript.bundles import Bundle
from edgeday.hosting.stubs import Stub, as_data, not_emulated
from edgeday.invocation import Invocation
from edgeday.kv.namespace import KVNamespace

_NONE = object()


def refusals(bundle: Bundle) -> dict[str, str]:
    """What stands for the bindings of a bundle that nothing stubs, by name."""
    return {
        name: json.dumps({"refusal": not_emulated(f"{kind} {name}", name)})
        for name, kind in bundle.unsupported.items()
    }


def stubs_in(env: Any) -> Iterator[tuple[str, Stub]]:
    """The scenario's stubs in an `env`, by name."""
    return ((name, value) for name, value in env.__dict__.items() if isinstance(value, Stub))


def stub_data(env: Any) -> Mapping[str, str]:
    """The same, as JSON for `shim/stubs.js`."""
    return {name: as_data(name, stub._members) for name, stub in stubs_in(env)}


def filled_stubs(env: Any, invocation: Invocation) -> dict[str, Any] | None:
    """Those with values of an invocation in them, as it has them; None for none."""
    own = {
        name: json.loads(as_data(name, stub._of(invocation)))
        for name, stub in stubs_in(env)
        if stub._filled is not None
    }
    return own or None


def own_variables(env: Any, known: Mapping[str, Any]) -> dict[str, Any]:
    """The variables of one invocation that are not its isolate's, and which of that it has not got. known:
    the isolate's."""
    given = env.__dict__
    own = {
        name: value
        for name, value in given.items()
        if known.get(name, _NONE) is not value
        and known.get(name, _NONE) != value
        and not isinstance(value, (KVNamespace, Stub))
    }
    return {"vars": own or None, "without": [name for name in known if name not in given]}
