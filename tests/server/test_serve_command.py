"""`edgeday serve` as a process: what it says, how it refuses, and how it ends."""

from __future__ import annotations

import json
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from edgeday.commands.cli import main

pytestmark = pytest.mark.slow

NAMESPACE = "81fc0991b2764918b682f9ca170abd4b"
SLOW_WORKER = """
import asyncio
from edgeday.web import Response, sleep

class Slow:
    env: object
    ctx: object

    async def fetch(self, request):
        await sleep(1)
        await self.env.page_content.put("finished", "yes")
        self.ctx.waitUntil(self.later())
        return Response("slowly")

    async def later(self):
        await sleep(0.3)
        await self.env.page_content.put("later", "yes")
"""


STUDY = ("--worker", "worker_port:AiDietWorker")


def command(*options, worker=STUDY):
    return [Path(sys.executable).with_name("edgeday"), *arguments(*options, worker=worker)]


def arguments(*options, worker=STUDY):
    """Of a serve command on any free port; with the worker of the study where none is named."""
    named = {"--worker", "--no-worker"} & set(options)
    return ["serve", "--port", "0", *(() if named else worker), *map(str, options)]


@contextmanager
def serving(*options, cwd=None, worker=STUDY):
    """A running `edgeday serve`; gives its process, its origin, and what it has said so far."""
    with subprocess.Popen(
        command(*options, worker=worker), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=cwd
    ) as process:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("Ctrl-C"):
                break
        else:
            pytest.fail(process.stderr.read())
        try:
            yield process, re.search(r"http://\S+:\d+", lines[0])[0], "".join(lines)
        finally:
            process.terminate()
            process.communicate(timeout=20)


def refused(*options):
    result = CliRunner().invoke(main, arguments(*options))
    assert (result.exit_code, result.stdout) == (2, "")
    return result.stderr


def ask(origin, method, path, data=None):
    request = urllib.request.Request(
        f"{origin}{path}", method=method, data=data, headers={"Authorization": "Bearer x"}
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        return response.read()


def kv(origin, method, path, data=None):
    return ask(origin, method, f"/client/v4/accounts/a/storage/kv/namespaces/{NAMESPACE}{path}", data)


def test_the_start_says_what_is_served_and_how_to_reach_it(tmp_path):
    state = tmp_path / "day.sqlite"
    with serving("--state", state, "--variant", "hybrid") as (_, origin, output):
        assert f"edgeday serves a free account at {origin}\n" in output
        assert "worker_port:AiDietWorker, variant hybrid; the AI answers at once" in output
        assert f"page_content: {NAMESPACE}" in output
        assert f"state     {state}" in output
        assert f"CLOUDFLARE_API_BASE_URL={origin}/client/v4\n" in output
        assert f"CLOUDFLARE_BASE_URL={origin}/client/v4\n" in output
        assert json.loads(kv(origin, "GET", "/keys"))["success"] is True


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_finishes_open_requests_and_closes_the_state(tmp_path, stop):
    (tmp_path / "slow_worker.py").write_text(SLOW_WORKER)
    state = tmp_path / "day.sqlite"
    config = tmp_path / "configuration" / "wrangler.toml"
    config.parent.mkdir()
    config.write_text(f'kv_namespaces = [{{ binding = "page_content", id = "{NAMESPACE}" }}]')
    options = ("--state", state, "--worker", "slow_worker:Slow", "--config", config)
    with serving(*options, cwd=tmp_path) as (process, origin, _):
        host, port = origin.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            time.sleep(0.4)
            process.send_signal(stop)
            answer = b""
            while chunk := client.recv(4096):
                answer += chunk
        out, err = process.communicate(timeout=20)
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"slowly")
    assert (process.returncode, err) == (0, "")
    assert out.endswith("stopped; the state is closed\n")
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == [
        "day.sqlite",
        "slow_worker.py",
    ]
    db = sqlite3.connect(state)
    keys = db.execute("SELECT key FROM kv WHERE namespace = ? ORDER BY key", (NAMESPACE,)).fetchall()
    writes = db.execute("SELECT accepted FROM counters WHERE op = 'write'").fetchall()
    db.close()
    assert keys == [("finished",), ("later",)]
    assert writes == [(2,)]


def test_a_second_signal_does_not_wait(tmp_path):
    (tmp_path / "stuck_worker.py").write_text(SLOW_WORKER.replace("sleep(1)", "sleep(60)"))
    with serving("--worker", "stuck_worker:Slow", cwd=tmp_path) as (process, origin, _):
        host, port = origin.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            time.sleep(0.4)
            process.send_signal(signal.SIGINT)
            time.sleep(0.4)
            assert process.poll() is None
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=10)
    assert process.returncode == 0


