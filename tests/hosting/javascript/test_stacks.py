"""Stacks of JavaScript in the user's own files, with the source map of a real bundle and without one."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgeday.call_site import UNKNOWN
from edgeday.errors import Thrown
from edgeday.hosting.javascript.bundles import Bundle, Module, read_bundle
from edgeday.hosting.javascript.stacks import Stacks

BUNDLES = Path(__file__).parent / "bundles"
SOURCE = """export default {
  fetch() {
    return shop();
  },
};
const shop = () => { throw new RangeError("boom"); };
"""


def stacks_of(source: str = SOURCE, name: str = "worker.js", **options: object) -> Stacks:
    return Stacks(Bundle(name, "modules", (Module(name, "esModule", source.encode()),), **options))  # type: ignore[arg-type]


def error(stack: str, **more: object) -> dict[str, object]:
    return {"name": "RangeError", "message": "boom", "stack": f"RangeError: boom\n{stack}", **more}


def test_a_stack_is_shown_through_the_workers_own_lines() -> None:
    thrown = stacks_of().thrown(
        error(
            "    at shop (worker.js:6:28)\n    at Array.map (<anonymous>)\n"
            "    at Object.fetch (worker.js:3:12)\n    at asked (edgeday:worker:53:10)"
        )
    )
    assert thrown.trace.splitlines() == [
        "RangeError: boom",
        "    at shop (worker.js:6:28)",
        '        const shop = () => { throw new RangeError("boom"); };',
        "    at Object.fetch (worker.js:3:12)",
        "        return shop();",
    ]
    assert thrown[:3] == ("worker.js", 6, "shop")


def line_of_greeting(bundle: Bundle) -> str:
    """A frame of the error of greet.ts in a bundle of it."""
    text = bundle.modules[0].body.decode()
    before = text[: text.index("new Error(")]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return f"    at greet (index.js:{line}:{column})"


def test_a_stack_that_the_worker_writes_itself_is_shown_in_its_sources() -> None:
    bundle = read_bundle(BUNDLES / "shop.bundle")
    logged = f"caught Error: boom\n{line_of_greeting(bundle)}\n    at Object.fetch (other.js:1:2)\nat 12:30"
    shown = Stacks(bundle).shown(logged).split("\n")
    assert shown[1].startswith("    at greet (src/greet.ts:")
    assert [shown[0], *shown[2:]] == ["caught Error: boom", "    at Object.fetch (other.js:1:2)", "at 12:30"]


@pytest.mark.parametrize(
    "text", ["", "sold at 12:30:01", "a\r\n    at no place\n\n", "    at x (gone.js:1:1)"]
)
def test_what_a_worker_writes_otherwise_stays_as_it_is(text: str) -> None:
    assert stacks_of().shown(text) == text


def greeting(bundle: Bundle) -> Thrown:
    """What the error of greet.ts is, thrown in a bundle of it."""
    return Stacks(bundle).thrown(error(line_of_greeting(bundle)))


def test_the_source_map_of_a_bundle_is_applied() -> None:
    thrown = greeting(read_bundle(BUNDLES / "shop.bundle"))
    source = (BUNDLES / "shop" / "src" / "greet.ts").read_text("utf-8").splitlines()
    assert thrown.file == "src/greet.ts"
    assert "new Error(" in source[thrown.line - 1]
    assert thrown.trace.splitlines()[-1].strip() == source[thrown.line - 1].strip()


@pytest.mark.parametrize("place", ["worker.bundle", "dist/worker.bundle", "dist/a/b/worker.bundle"])
def test_sources_are_looked_for_from_the_folder_of_a_bundle_upwards(tmp_path: Path, place: str) -> None:
    path = tmp_path / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((BUNDLES / "shop.bundle").read_bytes())
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "greet.ts").write_text("")
    assert greeting(read_bundle(path)).file == str(tmp_path / "src" / "greet.ts")


@pytest.mark.parametrize(
    ("frame", "site"),
    [
        ("at shop (worker.js:6:28)", ("worker.js", 6, "shop")),
        ("at worker.js:3:12", ("worker.js", 3, "")),
        ("at async worker.js:3:12", ("worker.js", 3, "")),
        ("at async Object.fetch (worker.js:3:12)", ("worker.js", 3, "Object.fetch")),
        ("at Object.<anonymous> (worker.js:3:12)", ("worker.js", 3, "Object.<anonymous>")),
        ("at Shop.pay [as buy] (./worker.js:3:12)", ("worker.js", 3, "Shop.pay [as buy]")),
        ("at worker.js:3:12 in shop", ("worker.js", 3, "shop")),
        ("at eval (eval at shop (worker.js:6:1), <anonymous>:1:1)", UNKNOWN),
        ("at Array.map (<anonymous>)", UNKNOWN),
        ("at async Promise.all (index 0)", UNKNOWN),
        ("at platformError (edgeday:state:15:17)", UNKNOWN),
        ("at node:internal/timers:3:4", UNKNOWN),
        ("at other.js:3:12", UNKNOWN),
    ],
)
def test_frames_are_read_in_all_forms(frame: str, site: object) -> None:
    assert stacks_of().site(f"Error\n    {frame}") == site


def test_names_of_modules_may_have_spaces_and_brackets() -> None:
    stacks = stacks_of(name="pages (old)/[id].js")
    assert stacks.site("Error\n    at f (pages (old)/[id].js:2:3)").line == 2


def test_a_message_that_looks_like_a_frame_is_none() -> None:
    told = {"name": "Error", "message": "it is\nat worker.js", "stack": "Error: it is\nat worker.js"}
    assert stacks_of().thrown(told)[:3] == UNKNOWN


def test_frames_of_packages_are_counted_and_are_nobodys_line() -> None:
    modules = [
        Module(name, "esModule", SOURCE.encode())
        for name in ("worker.js", "node_modules/hono/app.js", "node_modules/@scope/web/index.js")
    ]
    stacks = Stacks(Bundle("worker.js", "modules", tuple(modules)))
    thrown = stacks.thrown(
        error(
            "    at a (node_modules/hono/app.js:1:1)\n    at b (node_modules/hono/app.js:2:1)\n"
            "    at c (node_modules/@scope/web/index.js:2:1)\n    at shop (worker.js:3:12)"
        )
    )
    assert thrown.trace.splitlines()[1:4] == [
        "    ... 2 frames of hono",
        "    ... 1 frame of @scope/web",
        "    at shop (worker.js:3:12)",
    ]
    assert thrown.line == 3


def test_a_recursion_is_shown_once() -> None:
    thrown = stacks_of().thrown(error("    at shop (worker.js:6:28)\n" * 300 + "    at worker.js:3:12"))
    lines = [line for line in thrown.trace.splitlines() if "at " in line or "..." in line]
    assert lines == ["    at shop (worker.js:6:28)", "    ... 299 more of this line", "    at worker.js:3:12"]


def test_of_a_long_stack_both_ends_are_shown() -> None:
    frames = "\n".join(f"    at f{number} (worker.js:{number % 6 + 1}:1)" for number in range(50))
    lines = [line for line in stacks_of().thrown(error(frames)).trace.splitlines() if line[4:7] != "   "]
    assert len(lines) == 1 + 10 + 1 + 10
    assert lines[11] == "    ... 30 more"


def test_causes_and_errors_within_are_told() -> None:
    inner = {"name": "Error", "message": "inner", "stack": "Error: inner\n    at worker.js:3:12"}
    thrown = stacks_of().thrown(error("    at worker.js:6:28", cause=inner, errors=[inner]))
    assert [line for line in thrown.trace.splitlines() if not line.startswith(" ")] == [
        "RangeError: boom",
        "errors[0]: Error: inner",
        "caused by Error: inner",
    ]


def test_an_error_that_comes_again_is_not_rendered_again() -> None:
    stacks = stacks_of()
    once = stacks.thrown(error("    at worker.js:6:28"))
    assert all(stacks.thrown(error("    at worker.js:6:28")) is once for _ in range(1000))
    assert stacks.thrown(error("    at worker.js:3:12")) is not once


def test_what_is_thrown_without_a_line_of_the_worker_has_no_stack() -> None:
    assert stacks_of().thrown(error("    at asked (edgeday:worker:53:10)")) == ("", 0, "", "")


def test_a_damaged_source_map_leaves_the_place_in_the_bundle() -> None:
    damaged = stacks_of(source_maps={"worker.js": b'{"version": 3, "sources": [], "mappings": "AAAAAA"}'})
    assert damaged.site("Error\n    at worker.js:1:12") == ("worker.js", 1, "")
    none = stacks_of(source_maps={"worker.js": b"{"})
    assert none.site("Error\n    at worker.js:1:12") == ("worker.js", 1, "")


def test_a_module_that_is_the_users_file_is_named_as_that(tmp_path: Path) -> None:
    file = tmp_path / "worker.js"
    assert stacks_of(folder=tmp_path, sources=(file,)).site("Error\n    at worker.js:1:12").file == str(file)
    assert stacks_of(folder=tmp_path).site("Error\n    at worker.js:1:12").file == "worker.js"


def test_a_function_is_found_by_its_source_where_that_is_unique() -> None:
    stacks = stacks_of()
    assert stacks.place_of_code("fetch() {\n    return shop();\n  }").line == 2
    assert stacks.place_of_code("function () { [native code] }") == UNKNOWN
    assert stacks_of(SOURCE + SOURCE).place_of_code("return shop();") == UNKNOWN


@pytest.mark.parametrize(
    ("frames", "line"),
    [
        (
            [
                "worker.js:1:1",
                "new Promise (<anonymous>)",
                "sleep (worker.js:1:1)",
                "Object.fetch (worker.js:3:9)",
            ],
            3,
        ),
        (
            [
                "worker.js:3:1",
                "new Promise (<anonymous>)",
                "count (worker.js:2:1)",
                "Object.fetch (worker.js:4:9)",
            ],
            2,
        ),
        (
            [
                "worker.js:1:1",
                "new Promise (<anonymous>)",
                "Timers.delay (worker.js:1:1)",
                "async f (worker.js:5:9)",
            ],
            5,
        ),
        (["worker.js:1:1", "new Promise (<anonymous>)", "sleep (worker.js:2:1)"], 2),
        (["start (edgeday:timers:14:3)", "Object.fetch (worker.js:3:9)"], 3),
    ],
)
def test_a_timer_has_the_line_that_waits_for_it(frames: list[str], line: int) -> None:
    stack = "\n".join(["Error", *(f"    at {frame}" for frame in frames)])
    assert stacks_of().waits(stack).line == line
