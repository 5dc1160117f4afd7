"""Days whose requests have values: what each request is, by the seed alone, and what it is counted as."""

from __future__ import annotations

from collections import Counter

import pytest
from click.testing import CliRunner

from edgeday.commands.cli import main
from edgeday.replay.capacity import measure_capacity
from edgeday.replay.runner import replay
from edgeday.replay.traffic import requests_of_day
from edgeday.report import json_report
from edgeday.scenario.loader import load_one
from tests.replay.catalogue import Catalogue

ITEMS = ["tea", "green tea", "a/b?", "süß", "{user}"]
DAY = """\
name: day
start: 2026-02-16T00:00:00Z
worker: "tests.replay.catalogue:Catalogue"
namespaces: {ORDERS: orders}
values:
  user: {zipf: 200}
  item: {file: items.csv, column: slug}
  size: [S, M, L]
  count: {uniform: [1, 3]}
  number: {sequence: 1}
traffic:
  - name: pages
    requests: 200
    arrivals: diurnal
    host: shop.example
    client: "10.0.0.{count}"
    get: "/item/{item}?u={user}"
  - name: shop
    requests: 100
    arrivals: poisson
    mix:
      - {weight: 70, get: "/item/{item}?u={user}", headers: {x-size: "{size}"}}
      - {weight: 20, get: "/item/best?u={user}"}
      - {weight: 10, post: /orders, json: {item: "{item}", count: "{count}", number: "{number}"}}
budgets: {requests.failed: == 0}
"""


@pytest.fixture
def day(tmp_path):
    """Writes the day, changed as asked for, beside its items, and loads it."""
    (tmp_path / "items.csv").write_text("id,slug\n" + "".join(f"1,{item}\n" for item in ITEMS), "utf-8")

    def load(text=DAY):
        path = tmp_path / "day.yaml"
        path.write_text(text, "utf-8")
        return load_one(path)

    return load


def asked(loaded, part="pages", seed=0, day=0):
    """Method, URL and headers of every request of a part."""
    scripts = [one for one in requests_of_day(loaded.scenario, seed, day) if one.traffic.name == part]
    requests = [one.request("https://worker.example") for one in scripts]
    return [(one.at, request.method, request.url, dict(request.headers))
            for one, request in zip(scripts, requests, strict=True)]  # fmt: skip


def test_a_whole_day_is_the_same_twice_and_its_requests_have_values(day):
    Catalogue.seen.clear()
    first = replay(day())
    seen = Catalogue.seen.copy()
    Catalogue.seen.clear()
    assert json_report.render([replay(day())]) == json_report.render([first])
    assert Catalogue.seen == seen
    assert first.verdict == "pass"
    assert first.metrics.values["requests.started"] == 300
    pages = [row for row in seen if row[1] == "shop.example"]
    assert len(pages) == 200
    assert {row[2] for row in pages} == set(ITEMS)
    assert {row[4] for row in pages} == {"10.0.0.1", "10.0.0.2", "10.0.0.3"}
    users = Counter(int(row[3]) for row in pages)
    assert {user for user, _ in users.most_common(2)} == {1, 2}
    assert set(users) <= set(range(1, 201))
    orders = [row for row in seen if row[0] == "order"]
    assert {row[3] for row in orders} == {"int"}
    assert {row[1] for row in orders} == {"worker.example"}


def test_parts_and_entries_of_a_mix_are_counted_by_the_template_of_their_path(day):
    rows = {row.route: row.started for row in replay(day()).requests}
    assert set(rows) == {"GET /item/{item}", "GET /item/best", "POST /orders"}
    assert sum(rows.values()) == 300
    assert 200 + 50 < rows["GET /item/{item}"] < 200 + 90
    assert rows["GET /item/best"] > rows["POST /orders"] > 0


def test_another_seed_or_day_has_other_requests(day):
    loaded = day(DAY.replace("start:", "days: 2\nstart:"))
    urls = [[url for _, _, url, _ in asked(loaded, seed=seed, day=which)]
            for seed, which in ((0, 0), (1, 0), (0, 1))]  # fmt: skip
    assert urls[0] != urls[1]
    assert urls[0] != urls[2]
    assert all(len(one) == 200 for one in urls)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("values:\n", "values:\n  first: {zipf: 9}\n"),
        (
            "traffic:\n",
            "traffic:\n  - {name: more, requests: 50, get: '/item/{item}?u={user}', arrivals: poisson}\n",
        ),
        ("requests: 100", "requests: 90"),
        ("{weight: 20,", "{weight: 30,"),
        ("{weight: 10, post", "{weight: 10, headers: {x: '{user}'}, post"),
        ('client: "10.0.0.{count}"\n', 'headers: {a: "{number}"}\n    client: "10.0.0.{count}"\n'),
    ],
)
def test_adding_a_value_or_a_part_leaves_all_other_draws_as_they_were(day, old, new):
    before = asked(day())
    assert old in DAY
    after = asked(day(DAY.replace(old, new, 1)))
    for _, _, _, headers in after:
        headers.pop("a", None)
    assert after == before


def test_the_values_of_a_request_do_not_depend_on_which_others_there_are(day):
    few = asked(
        day(DAY.replace("requests: 200\n    arrivals: diurnal", "requests: 20\n    arrivals: poisson"))
    )
    many = asked(
        day(DAY.replace("requests: 200\n    arrivals: diurnal", "requests: 40\n    arrivals: poisson"))
    )
    assert [url for _, _, url, _ in few] == [url for _, _, url, _ in many][:20]


def test_a_journal_is_judged_again_without_the_files_of_its_values(day, tmp_path):
    day()
    journal, first, second = (str(tmp_path / name) for name in ("j.jsonl", "1.json", "2.json"))
    run = CliRunner().invoke(
        main, ["replay", str(tmp_path / "day.yaml"), "--journal", journal, "--json", first]
    )
    assert run.exit_code == 0, run.output
    (tmp_path / "items.csv").unlink()
    again = CliRunner().invoke(main, ["replay", "--from-journal", journal, "--json", second])
    assert again.exit_code == 0, again.output
    assert (tmp_path / "1.json").read_bytes() == (tmp_path / "2.json").read_bytes()


def test_capacity_draws_values_too(day, monkeypatch, tmp_path):
    fetch = Catalogue.fetch
    asked_for = tmp_path / "urls"  # what a worker holds in memory is put back before each replay

    def note(url):
        with asked_for.open("a") as file:
            file.write(f"{url}\n")

    async def noting(self, request):
        note(request.url)
        return await fetch(self, request)

    monkeypatch.setattr(Catalogue, "fetch", noting)
    assert measure_capacity(day(), up_to=50).uncaught == {}
    urls = asked_for.read_text().splitlines()
    assert not any("{" in url for url in urls)
    assert len({url.partition("?")[2] for url in urls}) > 10


@pytest.mark.usefixtures("forgotten_workers")
def test_a_configuration_leaves_the_values_and_their_files_as_they_are(day, tmp_path):
    (tmp_path / "wrangler.jsonc").write_text(
        '{"name": "w", "main": "entry.py", "compatibility_date": "2026-02-01",'
        ' "kv_namespaces": [{"binding": "ORDERS", "id": "o"}]}', "utf-8",
    )  # fmt: skip
    (tmp_path / "entry.py").write_text(
        "from tests.replay.catalogue import Catalogue\n\n\nclass Default(Catalogue):\n    pass\n", "utf-8"
    )
    text = DAY.replace('"tests.replay.catalogue:Catalogue"\nnamespaces: {ORDERS: orders}', "wrangler.jsonc")
    assert asked(day(text)) == asked(day())