def test_what_was_written_is_there_after_a_restart(tmp_path):
    state = tmp_path / "day.sqlite"
    with serving("--state", state) as (_, origin, _said):
        kv(origin, "PUT", "/values/menu", b"monday")
    with serving("--state", state) as (_, origin, _said):
        assert kv(origin, "GET", "/values/menu") == b"monday"


def test_what_was_acknowledged_is_there_after_a_kill(tmp_path):
    state = tmp_path / "day.sqlite"
    with serving("--state", state) as (process, origin, _said):
        kv(origin, "PUT", "/values/menu", b"monday")
        process.kill()
        process.wait()
    with serving("--state", state) as (_, origin, _said):
        assert kv(origin, "GET", "/values/menu") == b"monday"


def test_a_second_server_on_a_state_file_is_refused_and_says_so(tmp_path):
    state = tmp_path / "day.sqlite"
    with serving("--state", state) as (process, _, _said):
        message = refused("--state", state)
    assert f"{state}: another edgeday serves this state file (process {process.pid})" in message
    assert message.endswith("1 problem; nothing is served\n")


def test_a_second_server_on_a_port_is_refused_and_says_so():
    with serving() as (_, origin, _said):
        port = origin.rpartition(":")[2]
        message = refused("--port", port)
    assert f"--port: port {port} of 127.0.0.1 is taken, perhaps by another edgeday" in message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--host", "0.0.0.0"], "--host: 0.0.0.0 can be reached from other machines: that needs a token"),
        (["--token", "two words"], "--token: must be printable ASCII without blanks"),
        (["--env", "x"], "--env: names an environment of no configuration"),
        (["--worker", "nothing"], '--worker: "nothing" names no class'),
        (["--worker", "nothing:Here"], '--worker: the worker "nothing:Here" cannot be imported'),
        (["--worker", "json:JSONDecoder"], '--worker: "JSONDecoder" in json is no worker'),
        (["--var", "WHO"], '--var: "WHO" is not NAME=VALUE'),
        (["--no-worker", "--worker", "a:B"], "--no-worker: is contradicted by --worker"),
        (["--variant", "hybird"], '--variant: unknown variant "hybird"'),
        (["--config", "none.toml"], "none.toml: no such file"),
        (["--scenario", "none.yaml"], "none.yaml: no such file"),
        (["--state", "none/day.sqlite"], "there is no folder none"),
        (["--host", "256.1.1.1", "--token", "t"], "--host: 256.1.1.1 is no address of this machine"),
    ],
)
def test_what_cannot_be_served_is_refused_with_the_reason(options, message):
    assert message in refused(*options)


def test_a_file_that_is_no_state_is_refused_and_left_alone(tmp_path):
    state = tmp_path / "notes.txt"
    state.write_text("my notes, which are longer than a header of SQLite would be, " * 4)
    before = state.read_bytes()
    assert "is not a state file" in refused("--state", state)
    assert state.read_bytes() == before


def test_all_problems_are_told_in_one_go():
    message = refused("--host", "0.0.0.0", "--worker", "x", "--config", "none.toml")
    assert message.endswith("3 problems; nothing is served\n")


def test_bindings_come_from_the_users_configuration(tmp_path):
    config = tmp_path / "wrangler.toml"
    config.write_text(
        'name = "shop"\nkv_namespaces = [{binding = "CARTS", id = "0000000000000000000000000000000a"}]\n'
        "[env.production]\n"
    )
    with serving("--config", config) as (_, origin, output):
        assert "CARTS: 0000000000000000000000000000000a" in output
        listed = json.loads(ask(origin, "GET", "/client/v4/accounts/a/storage/kv/namespaces"))
    assert [row["title"] for row in listed["result"]] == ["shop-CARTS"]
    with serving("--config", config, "--env", "production") as (process, _, output):
        assert "CARTS" not in output
        process.terminate()
        assert '"kv_namespaces" exists at the top level' in process.communicate(timeout=20)[1]


def test_kv_alone_is_served_and_the_workers_paths_say_how_to_name_one(tmp_path):
    (tmp_path / "wrangler.toml").write_text(
        f'name = "posts"\n[[kv_namespaces]]\nbinding = "POSTS"\nid = "{NAMESPACE}"\n'
    )
    with serving("--no-worker", cwd=tmp_path) as (_, origin, output):
        assert "worker    none runs" in output
        assert f"POSTS: {NAMESPACE}" in output
        listed = json.loads(ask(origin, "GET", "/client/v4/accounts/a/storage/kv/namespaces"))
        with pytest.raises(urllib.error.HTTPError) as error:
            ask(origin, "GET", "/")
        assert error.value.code == 503
        assert b"edgeday serve --worker src/entry.py" in error.value.read()
        error.value.close()
    assert {row["title"] for row in listed["result"]} == {"posts-POSTS"}


MONITOR = """
from edgeday import Response

class Monitor:
    async def fetch(self, request):
        if request.url.endswith("/fails"):
            raise ValueError("no price")
        return Response(f"hello {self.env.WHO} {self.env.TOKEN}")

    async def scheduled(self, controller, env, ctx):
        await self.env.STATE.put("last", controller.cron)
"""


