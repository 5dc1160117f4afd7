"""Variables of a worker: of the configuration, and the local secrets over them."""

from __future__ import annotations

import pytest

from edgeday.errors import BadInput
from edgeday.wrangler import load_wrangler_config
from edgeday.wrangler.dotenv import expanded, parse_dotenv


@pytest.fixture
def load(tmp_path):
    def load_files(environment=None, config='[vars]\nWHO = "file"\nKEPT = 1\n', **files):
        (tmp_path / "wrangler.toml").write_text(config, encoding="utf-8")
        for name, text in files.items():
            (tmp_path / name.replace("_", ".")).write_text(text, encoding="utf-8")
        return load_wrangler_config(tmp_path / "wrangler.toml", environment)

    return load_files


def test_dev_vars_stand_over_vars_and_are_secrets(load, tmp_path):
    config = load(_dev_vars='ADMIN_TOKEN="s3cret"\nWHO=dev\n')
    assert config.vars == {"WHO": "dev", "KEPT": 1, "ADMIN_TOKEN": "s3cret"}
    assert config.secrets == ("ADMIN_TOKEN", "WHO")
    assert config.plain_vars == {"KEPT": 1}
    assert config.secret_files == (tmp_path / ".dev.vars",)


def test_dev_vars_beat_env_files(load):
    assert load(_dev_vars="WHO=dev", _env="WHO=env\nMORE=1").vars == {"WHO": "dev", "KEPT": 1}


def test_env_files_add_to_each_other_the_most_particular_last(load, tmp_path):
    files = {"_env": "A=1\nB=1\nC=1\nD=1", "_env_local": "B=2\nC=2\nD=2", "_env_x": "C=3\nD=3"}
    config = load("x", "[env.x]\n", **files, _env_x_local="D=4", _env_y="A=5")
    assert config.vars == {"A": "1", "B": "2", "C": "3", "D": "4"}
    assert [file.name for file in config.secret_files] == [".env", ".env.local", ".env.x", ".env.x.local"]
    assert load(None, "").vars == {"A": "1", "B": "2", "C": "2", "D": "2"}


def test_the_dev_vars_of_an_environment_stand_in_the_place_of_the_common_ones(load):
    files = {"_dev_vars": "A=1\nB=1", "_dev_vars_x": "A=2"}
    config = "[env.x]\n[env.y]\n"
    assert load("x", config, **files).vars == {"A": "2"}
    assert load("y", config).vars == {"A": "1", "B": "1"}
    assert load("", config).vars == {"A": "1", "B": "1"}


def test_where_secrets_are_listed_those_alone_are_taken_and_missing_ones_warned_of(load, tmp_path):
    config = load(None, '[secrets]\nrequired = ["A", "B"]\n', _dev_vars="A=1\nC=1")
    assert (config.vars, config.secrets) == ({"A": "1"}, ("A",))
    place = f"{tmp_path / 'wrangler.toml'}:2"
    assert config.warnings == (f"{place}: Missing required secrets: B; add them to .dev.vars or .env",)


def test_a_secret_with_the_name_of_a_binding_is_not_read(load):
    config = load(None, 'kv_namespaces = [{ binding = "KV", id = "1" }]', _dev_vars="KV=1\nA=2")
    assert config.vars == {"A": "2"}
    assert '"KV" is a binding: its secret in .dev.vars is not read' in config.warnings[0]


def test_a_file_of_variables_that_is_not_text_is_refused_with_its_line(load, tmp_path):
    (tmp_path / ".dev.vars").write_bytes(b"A=1\nB=\xff\n")
    with pytest.raises(BadInput) as bad:
        load()
    assert str(bad.value) == f"{tmp_path / '.dev.vars'}:2: byte 0xff is not UTF-8"


def test_a_date_of_toml_is_no_variable(load, tmp_path):
    with pytest.raises(BadInput) as bad:
        load(None, "[vars]\nSINCE = 2026-01-01\n")
    assert str(bad.value) == (
        f'{tmp_path / "wrangler.toml"}:2: the variable "SINCE" is a TOML date\n  write SINCE = "2026-01-01"'
    )


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("A=1", {"A": "1"}),
        ("A = 1 \r\n B=2", {"A": "1", "B": "2"}),
        ("export A=1\n# B=2\nC: 3\nD:4", {"A": "1", "C": "3"}),
        ("A=one two # three", {"A": "one two"}),
        ("A='one # two' # three", {"A": "one # two"}),
        (
            "A=\"one\\ntwo\"\nB='one\\ntwo'\nC=one\\ntwo",
            {"A": "one\ntwo", "B": "one\\ntwo", "C": "one\\ntwo"},
        ),
        ('KEY="-----BEGIN\nx\n-----END"\nB=2', {"KEY": "-----BEGIN\nx\n-----END", "B": "2"}),
        ('A=`it\'s "so"`', {"A": 'it\'s "so"'}),
        ('A=\'{"k": "v"}\'', {"A": '{"k": "v"}'}),
        ("A=\nB=", {"A": "", "B": ""}),
        ("A=it's", {"A": "it's"}),
        ('A="x" y', {"A": '"x" y'}),
        ("A-b.c=1\nnothing\n-", {"A-b.c": "1"}),
        ("A=1\nA=2", {"A": "2"}),
        ("A=a=b==", {"A": "a=b=="}),
        ("\ufeffA=1", {"A": "1"}),
    ],
)
def test_a_file_of_variables_is_read_as_wrangler_reads_it(text, variables):
    assert parse_dotenv(text) == variables


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ("$A/x", "1/x"),
        ("${A}x", "1x"),
        ("${NONE:-d}${A:-d}", "d1"),
        ("${A:+y}${NONE:+y}", "y"),
        ("$NONE", ""),
        ("\\$A", "$A"),
        ("${NONE-$A}", "1"),
    ],
)
def test_values_of_env_files_may_refer_to_earlier_ones(value, result):
    assert expanded({"A": "1", "B": value})["B"] == result


def test_a_value_that_grows_by_itself_comes_to_an_end():
    assert expanded({"A": "\\$A\\$A", "B": "$A y"})["B"].endswith("$A y")
