"""Places in a bundle, and where they come from: maps of esbuild, in real bundles, and made ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edgeday.hosting.javascript.bundles import read_bundle
from edgeday.hosting.javascript.source_maps import Position, SourceMap

BUNDLES = Path(__file__).parent / "bundles"
SOURCES = BUNDLES / "shop"
ONE = {"version": 3, "sources": ["a.js"], "names": ["first"], "mappings": "AAAA,IAAIA;;AAEF,G"}
"""Line 1, column 1 and 5; line 3, column 1 is 3:3 of the source, column 4 is of none."""


def source_map(**changes: object) -> SourceMap:
    return SourceMap(json.dumps({**ONE, **changes}))


def place_of(text: str, part: str) -> tuple[int, int]:
    before = text[: text.index(part)]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


@pytest.mark.parametrize("name", ["shop", "shop-3"])
@pytest.mark.parametrize(
    ("part", "source"),
    [
        ("new Error(", "src/greet.ts"),
        ("greet(path ===", "src/index.ts"),
        ("String(controller", "src/index.ts"),
    ],
)
def test_a_place_in_a_bundle_comes_from_the_users_file(name, part, source):
    bundle = read_bundle(BUNDLES / f"{name}.bundle")
    line, column = place_of(bundle.modules[0].body.decode(), part)
    found = SourceMap(bundle.source_maps["index.js"]).position(line, column)
    text = (SOURCES / source).read_text("utf-8")
    assert found is not None
    assert (found.source, found.line, found.column) == (source, *place_of(text, part))


def test_a_map_has_the_text_of_its_sources():
    found = SourceMap(read_bundle(BUNDLES / "shop.bundle").source_maps["index.js"])
    assert found.text("src/greet.ts") == (SOURCES / "src/greet.ts").read_text("utf-8")
    assert found.text("src/other.ts") is None


@pytest.mark.parametrize(
    ("line", "column", "found"),
    [
        (1, 1, Position("a.js", 1, 1, None)),
        (1, 4, Position("a.js", 1, 1, None)),
        (1, 5, Position("a.js", 1, 5, "first")),
        (1, 500, Position("a.js", 1, 5, "first")),
        (2, 1, None),
        (3, 1, Position("a.js", 3, 3, None)),
        (3, 3, Position("a.js", 3, 3, None)),
        (3, 4, None),
        (4, 1, None),
    ],
)
def test_a_place_belongs_to_the_mapping_at_or_before_it(line, column, found):
    assert source_map().position(line, column) == found


def test_a_place_before_the_first_mapping_of_a_line_is_of_no_source():
    assert source_map(mappings="IAAA").position(1, 4) is None
    assert source_map(mappings="IAAA").position(1, 5) == Position("a.js", 1, 1, None)


def test_numbers_may_have_several_digits_and_a_sign():
    assert source_map(mappings="AAgBgC,CADA").position(1, 1) == Position("a.js", 17, 33, None)
    assert source_map(mappings="AAgBgC,CADA").position(1, 2) == Position("a.js", 16, 33, None)


@pytest.mark.parametrize(
    ("root", "source", "path"),
    [
        ("", "../src/a.js", "../src/a.js"),
        ("src", "./a.js", "src/a.js"),
        ("src/", "b/../a.js", "src/a.js"),
        ("", "webpack://shop/./src/a.js", "src/a.js"),
        ("", "file:///srv/a.js", "/srv/a.js"),
        ("", "src\\a.js", "src/a.js"),
        ("", "/abs/a.js", "/abs/a.js"),
    ],
)
def test_a_source_is_a_path(root, source, path):
    found = source_map(sourceRoot=root, sources=[source]).position(1, 1)
    assert found is not None
    assert found.source == path


def test_sections_lie_where_their_offsets_say():
    sections = [
        {"offset": {"line": 0, "column": 0}, "map": ONE},
        {"offset": {"line": 10, "column": 7}, "map": {**ONE, "sources": ["b.js"], "sourcesContent": ["b"]}},
    ]
    found = SourceMap(json.dumps({"version": 3, "sections": sections}))
    assert found.position(3, 1) == Position("a.js", 3, 3, None)
    assert found.position(11, 7) is None
    assert found.position(11, 8) == Position("b.js", 1, 1, None)
    assert found.position(11, 12) == Position("b.js", 1, 5, "first")
    assert found.position(13, 1) == Position("b.js", 3, 3, None)
    assert found.text("b.js") == "b"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no JSON"),
        ("[]", "no source map of version 3"),
        ('{"version": 2}', "no source map of version 3"),
        ('{"version": 3}', "no mappings"),
        ('{"version": 3, "sections": [{}]}', "no sections of a source map"),
        ('{"version": 3, "sections": 1}', "no sections of a source map"),
    ],
)
def test_what_is_no_source_map_is_refused(text, said):
    with pytest.raises(ValueError, match=said):
        SourceMap(text)


@pytest.mark.parametrize("mappings", ["A%AA", "AAAAAA", "AA", "AAg", "AEAA", "ADAA", "AAAAC", ","])
def test_damaged_mappings_are_refused_when_they_are_asked(mappings):
    with pytest.raises(ValueError, match="mapping"):
        source_map(mappings=mappings).position(1, 1)