def test_a_project_is_served_with_its_log_its_crons_and_its_changes(tmp_path):
    (tmp_path / "monitor_here.py").write_text(MONITOR)
    (tmp_path / "wrangler.jsonc").write_text(
        '{"compatibility_date": "2026-05-04", "compatibility_flags": ["python_workers"],'
        f'"main": "monitor_here.py", "vars": {{"WHO": "ann"}}, "triggers": {{"crons": ["*/5 * * * *"]}},'
        f'"kv_namespaces": [{{"binding": "STATE", "id": "{NAMESPACE}"}}]}}'
    )
    (tmp_path / ".dev.vars").write_text("TOKEN=s3cret\n")
    with serving("--config", "wrangler.jsonc", "--var", "WHO=bob", cwd=tmp_path, worker=()) as (
        process,
        origin,
        output,
    ):
        assert 'WHO = "bob"' in output
        assert "TOKEN = (hidden)" in output
        assert "s3cret" not in output
        assert f"curl '{origin}/cdn-cgi/handler/scheduled?cron=*/5+*+*+*+*'" in output
        assert ask(origin, "GET", "/") == b"hello bob s3cret"
        assert ask(origin, "GET", "/cdn-cgi/handler/scheduled?cron=*/5+*+*+*+*") == b"ok"
        assert kv(origin, "GET", "/values/last") == b"*/5 * * * *"
        with pytest.raises(urllib.error.HTTPError) as error:
            ask(origin, "GET", "/fails")
        assert b'raise ValueError("no price")' in error.value.read()
        error.value.close()
        for _ in range(40):
            (tmp_path / "monitor_here.py").write_text(MONITOR.replace("hello", "hullo"))
            if ask(origin, "GET", "/") == b"hullo bob s3cret":
                break
            time.sleep(0.5)
        assert kv(origin, "GET", "/values/last") == b"*/5 * * * *"
        process.send_signal(signal.SIGTERM)
        log, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert errors == ""
    for words in (
        " GET / 200 ",
        " cron */5 * * * * ok ",
        " GET /fails 500 ",
        "         ValueError: no price",
        " monitor_here.py changed: reloaded",
    ):
        assert words in log


def test_errors_as_in_production_say_nothing(tmp_path):
    (tmp_path / "monitor_there.py").write_text(MONITOR.replace("Monitor", "There"))
    with serving("--worker", "monitor_there:There", "--production-errors", cwd=tmp_path) as (_, origin, _out):
        with pytest.raises(urllib.error.HTTPError) as error:
            ask(origin, "GET", "/fails")
        assert error.value.read() == b"error code: 1101"
        error.value.close()


def test_a_token_that_is_set_is_not_shown_and_is_asked_for():
    with serving("--token", "hush-hush") as (_, origin, output):
        assert "hush-hush" not in output
        with pytest.raises(urllib.error.HTTPError) as error:
            kv(origin, "GET", "/keys")
        assert error.value.code == 403
        error.value.close()


def test_a_scenario_brings_its_worker_with_its_bindings_and_variables(tmp_path):
    (tmp_path / "greeter.py").write_text(
        "from edgeday import Response\n"
        "class Greeter:\n"
        "    async def fetch(self, request):\n"
        "        await self.env.GREETED.put('last', self.env.NAME)\n"
        "        return Response(await self.env.GREETED.get('last'))\n"
    )
    (tmp_path / "day.yaml").write_text(
        "name: day\nstart: 2026-02-16T00:00:00Z\n"
        "worker: {entry: 'greeter:Greeter', vars: {NAME: Ada}}\n"
        "namespaces: {GREETED: 0000000000000000000000000000000b}\n"
        "traffic: [{requests: 1, path: /}]\n"
    )
    with subprocess.Popen(
        [Path(sys.executable).with_name("edgeday"), "serve", "--port", "0", "--scenario", "day.yaml"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path,
    ) as process:  # fmt: skip
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("Ctrl-C"):
                break
        try:
            origin = re.search(r"http://\S+:\d+", lines[0])[0]
            assert ask(origin, "GET", "/") == b"Ada"
        finally:
            process.terminate()
            process.communicate(timeout=20)
    assert "GREETED: 0000000000000000000000000000000b" in "".join(lines)


@pytest.mark.parametrize("name", ["Loop", "Swallows"])
def test_a_second_signal_ends_a_server_at_once_whose_worker_hangs(name):
    with serving("--worker", f"tests.misbehaving:{name}", cwd=Path(__file__).parents[2]) as (
        process,
        origin,
        _,
    ):
        with pytest.raises((urllib.error.URLError, TimeoutError)):
            urllib.request.urlopen(f"{origin}/wrong", timeout=1)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) in {0, 3}
