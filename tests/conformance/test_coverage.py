"""The rows of docs/coverage.md against behaviour, and the bindings' methods and options against the rows."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from pathlib import Path
from typing import get_overloads

import pytest

from edgeday import web
from edgeday.cache.cache import Cache
from edgeday.clock import VirtualClock
from edgeday.coverage import Member, members_of, offers
from edgeday.errors import PlatformError, PlatformTypeError
from edgeday.kv.namespace import KVNamespace
from edgeday.kv.options import SHAPES
from edgeday.runtime.edge import Edge
from edgeday.web import Request
from tests.conftest import START
from tools import docs

from .member_checks import CHECKS, URL, USES

ROOT = Path(__file__).parents[2]

KV, CACHE = docs.api_members().values()
MEMBERS = {member.name: member for member in (*KV, *CACHE)}
SUPPORTED = [name for name, member in MEMBERS.items() if member.supported]
UNSUPPORTED = [name for name, member in MEMBERS.items() if not member.supported]


@pytest.fixture
def edge():
    return Edge(clock=VirtualClock(START), namespaces={"kv": "namespace-1"})


@pytest.mark.parametrize("name", SUPPORTED)
async def test_a_supported_member_does_what_its_row_says(edge, name):
    assert name in CHECKS, "write a check that shows it"
    await CHECKS[name](edge)


@pytest.mark.parametrize("name", UNSUPPORTED)
async def test_what_is_not_there_raises_exactly_what_its_row_says(edge, name):
    assert name in USES, "write a use of it"
    with pytest.raises(PlatformError) as raised:
        await USES[name](edge)
    assert (type(raised.value), raised.value.message) == (PlatformError, MEMBERS[name].raises)


def test_no_row_is_there_twice_and_no_check_speaks_of_a_row_that_is_gone():
    assert max(Counter(member.name for member in (*KV, *CACHE)).values()) == 1
    assert {*CHECKS, *USES} == set(MEMBERS)


def test_every_module_whose_functions_carry_rows_is_collected():
    hosting = ROOT / "emulator" / "edgeday" / "hosting"  # its rows have a page of their own
    carriers = {
        path.relative_to(ROOT / "emulator").with_suffix("").as_posix().replace("/", ".")
        for path in (ROOT / "emulator").rglob("*.py")
        if "from edgeday.coverage import" in path.read_text("utf-8") and not path.is_relative_to(hosting)
    }
    assert carriers == {module.__name__ for modules in docs.APIS.values() for module in modules}


def methods(binding: type) -> set[str]:
    public = {name: member for name, member in vars(binding).items() if not name.startswith("_")}
    return {name for name, member in public.items() if callable(member) or isinstance(member, property)}


@pytest.mark.parametrize(
    ("binding", "prefix"), [(KVNamespace, ""), (type(web.caches), "caches."), (Cache, "cache.")]
)
def test_every_public_method_of_a_binding_has_a_row(binding, prefix):
    pattern = re.compile(rf"{re.escape(prefix)}(\w+)(?:\(.*\))?")
    rows = KV if prefix == "" else CACHE
    assert methods(binding) == {match[1] for row in rows if (match := pattern.fullmatch(row.name))}


def options_of(rows: list[Member], method: str) -> set[str]:
    """The options that rows such as "match, delete: ignoreMethod" name for a method."""
    named = (row.name.partition(": ") for row in rows if ": " in row.name)
    return {option.split()[0] for methods, _, option in named if method in methods.split(", ")}


class Noted(dict):
    """Options that note which of them are looked for."""

    def __init__(self) -> None:
        super().__init__(another=1)
        self.names: set[object] = set()

    def __contains__(self, name):
        self.names.add(name)
        return super().__contains__(name)

    def __getitem__(self, name):
        self.names.add(name)
        return super().__getitem__(name)

    def get(self, name, default=None):
        self.names.add(name)
        return super().get(name, default)


@pytest.mark.parametrize(
    ("method", "rows_of", "call"),
    [
        ("get", "get", lambda kv, options: kv.get("k", options)),
        ("getWithMetadata", "get", lambda kv, options: kv.getWithMetadata("k", options)),
        ("put", "put", lambda kv, options: kv.put("k", "v", options)),
        ("list", "list", lambda kv, options: kv.list(options)),
    ],
)
async def test_every_keyword_and_option_that_a_kv_call_looks_for_has_a_row(edge, method, rows_of, call):
    options = Noted()
    await call(edge.env.kv, options)
    assert options.names == options_of(KV, rows_of) == SHAPES[method][1]
    signatures = [
        inspect.signature(overload).parameters.values()
        for overload in get_overloads(getattr(KVNamespace, method))
    ]
    keywords = {
        parameter.name
        for parameters in signatures
        for parameter in parameters
        if parameter.kind is parameter.KEYWORD_ONLY
    }
    assert keywords == options.names


@pytest.mark.parametrize("method", ["match", "delete"])
async def test_every_option_that_a_cache_call_looks_for_has_a_row(edge, method):
    options = Noted()
    await getattr(edge.caches.default, method)(URL, options)
    assert options.names == options_of(CACHE, method)


async def test_every_member_of_cf_that_a_cache_looks_for_has_a_row(edge):
    request = Request(URL)
    request.cf = Noted()
    await edge.caches.default.match(request)
    assert {f"request.cf.{name}" for name in request.cf.names} == {
        name for name in MEMBERS if name.startswith("request.cf.")
    }


async def test_the_types_of_a_get_are_those_that_its_refusal_names(edge):
    await edge.env.kv.put("k", "v")
    with pytest.raises(PlatformTypeError) as raised:
        await edge.env.kv.get("k", "blob")
    of_rows = {name.removeprefix("get: type ") for name in MEMBERS if name.startswith("get: type ")}
    assert set(re.findall(r'"\w+"', raised.value.message)) == of_rows


def test_a_function_that_offers_members_is_the_function_itself():
    def function() -> None:
        """Carries a member."""

    assert offers(Member("a"))(function) is function
    assert members_of(inspect.getmodule(KVNamespace))[0].name == "get(key)"
