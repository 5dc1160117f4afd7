"""The official command line, unchanged, against a real server: wrangler 3 and 4.

Runs where Node is and `make test-wrangler` has installed them; skipped, with the reason, where not.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from edgeday.ledger import Op
from edgeday.server.kv_operations import Write
from edgeday.wrangler import load_wrangler_config
from tests.server.conftest import ACCOUNT, NAMESPACE, Local, local_server
from tests.server.wranglers import VERSIONS, wrangler_command

pytestmark = pytest.mark.slow


@dataclass
class Finished:
    """One run of the command."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode() + self.err


Wrangler = Callable[..., Awaitable[Finished]]


@pytest.fixture
async def local():
    async with local_server() as server:
        yield server


@pytest.fixture(params=VERSIONS)
def wrangler(request, local: Local, tmp_path: Path) -> Wrangler:
    """Runs one of the wranglers, on data of the server (which version 4 does with --remote only)."""
    command = wrangler_command(request.param)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "CLOUDFLARE_API_BASE_URL": f"{local.origin}/client/v4",
        "CLOUDFLARE_API_TOKEN": "x",
        "CLOUDFLARE_ACCOUNT_ID": ACCOUNT,
        "WRANGLER_SEND_METRICS": "false",
        "WRANGLER_HIDE_BANNER": "true",
        "CI": "1",
        "NO_COLOR": "1",
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "WRANGLER_LOG_PATH": str(tmp_path / "logs"),
    }
    remote = ["--remote"] if request.param == "4" else []

    async def run(*arguments: str) -> Finished:
        is_data = arguments[1] in {"key", "bulk"}
        process = await asyncio.create_subprocess_exec(
            command,
            *arguments,
            *(remote if is_data else []),
            cwd=tmp_path,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(60):
            out, err = await process.communicate()
        return Finished(process.returncode or 0, out, err.decode())

    return run


ID = f"--namespace-id={NAMESPACE}"


async def test_a_value_is_put_read_and_deleted(wrangler, local):
    put = await wrangler("kv", "key", "put", "a/ключ", "понеделник", ID)
    assert put.code == 0, put.text
    result = await wrangler("kv", "key", "get", "a/ключ", ID)
    assert result.out.decode().strip() == "понеделник"
    deleted = await wrangler("kv", "key", "delete", "a/ключ", ID)
    assert deleted.code == 0, deleted.text
    gone = await wrangler("kv", "key", "get", "a/ключ", ID)
    assert gone.code == 1
    assert "404: get: 'key not found'" in gone.text
    assert (local.used(Op.WRITE).accepted, local.used(Op.DELETE).accepted) == (1, 1)


async def test_a_file_with_metadata_and_a_ttl_is_put_as_it_is(wrangler, local, tmp_path):
    data = bytes(range(256))
    (tmp_path / "blob").write_bytes(data)
    put = await wrangler(
        "kv", "key", "put", "blob", "--path", "blob", "--metadata", '{"by":"ana"}', "--ttl", "60", ID
    )
    assert put.code == 0, put.text
    entry = await local.served.kv.get(local.served.namespaces.get(NAMESPACE), "blob")
    assert (entry.value, entry.metadata) == (data, '{"by":"ana"}')
    assert entry.expires_at == entry.written_at + 60


async def test_a_file_without_metadata_is_put_as_it_is(wrangler, local, tmp_path):
    (tmp_path / "blob").write_bytes(b"\x00\xff")
    put = await wrangler("kv", "key", "put", "blob", "--path", "blob", ID)
    assert put.code == 0, put.text
    entry = await local.served.kv.get(local.served.namespaces.get(NAMESPACE), "blob")
    assert (entry.value, entry.metadata, entry.expires_at) == (b"\x00\xff", None, None)


async def test_more_keys_than_a_page_are_listed(wrangler, local):
    namespace = local.served.namespaces.get(NAMESPACE)
    for start in (0, 1000):
        await local.served.advance(86_400)
        writes = [Write(f"log:{number:04}", b"x") for number in range(start, start + 1000)]
        await local.served.kv.bulk_put(namespace, writes)
    await local.served.advance(86_400)
    await local.served.kv.put(namespace, Write("log:9999", b"x", metadata={"n": 1}))
    listed = await wrangler("kv", "key", "list", "--prefix", "log:", ID)
    rows = json.loads(listed.out)
    assert len(rows) == 2001
    assert rows[-1] == {"name": "log:9999", "metadata": {"n": 1}}
    assert local.used(Op.LIST).accepted == 3


async def test_bulk_commands_put_and_delete_more_than_one_request_takes(wrangler, local, tmp_path):
    names = [f"k{number:04}" for number in range(1200)]
    (tmp_path / "pairs.json").write_text(json.dumps([{"key": name, "value": "x"} for name in names]))
    (tmp_path / "keys.json").write_text(json.dumps(names[:5]))
    put = await wrangler("kv", "bulk", "put", "pairs.json", ID)
    assert put.code == 1, put.text
    assert "[code: 10048]" in put.text
    assert (local.used(Op.WRITE).accepted, local.used(Op.WRITE).refused) == (1000, 200)
    deleted = await wrangler("kv", "bulk", "delete", "keys.json", "--force", ID)
    assert deleted.code == 0, deleted.text
    assert local.used(Op.DELETE).accepted == 5


async def test_a_namespace_is_created_listed_and_deleted(wrangler, local):
    made = await wrangler("kv", "namespace", "create", "sessions")
    assert made.code == 0, made.text
    again = await wrangler("kv", "namespace", "create", "sessions")
    assert again.code == 1
    assert "already exists" in again.text
    listed = json.loads((await wrangler("kv", "namespace", "list")).out)
    (id,) = [row["id"] for row in listed if row["id"] != NAMESPACE]
    deleted = await wrangler("kv", "namespace", "delete", f"--namespace-id={id}")
    assert deleted.code == 0, deleted.text
    assert [known.id for known in local.served.namespaces.all()] == [NAMESPACE]


@pytest.mark.parametrize("wrangler", ["3"], indirect=True)
async def test_the_clean_up_of_the_design_document_lists_its_namespace(wrangler, local):
    await local.served.kv.put(local.served.namespaces.get(NAMESPACE), Write("ai_error_log:1", b"{}"))
    listed = await wrangler("kv:key", "list", "--namespace-id=81fc0991b2764918b682f9ca170abd4b")
    assert listed.code == 0, listed.text
    assert json.loads(listed.out) == [{"name": "ai_error_log:1"}]


@pytest.mark.parametrize("wrangler", ["4"], indirect=True)
async def test_a_bulk_get_of_wrangler_4_shows_every_key(wrangler, local, tmp_path):
    await local.served.kv.put(local.served.namespaces.get(NAMESPACE), Write("a", b"x"))
    (tmp_path / "keys.json").write_text('["a", "b"]')
    result = await wrangler("kv", "bulk", "get", "keys.json", ID)
    assert result.code == 0, result.text
    assert json.loads(result.out.partition(b"\n\n")[0]) == {"a": "x", "b": None}
    assert local.used(Op.READ).accepted == 2


@pytest.mark.parametrize("wrangler", ["4"], indirect=True)
async def test_a_namespace_is_renamed_by_wrangler_4(wrangler, local):
    renamed = await wrangler("kv", "namespace", "rename", ID, "--new-name", "pages")
    assert renamed.code == 0, renamed.text
    assert local.served.namespaces.get(NAMESPACE).title == "pages"


async def test_a_spent_quota_is_told_with_its_code(wrangler, local):
    namespace = local.served.namespaces.get(NAMESPACE)
    await local.served.kv.bulk_delete(namespace, [f"k{number}" for number in range(1000)])
    refused = await wrangler("kv", "key", "delete", "k", ID)
    assert refused.code == 1
    message = " ".join(refused.text.split())
    assert (
        "your account has reached the free usage limit for this operation for today [code: 10048]" in message
    )


PREVIEW = "0000000000000000000000000000000b"


@pytest.mark.parametrize(("options", "namespace"), [((), NAMESPACE), (("--preview",), PREVIEW)])
async def test_a_binding_is_written_to_its_namespace_and_with_preview_to_its_previews(
    wrangler, local, tmp_path, options, namespace
):
    config = f'name = "blog"\n[[kv_namespaces]]\nbinding = "POSTS"\nid = "{NAMESPACE}"\n'
    (tmp_path / "wrangler.toml").write_text(f'{config}preview_id = "{PREVIEW}"\n')
    bindings = load_wrangler_config(tmp_path / "wrangler.toml").bindings
    await local.served.redeploy(replace(local.served.settings, bindings=bindings))
    chosen = options or ("--preview", "false")
    put = await wrangler("kv", "key", "put", "hello", "draft", "--binding", "POSTS", *chosen)
    assert put.code == 0, put.text
    pairs = base64.encodebytes(bytes(200)).decode()
    (tmp_path / "pairs.json").write_text(json.dumps([{"key": "picture", "value": pairs, "base64": True}]))
    bulk = await wrangler("kv", "bulk", "put", "pairs.json", "--binding", "POSTS", *chosen)
    assert bulk.code == 0, bulk.text
    for known in local.served.namespaces.all():
        keys = [row.name for row in (await local.served.kv.list(known, prefix="", limit=10, cursor="")).keys]
        assert keys == (["hello", "picture"] if known.id == namespace else [])
    entry = await local.served.kv.get(local.served.namespaces.get(namespace), "picture")
    assert entry.value == bytes(200)
