"""How problems name their place."""

from __future__ import annotations

import pytest

from edgeday.errors import BadInput, Problem, did_you_mean, nearest
from edgeday.files import read_capped


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ({}, "day.yaml: is wrong"),
        ({"line": 4}, "day.yaml:4: is wrong"),
        ({"line": 4, "column": 9}, "day.yaml:4:9: is wrong"),
    ],
)
def test_a_problem_names_its_place_as_far_as_it_is_known(place, text):
    assert str(Problem("day.yaml", "is wrong", **place)) == text


def test_excerpt_and_hint_stand_below_what_is_wrong():
    problem = Problem("day.yaml", "is wrong", "mend it", 4, 9, "     4 | x\n       | ^")
    assert str(problem) == "day.yaml:4:9: is wrong\n     4 | x\n       | ^\n  mend it"


@pytest.mark.parametrize(("word", "near"), [("diurnl", "diurnal"), ("xyz", "")])
def test_a_hint_names_the_nearest_known_word_or_none(word, near):
    assert nearest(word, ["even", "diurnal"]) == near
    assert did_you_mean(word, ["even", "diurnal"]) == (f'did you mean "{near}"?' if near else "")


@pytest.mark.parametrize(("size", "fits"), [(10, True), (11, False)])
def test_a_file_is_read_up_to_its_bound(tmp_path, size, fits):
    (tmp_path / "small").write_bytes(b"x" * size)
    if fits:
        assert read_capped(tmp_path / "small", 10, kind="a note") == b"x" * size
    else:
        with pytest.raises(BadInput, match="is larger than the 10 bytes that a note may have"):
            read_capped(tmp_path / "small", 10, kind="a note")
