"""Bundles that wrangler 3.114.17 and 4.86.0 wrote (`deploy --dry-run --upload-source-maps --outfile`), and
damaged ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edgeday.errors import BadInput
from edgeday.hosting.javascript.bundles import Module, read_bundle
from edgeday.wrangler.unsupported import KINDS

BUNDLES = Path(__file__).parent / "bundles"
SOURCES = BUNDLES / "shop" / "src"


def parts(*bodies: bytes) -> bytes:
    """A multipart form of parts, each with its headers."""
    return b"".join(b"--mark\r\n" + body + b"\r\n" for body in bodies) + b"--mark--"


def metadata(**fields: object) -> bytes:
    return b'Content-Disposition: form-data; name="metadata"\r\n\r\n' + json.dumps(fields).encode()


def module(name: str, kind: str, body: bytes = b"export default {}") -> bytes:
    head = f'Content-Disposition: form-data; name="{name}"; filename="{name}"\r\nContent-Type: {kind}\r\n\r\n'
    return head.encode() + body


MAIN = module("w.js", "application/javascript+module")


@pytest.fixture
def written(tmp_path):
    """Writes a bundle."""

    def write(data: bytes) -> Path:
        path = tmp_path / "worker.bundle"
        path.write_bytes(data)
        return path

    return write


def problem_of(path: Path) -> str:
    with pytest.raises(BadInput) as bad:
        read_bundle(path)
    return str(bad.value)


@pytest.mark.parametrize("name", ["shop", "shop-3"])
def test_a_bundle_has_each_file_with_its_bytes_and_kind(name):
    bundle = read_bundle(BUNDLES / f"{name}.bundle")
    assert (bundle.form, bundle.main, bundle.modules[0].name) == ("modules", "index.js", "index.js")
    assert bundle.modules[0].kind == "esModule"
    files = {module.name.partition("-")[2]: (module.kind, module.body) for module in bundle.modules[1:]}
    assert files == {
        name: (kind, (SOURCES / name).read_bytes())
        for name, kind in (
            ("page.html", "text"),
            ("note.txt", "text"),
            ("data.bin", "data"),
            ("add.wasm", "wasm"),
        )
    }
    assert bundle.modules[1].name in bundle.modules[0].body.decode()


def test_a_bundle_says_what_the_worker_is_bound_to():
    bundle = read_bundle(BUNDLES / "shop.bundle")
    assert bundle.namespaces == {"SHOP": "0123456789abcdef0123456789abcdef"}
    assert bundle.variables == {"NAME": "ed", "LIST": [1, None, {"a": "б"}], "COUNT": 3}
    assert (bundle.date, bundle.flags, bundle.unsupported) == ("2025-01-01", ("nodejs_als",), {})


def test_a_service_worker_is_a_script_and_its_globals():
    bundle = read_bundle(BUNDLES / "script.bundle")
    assert (bundle.form, bundle.main) == ("service-worker", "worker.js")
    script, words, data = bundle.modules
    assert (script.name, script.kind) == ("worker.js", "serviceWorkerScript")
    assert (words.kind, words.body, data.kind, data.body) == ("text", b"hello\n", "data", b"\x00\x01\xff")
    for part in (words, data):
        assert f"= {part.name};" in script.body.decode()
    assert bundle.namespaces == {"LINKS": "links"}
    assert bundle.unsupported == {}


def test_bindings_that_are_not_emulated_have_the_words_of_configurations():
    unsupported = dict(read_bundle(BUNDLES / "bindings.bundle").unsupported)
    assert unsupported.pop("NEW") == unsupported.pop("KEY") == "inherited binding"
    assert unsupported["DB"] == "D1 database"
    assert unsupported["AI"] == "Workers AI"
    assert unsupported["UN"] == "unsafe binding"
    assert len(unsupported) == 24
    assert set(unsupported.values()) <= {kind.noun for kind in KINDS.values()}


def test_a_bundle_has_the_source_map_of_its_main_module():
    bundle = read_bundle(BUNDLES / "shop.bundle")
    assert list(bundle.source_maps) == ["index.js"]
    assert "src/greet.ts" in json.loads(bundle.source_maps["index.js"])["sources"]
    assert bundle.sources == (BUNDLES / "shop.bundle",)


def test_a_source_map_is_no_module():
    assert [module.name for module in read_bundle(BUNDLES / "bindings.bundle").modules] == ["worker.js"]


@pytest.mark.parametrize(
    ("here", "there", "same"),
    [
        ("// node_modules/a/b.js\n", "// ../../tools/node_modules/a/b.js\n", True),
        ("// ../node_modules/a/b.js\n", "// ../../../x/y/node_modules/a/b.js\n", True),
        ('  "node_modules/a/b.js"(exports', '  "../../x/node_modules/a/b.js"(exports', True),
        ("// node_modules/a/b.js\n", "// ../node_modules/a/c.js\n", False),
        ("// ../src/a.js\n", "// ../../src/a.js\n", False),
        ('x("../node_modules/a")\n', 'x("../../node_modules/a")\n', False),
    ],
)
def test_the_hash_does_not_say_where_packages_lie_above_the_project(written, here, there, same):
    hashes = [
        read_bundle(
            written(
                parts(metadata(main_module="w.js"), module("w.js", "application/javascript+module", body))
            )
        ).hash
        for body in (f"{one}export default {{}}".encode() for one in (here, there))
    ]
    assert (hashes[0] == hashes[1]) is same


def test_the_hash_is_of_what_runs_and_not_of_where_it_lies(tmp_path):
    here = read_bundle(BUNDLES / "shop.bundle")
    copy = tmp_path / "copy.bundle"
    copy.write_bytes((BUNDLES / "shop.bundle").read_bytes())
    assert read_bundle(copy).hash == here.hash == "76d9fba6"
    text = (BUNDLES / "shop.bundle").read_bytes()
    copy.write_bytes(text.replace(b'"compatibility_date":"2025-01-01"', b'"compatibility_date":"2025-01-02"'))
    assert read_bundle(copy).hash != here.hash
    copy.write_bytes(text.replace(b"hello ", b"Hello "))
    assert read_bundle(copy).hash != here.hash


def test_the_order_of_modules_and_line_ends_between_them_do_not_matter(written):
    flag = metadata(main_module="./w.js", compatibility_flags=["a"])
    text = module("./t.txt", "text/plain", b"a\nb\r\n")
    first = read_bundle(written(parts(text, flag, module("./w.js", "application/javascript+module"))))
    assert [one.name for one in first.modules] == ["w.js", "t.txt"]
    assert first.modules[1] == Module("t.txt", "text", b"a\nb\r\n")
    assert first.flags == ("a",)


def test_a_secret_is_a_variable(written):
    bindings = [{"type": "secret_text", "name": "KEY", "text": "s3"}]
    assert read_bundle(written(parts(metadata(main_module="w.js", bindings=bindings), MAIN))).variables == {
        "KEY": "s3"
    }


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is no bundle of wrangler: it has no parts"),
        (b"export default {}", "a plain .js or .mjs file is named as it is"),
        (b"-- a comment of SQL\r\nselect 1", "is no bundle of wrangler"),
        (parts(metadata(main_module="w.js"), MAIN)[:-20], "is damaged: No subsequent boundary string"),
        (parts(MAIN), "it has no part `metadata`"),
        (parts(metadata(main_module="other.js"), MAIN), "its main module, other.js, is missing"),
        (parts(metadata(), MAIN), "its main module is missing"),
        (parts(metadata(assets={"jwt": "x"})), "has no worker in it, only static assets"),
        (parts(b'Content-Disposition: form-data; name="metadata"\r\n\r\n{', MAIN), "is no JSON"),
        (parts(b'Content-Disposition: form-data; name="metadata"\r\n\r\n[]', MAIN), "is no JSON object"),
        (
            parts(metadata(main_module="w.py"), module("w.py", "text/x-python")),
            "name the worker's file: src/entry.py",
        ),
        (
            parts(metadata(main_module="w.js"), MAIN, module("x.css", "text/css")),
            "its module x.css is of a type that workers do not have: text/css",
        ),
        (
            parts(
                metadata(body_part="w.js", bindings=[{"type": "text_blob", "name": "T", "part": "T"}]), MAIN
            ),
            "its part T, which the binding T names, is missing",
        ),
    ],
)
def test_what_is_no_bundle_is_refused_by_name(written, data, said):
    path = written(data)
    problem = problem_of(path)
    assert problem.startswith(f"{path}: ")
    assert said in problem


def test_all_that_is_wrong_is_said_in_one_go(written):
    bindings = [{"type": "plain_text"}, "x"]
    told = metadata(main_module="w.js", bindings=bindings, compatibility_flags="a", compatibility_date=3)
    assert problem_of(written(parts(told, MAIN))).count("worker.bundle: ") == 4


def test_a_missing_file_says_how_one_is_made(tmp_path):
    assert "wrangler deploy --dry-run --outfile" in problem_of(tmp_path / "worker.bundle")
