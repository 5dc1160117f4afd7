"""JavaScript values in Python's hands: conversions there and back, promises, web classes."""

from edgeday.hosting.python_workers.classes import CLASSES
from edgeday.hosting.python_workers.conversions import plain, to_js
from edgeday.hosting.python_workers.generations import PYODIDE_0_26, current_generation
from edgeday.hosting.python_workers.messages import new_response
from edgeday.hosting.python_workers.proxies import jsnull


def test_a_dict_becomes_a_map_whose_entries_are_members_in_newer_generations_only():
    assert to_js({"a": 1}).a == 1
    token = current_generation.set(PYODIDE_0_26)
    try:
        assert plain(to_js({"a": 1})) == {}
        assert plain(to_js({"a": {"b": 2}})) == {}
    finally:
        current_generation.reset(token)
    assert plain(to_js({"a": {"b": 2}})) == {"a": {"b": 2}}


async def test_a_body_is_read_once_as_text():
    response = new_response("é")
    assert response.headers.get("missing") is jsnull
    assert await response.text() == "é"
    assert response.bodyUsed


def test_a_form_takes_fields_and_gives_null_for_a_missing_one():
    form = CLASSES["FormData"].new()
    form.append("a", "b")
    assert form["a"] == "b"
    assert form.get("z") is jsnull
