"""What `edgeday serve` takes from a JavaScript worker's bundle and configuration."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from edgeday.commands.served_worker import ServeOptions, read_served

pytestmark = pytest.mark.workerd
BUNDLES = Path(__file__).parents[1] / "hosting" / "javascript" / "bundles"
ID = "0123456789abcdef0123456789abcdef"
OTHER_ID = "f" * 32


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    shutil.copy(BUNDLES / "shop.bundle", tmp_path / "worker.bundle")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def configure(project: Path, **fields: object) -> None:
    (project / "wrangler.jsonc").write_text(
        json.dumps({"name": "shop", "compatibility_date": "2026-01-01", **fields})
    )


def test_a_bundle_by_itself_has_what_it_was_built_with(project, workerd):
    reading = read_served(ServeOptions(entry="worker.bundle"))
    assert reading.settings.namespaces == {"SHOP": ID}
    assert reading.settings.all_vars["NAME"] == "ed"
    assert reading.settings.says.startswith("worker.bundle (bundle 76d9fba6) on workerd ")


def test_a_bundle_in_a_project_has_its_own_bindings_and_the_projects_settings(project, workerd):
    configure(
        project,
        vars={"NAME": "new"},
        kv_namespaces=[{"binding": "CARTS", "id": OTHER_ID}],
        triggers={"crons": ["0 4 * * *"]},
    )
    (project / ".dev.vars").write_text("TOKEN=s3cret\n")
    reading = read_served(ServeOptions(entry="worker.bundle"))
    assert reading.settings.namespaces == {"SHOP": ID, "CARTS": OTHER_ID}
    assert reading.settings.all_vars["NAME"] == "new"
    assert reading.settings.all_vars["TOKEN"] == "s3cret"
    assert reading.settings.crons == ("0 4 * * *",)
    assert reading.secrets == {"TOKEN"}
    assert project / "worker.bundle" in reading.watched.files


def test_the_configuration_of_the_directory_is_served_with_its_javascript_worker(project, workerd):
    (project / "worker.js").write_text("export default { fetch() { return new Response('x'); } };")
    configure(project, main="worker.js", kv_namespaces=[{"binding": "CARTS", "id": ID}])
    reading = read_served(ServeOptions())
    assert reading.settings.says.startswith("worker.js of shop (bundle ")
    assert reading.settings.namespaces == {"CARTS": ID}
