"""Environments of a configuration: which one is meant, what it inherits, and what is warned of."""

from __future__ import annotations

import pytest

from edgeday.errors import BadInput
from edgeday.wrangler import find_wrangler_config, load_wrangler_config

KV = 'kv_namespaces = [{ binding = "ITEMS", id = "01" }]\n'
SEVERAL = f"""
name = "shop"
main = "src/entry.py"
compatibility_date = "2026-01-01"
compatibility_flags = ["python_workers"]
{KV}
[triggers]
crons = ["*/5 * * * *"]
[vars]
A = "1"
[env.test]
name = "shop-test"
kv_namespaces = [{{ binding = "ITEMS", id = "02" }}, {{ binding = "MORE", id = "03" }}]
vars = {{ B = "2" }}
[env.prod]
main = "src/prod.py"
compatibility_date = "2026-05-04"
compatibility_flags = ["python_workers", "x"]
triggers = {{ crons = ["0 3 * * *"] }}
kv_namespaces = [{{ binding = "ITEMS", id = "04" }}]
vars = {{ A = "3" }}
"""


@pytest.fixture
def load(tmp_path):
    def load_text(text, environment=None, name="wrangler.toml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        config = load_wrangler_config(path, environment)
        warnings = [warning.removeprefix(str(tmp_path / name)) for warning in config.warnings]
        return config, warnings

    return load_text


def test_no_environment_where_there_are_some_is_the_top_level_with_a_warning(load):
    config, warnings = load(SEVERAL)
    assert (config.name, config.bindings[0].namespace_id) == ("shop", "01")
    (warning,) = warnings
    assert warning == (
        ": environments are defined (test, prod), but no target environment was specified; "
        'the top level is used: name one, or "" for the top level'
    )


def test_the_empty_environment_is_the_top_level_on_purpose(load):
    config, warnings = load(SEVERAL, "")
    assert (config.name, config.bindings[0].namespace_id, warnings) == ("shop", "01", [])


def test_an_environment_where_there_are_none_is_the_top_level_with_a_warning(load):
    config, warnings = load(f'name = "shop"\n{KV}', "x")
    assert (config.name, [binding.namespace_id for binding in config.bindings]) == ("shop-x", ["01"])
    assert warnings == [': No environment found in configuration with name "x"; the top level is used']


def test_main_dates_flags_and_crons_are_inherited(load, tmp_path):
    config, _ = load(SEVERAL, "test")
    assert config.main == tmp_path / "src" / "entry.py"
    assert (config.compatibility_date, config.compatibility_flags) == ("2026-01-01", ("python_workers",))
    assert config.crons == ("*/5 * * * *",)


def test_an_environments_own_main_dates_flags_and_crons_win(load, tmp_path):
    config, warnings = load(SEVERAL, "prod")
    assert config.main == tmp_path / "src" / "prod.py"
    assert (config.compatibility_date, config.compatibility_flags) == ("2026-05-04", ("python_workers", "x"))
    assert (config.crons, config.environments, warnings) == (("0 3 * * *",), ("test", "prod"), [])


def test_a_single_variable_or_binding_that_an_environment_lacks_is_warned_of(load):
    text = KV.replace("ITEMS", "OTHER") + SEVERAL.replace(KV, "")
    _, warnings = load(text, "test")
    assert warnings == [
        ':10: vars has "A" at the top level, but not on "env.test", which does not inherit it',
        ':1: kv_namespaces has "OTHER" at the top level, but not on "env.test", which does not inherit it',
    ]


def test_the_worker_that_a_configuration_names_is_an_absolute_path(load, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wrangler.toml").write_text('main = "./src/../src/entry.py"\n', encoding="utf-8")
    main = load_wrangler_config(find_wrangler_config(tmp_path).relative_to(tmp_path)).main
    assert main == tmp_path / "src" / "entry.py"


def test_a_configuration_is_found_in_the_nearest_directory_upwards_json_first(tmp_path):
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    (tmp_path / "wrangler.json").touch()
    (tmp_path / "a" / "wrangler.toml").touch()
    assert find_wrangler_config(below) == tmp_path / "a" / "wrangler.toml"
    (tmp_path / "a" / "wrangler.jsonc").touch()
    assert find_wrangler_config(below) == tmp_path / "a" / "wrangler.jsonc"
    (tmp_path / "a" / "wrangler.json").touch()
    assert find_wrangler_config(below) == tmp_path / "a" / "wrangler.json"


@pytest.mark.parametrize(
    ("text", "line", "warning"),
    [
        ('kv-namespaces = []', 1, 'top-level field: "kv-namespaces"; did you mean "kv_namespaces"?'),
        ('kv_namespace = []', 1, 'top-level field: "kv_namespace"; did you mean "kv_namespaces"?'),
        ('name = "a"\n[[kv-namespaces]]\nbinding = "A"', 2,
         'top-level field: "kv-namespaces"; did you mean "kv_namespaces"?'),
        ('[env.x]\nkv-namespaces = []', 2, 'env.x field: "kv-namespaces"; did you mean "kv_namespaces"?'),
        ('[triggers]\ncron = "* * * * *"', 2, 'triggers field: "cron"; did you mean "crons"?'),
        ('kv_namespaces = [{ binding = "A", preview-id = "1" }]', 1,
         'kv_namespaces[0] field: "preview-id"; did you mean "preview_id"?'),
        ('compatability_date = "2026-01-01"', 1,
         'top-level field: "compatability_date"; did you mean "compatibility_date"?'),
        ('type = "webpack"', 1,
         'top-level field: "type"; it is of wrangler 1, and nothing reads it any more'),
        ('[build.upload]', 1, 'build field: "upload"; it is of wrangler 1: write main'),
        ('[env.x]\nkeep_vars = true', 2, 'env.x field: "keep_vars"; it is of the top level alone'),
        ('zzz = 1', 1, 'top-level field: "zzz"'),
    ],
)  # fmt: skip
def test_a_field_that_wrangler_does_not_read_is_named_with_the_nearest_one(load, text, line, warning):
    _, warnings = load(text, "x" if "env.x" in text else None)
    assert warnings == [f":{line}: Unexpected fields found in {warning}"]


def test_bindings_below_the_table_of_variables_are_variables_and_warned_of(load):
    config, warnings = load(f'name = "a"\n[vars]\nA = "1"\n{KV}')
    assert config.bindings == ()
    assert warnings == [
        ':4: "kv_namespaces" stands below [vars], so it is a variable; move it above the first table'
    ]


def test_service_environments_are_warned_of(load):
    assert load("legacy_env = false\n")[1] == [
        ":1: Service environments are deprecated; leave legacy_env out"
    ]


def test_every_field_of_a_full_configuration_is_known(load):
    text = """{"$schema": "x", "name": "a", "keep_vars": true, "observability": {"enabled": true},
      "placement": {"mode": "smart"}, "routes": ["a.example/*"], "workers_dev": true, "cache": {},
      "limits": {"cpu_ms": 10}, "dev": {"port": 1}, "env": {"x": {"routes": []}}}"""
    assert load(text, "x", "wrangler.json")[1] == []


def test_any_text_names_a_binding_and_those_that_python_cannot_write_are_warned_of(load):
    text = "".join(
        f'[[kv_namespaces]]\nbinding = "{name}"\nid = "1"\n'
        for name in ("production-CACHE", "$SESSIONS", "2FAST", "class", "Моят", "GOOD")
    )
    config, warnings = load(text)
    names = [binding.name for binding in config.bindings]
    assert names == ["production-CACHE", "$SESSIONS", "2FAST", "class", "Моят", "GOOD"]
    assert warnings == [
        f':{line}: the binding "{name}" is no name in Python: read it with getattr(env, "{name}")'
        for line, name in ((2, "production-CACHE"), (5, "$SESSIONS"), (8, "2FAST"), (11, "class"))
    ]


@pytest.mark.parametrize(
    ("written", "day"), [("2026-05-04", "2026-05-04"), ("2026-5-4", "2026-05-04"), ("20260504", None),
                         ("2026-02-30", None), ("soon", None)],
)  # fmt: skip
def test_a_compatibility_date_is_a_day(load, written, day):
    text = f'name = "a"\ncompatibility_date = "{written}"'
    if day is not None:
        assert load(text)[0].compatibility_date == day
        return
    with pytest.raises(BadInput, match=f'toml:2: compatibility_date "{written}" is no date'):
        load(text)


@pytest.mark.parametrize(
    ("cron", "word"),
    [("0 3 * * 0", "is refused by Cloudflare"), ("0 3 * * 1-5", "SUN-THU"), ("*/5 * * * *", None)],
)
def test_crons_that_are_refused_or_mistaken_are_warned_of(load, cron, word):
    config, warnings = load(f'name = "a"\n[triggers]\ncrons = ["{cron}"]')
    assert config.crons == (cron,)
    assert [(warning[:3], word in warning) for warning in warnings] == ([(":3:", True)] if word else [])


def test_a_binding_keeps_its_preview_namespace(load):
    config, _ = load('kv_namespaces = [{ binding = "POSTS", id = "1", preview_id = "2" }]')
    assert (config.bindings[0].namespace_id, config.bindings[0].preview_id) == ("1", "2")
    config, _ = load('kv_namespaces = [{ binding = "POSTS", id = "1", preview_id = "" }]')
    assert config.bindings[0].preview_id is None


def test_what_is_bound_and_not_emulated_is_named_by_kind(load):
    text = """
    [[d1_databases]]
    binding = "DB"
    [[r2_buckets]]
    binding = "FILES"
    [durable_objects]
    bindings = [{ name = "ROOM", class_name = "Room" }]
    [[queues.producers]]
    binding = "JOBS"
    queue = "jobs"
    [[queues.consumers]]
    queue = "jobs"
    [ai]
    binding = "AI"
    [assets]
    directory = "public"
    [[send_email]]
    name = "MAIL"
    [[services]]
    binding = "AUTH"
    [version_metadata]
    binding = "VERSION"
    [site]
    bucket = "public"
    [wasm_modules]
    ADD = "add.wasm"
    """
    config, warnings = load(text)
    assert config.unsupported == (
        "D1 database DB", "R2 bucket FILES", "Durable Object ROOM", "queue JOBS", "Workers AI AI",
        "service AUTH", "static assets", "outgoing email MAIL", "version metadata VERSION",
        "queue consumer jobs", "WebAssembly module ADD", "Workers Sites",
    )  # fmt: skip
    assert warnings == [f": edgeday does not emulate: {', '.join(config.unsupported)}"]
    assert config.unsupported_bindings == {
        "DB": "D1 database", "FILES": "R2 bucket", "ROOM": "Durable Object", "JOBS": "queue",
        "AI": "Workers AI", "AUTH": "service", "MAIL": "outgoing email", "VERSION": "version metadata",
        "ADD": "WebAssembly module",
    }  # fmt: skip


def test_only_what_an_environment_has_of_its_own_is_bound_in_it(load):
    text = 'd1_databases = [{ binding = "DB" }]\n[env.x]\nr2_buckets = [{ binding = "FILES" }]'
    assert load(text, "x")[0].unsupported == ("R2 bucket FILES",)


def test_a_python_worker_without_its_flag_or_date_is_warned_of(load):
    _, warnings = load('main = "src/entry.py"')
    dated, flagged = warnings
    assert dated == ': no compatibility_date is set; write "compatibility_date", such as 2026-05-04'
    assert flagged == (
        ":1: The `python_workers` compatibility flag is required to use Python; "
        'write it into "compatibility_flags"'
    )
    assert len(load('main = "src/entry.js"')[1]) == 1
