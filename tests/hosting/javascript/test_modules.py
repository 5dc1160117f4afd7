"""Modules of all kinds, under any name, as a worker's code finds them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from edgeday.hosting.javascript.bundles import Bundle, Form, Module
from edgeday.hosting.javascript.host import host_javascript
from tests.hosting.javascript.workers import edge_with, texts

pytestmark = pytest.mark.workerd

ADD = bytes.fromhex(
    "0061736d0100000001070160027f7f017f030201000707010361646400000a09010700200020016a0b"  # (i32, i32) -> i32
)


def says(
    workerd: Path,
    main: str,
    *others: Module,
    form: Form = "modules",
    flags: Sequence[str] = (),
    date: str = "2026-02-01",
    name: str = "worker.js",
) -> str:
    """What a worker of these modules answers to a request."""
    kind = "esModule" if form == "modules" else "serviceWorkerScript"
    modules = (Module(name, kind, main.encode()), *others)
    bundle = Bundle(name, form, modules, date=date, flags=tuple(flags))
    return texts(edge_with(host_javascript(bundle, workerd, namespaces=["KV"])), "/")[0]


RETURNS = "export default { fetch: async () => new Response(await answer()) };"


@pytest.mark.parametrize(
    ("imported", "module", "answer"),
    [
        ("part from './part.js'", ("part.js", "esModule", b"export default 'part';"), "part"),
        ("part from './part.cjs'", ("part.cjs", "commonJsModule", b"module.exports = 'part';"), "part"),
        ("part from './note.txt'", ("note.txt", "text", "текст\n".encode()), "текст\n"),
        ("part from './data.json'", ("data.json", "json", b'"part"'), "part"),
        ("part from './deep/er/part.mjs'", ("deep/er/part.mjs", "esModule", b"export default 1;"), "1"),
        ("part from './a b\\\"c\\\\.txt'", ('a b"c\\.txt', "text", b"odd"), "odd"),
        ("part from './част.txt'", ("част.txt", "text", b"odd"), "odd"),
    ],
)
def test_a_module_is_what_its_kind_says(
    workerd: Path, imported: str, module: tuple[str, str, bytes], answer: str
) -> None:
    main = f"import {imported.replace(chr(39), chr(34))}; const answer = () => part; {RETURNS}"
    assert says(workerd, main, Module(*module)) == answer


def test_data_is_bytes(workerd: Path) -> None:
    main = f"import part from './part.bin'; const answer = () => String(new Uint8Array(part)); {RETURNS}"
    assert says(workerd, main, Module("part.bin", "data", b"\0\xff\n")) == "0,255,10"


def test_webassembly_is_a_module_to_instantiate(workerd: Path) -> None:
    main = f"""import add from "./add.wasm";
    const answer = async () => String((await WebAssembly.instantiate(add)).exports.add(2, 40)); {RETURNS}"""
    assert says(workerd, main, Module("add.wasm", "wasm", ADD)) == "42"


def test_modules_are_imported_late(workerd: Path) -> None:
    main = f"const answer = async () => (await import('./parts/' + 'late.js')).default; {RETURNS}"
    assert says(workerd, main, Module("parts/late.js", "esModule", b"export default 'late';")) == "late"


def test_a_main_module_below_a_folder_imports_what_is_beside_it(workerd: Path) -> None:
    main = (
        f"import part from './part.js'; import up from '../up.js'; const answer = () => part + up; {RETURNS}"
    )
    part = Module("src/part.js", "esModule", b"export default 'part';")
    up = Module("up.js", "esModule", b"export default 'up';")
    assert says(workerd, main, part, up, name="src/index.js") == "partup"


def test_modules_of_node_are_there_with_their_flag(workerd: Path) -> None:
    main = f"""import {{ createHash }} from "node:crypto"; import path from "node:path";
    const answer = () => createHash("md5").update("a").digest("hex") + path.join("a", "..", "b"); {RETURNS}"""
    assert says(workerd, main, flags=["nodejs_compat"]) == "0cc175b9c0f1b6a831c399e269772661b"


def test_the_parts_of_a_script_are_globals(workerd: Path) -> None:
    main = """addEventListener("fetch", (event) => event.respondWith((async () => {
      const { exports } = await WebAssembly.instantiate(ADD);
      return new Response([exports.add(2, 40), NOTE, new Uint8Array(DATA), typeof KV.get].join());
    })()));"""
    parts = (Module("ADD", "wasm", ADD), Module("NOTE", "text", b"note"), Module("DATA", "data", b"\1\2"))
    assert says(workerd, main, *parts, form="service-worker") == "42,note,1,2,function"


def test_a_script_is_sloppy_and_a_module_strict(workerd: Path) -> None:
    script = """addEventListener("fetch", function (event) {
      made = "global"; event.respondWith(new Response(made + typeof function () { return this }()));
    });"""
    assert says(workerd, script, form="service-worker") == "globalobject"
    module = f"const answer = () => typeof function () {{ return this }}(); {RETURNS}"
    assert says(workerd, module) == "undefined"


def test_a_bundle_of_10_mb_runs(workerd: Path) -> None:
    text = json.dumps("ключ " * 1_000_000, ensure_ascii=False)
    main = f"const text = {text}; const answer = () => text.slice(-5) + text.length; {RETURNS}"
    assert says(workerd, main) == "ключ 5000000"


@pytest.mark.parametrize(
    ("date", "flags"),
    [("2026-11-16", []), ("2026-11-17", []), ("2026-02-01", ["new_module_registry"])],
)
def test_both_registries_of_modules_take_what_edgeday_adds(
    workerd: Path, date: str, flags: list[str]
) -> None:
    main = f"import part from './part.js'; const answer = () => part; {RETURNS}"
    part = Module("part.js", "esModule", b"export default 'part';")
    assert says(workerd, main, part, date=date, flags=flags) == "part"
