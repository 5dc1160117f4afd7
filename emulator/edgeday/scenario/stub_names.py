"""Names in the stubs of a scenario file that stand for nothing: bindings, placeholders."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from edgeday.errors import Problem, did_you_mean
from edgeday.scenario.placeholders import named_in, undefined
from edgeday.scenario.yaml_source import Source


def stub_problems(
    source: Source, bound: Mapping[str, str] | None, emulated: Collection[str]
) -> Iterator[Problem]:
    """The stubs of a file that stand for no binding of its worker, and placeholders in them that nothing
    defines.

    bound: bindings that are not emulated, each with its kind; None where nothing says which there are.
    emulated: KV bindings of its configuration.
    """
    given = source.value.get("values")
    defined = list(given) if isinstance(given, dict) else []
    for name, stub in _written(source).items():
        if name in emulated:
            yield source.problem(("worker", "stubs", name), emulated_words(name), at_key=True)
        elif bound is not None and name not in bound:
            known = ", ".join(f"{one} ({kind})" for one, kind in bound.items()) or "none"
            what = f"the worker has no binding {name} that needs a stub"
            hint = did_you_mean(name, list(bound)) or f"there are: {known}"
            yield source.problem(("worker", "stubs", name), what, hint=hint, at_key=True)
        for placeholder, place, at_key in named_in(stub, ("worker", "stubs", name)):
            if placeholder not in defined:
                yield undefined(source, place, at_key, placeholder, defined)


def _written(source: Source) -> Mapping[str, Any]:
    worker = source.value.get("worker")
    stubs = worker.get("stubs") if isinstance(worker, dict) else None
    return stubs if isinstance(stubs, dict) else {}


def emulated_words(name: str) -> str:
    """What is said of the stub of a KV binding."""
    return f"{name} is a KV binding, and emulated"


def not_stubbed(warnings: Sequence[str], unsupported: Sequence[str], stubs: Collection[str]) -> Iterator[str]:
    """The warnings of a worker with what a scenario stubs left out of what is not emulated.

    unsupported: in words, "D1 database DB". stubs: names of bindings.
    """
    left = [words for words in unsupported if words.rpartition(" ")[2] not in stubs]
    all_of_them = ", ".join(unsupported)
    for text in warnings:
        if not stubs or not unsupported or not text.endswith(f": {all_of_them}"):
            yield text
        elif left:
            yield text.removesuffix(all_of_them) + ", ".join(left)
