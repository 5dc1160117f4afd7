"""A package of a stranger, installed beside edgeday: all that it brings works, and a broken one is named.

edgeday runs as a process of its own in which the package of these tests is the only one that brings anything:
its worker profile decides what a scenario file may say, which is settled once in a process.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.scenario_days import ROOT, SCENARIOS

pytestmark = pytest.mark.slow

ONLY_OTHERS = """
import importlib.metadata, sys

every = importlib.metadata.entry_points

def entry_points(**which):
    points = every(**which)
    if which.get("group") != "edgeday.extensions":
        return points
    return importlib.metadata.EntryPoints(point for point in points if point.dist.name != "edgeday")

importlib.metadata.entry_points = entry_points
sys.modules["worker_port"] = None
"""
DAY = """
name: day
start: 2026-02-16T00:00:00Z
traffic: [{orders: 20, pieces: 12, arrivals: poisson}]
platform: {audit: true}
probes: [{at: +1d, list_orders: {}, expect: {listed: 20}}]
budgets: {orders.started: == 20, orders.lost: == 0, mail.sent: == 20, stock.kept: == 20}
"""


@pytest.fixture
def installed(tmp_path):
    """Install a package of some modules by its entry point, into a directory of its own."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(ONLY_OTHERS)

    def install(name: str, point: str, **modules: str) -> str:
        metadata = site / f"{name}-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (metadata / "entry_points.txt").write_text(f"[edgeday.extensions]\n{name} = {point}\n")
        for module, text in modules.items():
            (site / f"{module}.py").write_text(text)
        return str(site)

    return install


@pytest.fixture
def orders(installed):
    """Where the package of the orders is installed."""
    site = installed("orders", "orders:EXTENSION")
    shutil.copytree(Path(__file__).parent / "orders", Path(site) / "orders")
    return site


@pytest.fixture
def edgeday(orders, edgeday_process):
    """Run the command there."""
    return lambda *arguments: edgeday_process(*arguments, PYTHONPATH=orders)


@pytest.fixture
def day(tmp_path):
    (tmp_path / "day.yaml").write_text(DAY)
    return "day.yaml"


def test_a_command_of_the_package_is_listed_and_run(edgeday):
    listed = edgeday("--help").stdout
    assert re.search(r"^  receipts +Print the receipts of a day\.$", listed, re.MULTILINE)
    assert "  claims" not in listed  # of the package that lies beside edgeday
    assert edgeday("receipts", "2").stdout == "receipt 1\nreceipt 2\n"
    near = edgeday("receits", "2")
    assert (near.returncode, near.stdout) == (2, "")
    assert "Did you mean 'receipts'?" in near.stderr


def test_a_replay_knows_the_profiles_traffic_origin_metrics_probe_finding_and_audit(edgeday, day):
    process = edgeday("replay", day, "--json", "-")
    assert process.returncode == 0, process.stderr
    (scenario,) = json.loads(process.stdout)["scenarios"]
    assert scenario["verdict"] == "pass"
    values = {row["metric"]: row["measured"] for row in scenario["budgets"]}
    assert values == {"orders.started": 20, "orders.lost": 0, "mail.sent": 20, "stock.kept": 20}
    assert scenario["findings"] == [
        {"id": "large-orders", "weight": "note", "text": "20 of 20 orders are large"}
    ]
    (probe,) = scenario["probes"]
    assert (probe["request"], probe["ok"]) == ("GET /orders", True)
    assert not any(name.startswith(("plans.", "ai.", "logs.")) for name in scenario["metrics"])


def test_every_report_speaks_of_the_profiles_requests(edgeday, day, tmp_path):
    process = edgeday("replay", day, "--html", "day.html", "--markdown", "day.md")
    assert re.search(r"^ +orders +20$", process.stdout, re.MULTILINE)
    assert "| orders completed |" in (tmp_path / "day.md").read_text()
    page = (tmp_path / "day.html").read_text()
    assert "orders completed" in page
    assert "41 operations in 2 key families" in page  # 20 puts, 20 mails, the list; the audit is none
    assert "Order 1,001 passes the limit of KV writes a day" in " ".join(
        edgeday("capacity", day).stdout.split()
    )


def test_explain_init_and_the_schema_know_the_profile(edgeday, tmp_path):
    assert "Counted: fetches to mail.example" in edgeday("explain", "mail.sent").stdout
    assert "stock.kept" in edgeday("validate", "--schema").stdout
    process = edgeday("init", "first.yaml", "--entry", "orders.worker:Till", "--a-day", "7")
    assert (process.returncode, process.stderr) == (0, "")
    assert "  - orders: 7\n" in (tmp_path / "first.yaml").read_text()
    assert edgeday("replay", "first.yaml").returncode == 0


def test_a_word_that_is_wrong_is_told_by_the_nearest_of_the_profile(edgeday, tmp_path):
    text = DAY.replace("orders: 20", "ordres: 20").replace("mail.sent", "mail.snet")
    (tmp_path / "wrong.yaml").write_text(text)
    process = edgeday("validate", "wrong.yaml")
    assert process.returncode == 2
    assert 'wrong.yaml:4:12: unknown key "ordres"' in process.stderr
    assert 'did you mean "orders"?' in process.stderr
    assert 'did you mean "mail.sent"?' in process.stderr


def test_the_server_serves_the_worker_with_its_origins_and_the_page(orders):
    with serving("--worker", "orders.worker:Till", path=orders) as (origin, words):
        assert "orders.worker:Till; mails go nowhere" in words
        assert "ORDERS: orders-1" in words
        assert fetched(f"{origin}/order", b"1 soup") == "thank you"
        page = fetched(f"{origin}/__edgeday/orders")
        assert '<a href="/__edgeday/orders"' in page
        assert "<p>1 orders taken</p>" in page


@contextmanager
def serving(*options, path):
    """A running `edgeday serve` with packages from a directory; its origin, and what it says."""
    command = [Path(sys.executable).with_name("edgeday"), "serve", "--port", "0", *options]
    environment = {**os.environ, "PYTHONPATH": path}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        words = ""
        for line in process.stdout:
            words += line
            if line.startswith("Ctrl-C"):
                break
        else:
            pytest.fail(process.stderr.read())
        try:
            yield re.search(r"http://\S+:\d+", words)[0], words
        finally:
            process.terminate()
            process.communicate(timeout=20)


def fetched(url, data=None):
    with urllib.request.urlopen(url, data, timeout=10) as response:
        return response.read().decode()


CLOSED = "raise RuntimeError('closed')"
BRINGS = "from edgeday.extensions import CommandRow, Extension\nEXTENSION = Extension({})\n"
PROFILE = BRINGS.format("profiles=('shop:PROFILE',)")
PAGE = BRINGS.format("pages=('shop:PAGE',)")
COMMAND = BRINGS.format("{'sell': CommandRow('shop:sell', 'Sell.')}") + "def sell(): ...\n"
DAY_OF_SHOP = ("replay", str(SCENARIOS / "normal-day.yaml"))
SERVE = ("serve", "--port", "0", "--worker", "tests.scenario_days:Shop")


@pytest.mark.parametrize(
    ("module", "arguments", "problem"),
    [
        (CLOSED, ("--help",), "extension shop: cannot be loaded: RuntimeError: closed"),
        ("EXTENSION = {}", ("--help",), "extension shop: is of the type dict, where Extension is expected"),
        (PROFILE, DAY_OF_SHOP, "shop:PROFILE: cannot be loaded: AttributeError: module 'shop' has no"),
        (PROFILE + "PROFILE = 1", ("explain",), "shop:PROFILE: is of the type int, where WorkerProfile is"),
        (COMMAND, ("sell",), "shop:sell: is of the type function, where Command is expected"),
        (PAGE, SERVE, "shop:PAGE: cannot be loaded: AttributeError: module 'shop' has no attribute 'PAGE'"),
    ],
    ids=["raises", "is-none", "lacks-its-profile", "has-no-profile", "has-no-command", "lacks-its-page"],
)
def test_what_a_package_brings_and_cannot_be_used_is_named_with_its_reason(
    installed, edgeday_process, module, arguments, problem
):
    site = installed("shop", "shop:EXTENSION", shop=module)
    process = edgeday_process(*arguments, PYTHONPATH=f"{site}{os.pathsep}{ROOT}")
    assert (process.returncode, process.stdout) == (2, "")
    assert process.stderr.startswith(problem)
    assert "\n  update or remove the package that brings it\n1 problem; nothing " in process.stderr


def test_a_scenario_that_pytest_collects_fails_by_the_broken_package(installed, tmp_path, day):
    site = installed("shop", "shop:EXTENSION", shop=CLOSED)
    process = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", day],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": site}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert process.returncode == 1, process.stderr
    assert "extension shop: cannot be loaded: RuntimeError: closed" in process.stdout
    assert "nothing was replayed" in process.stdout
