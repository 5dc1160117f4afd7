"""The registry of namespaces and the server's clock, over both stores and over restarts."""

from __future__ import annotations

import pytest

from edgeday.clock import VirtualClock
from edgeday.ledger import Op
from edgeday.server.internal_state import RESERVED, InternalState
from edgeday.server.kv_operations import Write
from edgeday.server.namespaces import Namespace, Namespaces, TitleTaken
from edgeday.server.served import Served, Settings
from edgeday.wrangler import Binding
from tests.server.conftest import NAMESPACE, START, Hello


@pytest.fixture
def state(store, clock):
    return InternalState(store, clock)


async def test_a_registry_that_is_opened_again_knows_what_it_knew(store, state):
    registry = await Namespaces.open(store, state, [Namespace(NAMESPACE, "pages")])
    made = await registry.create("sessions")
    await registry.rename(NAMESPACE, "content")
    again = await Namespaces.open(store, state, [Namespace(NAMESPACE, "pages")])
    assert again.all() == sorted([made, Namespace(NAMESPACE, "content")])


async def test_a_registry_of_more_than_a_page_is_read_whole(store, state):
    declared = [Namespace(f"{number:032x}", f"n{number}") for number in range(1001)]
    await Namespaces.open(store, state, declared)
    assert (await Namespaces.open(store, state, [])).all() == declared


async def test_a_removed_namespace_is_gone_with_its_keys(store, state, clock):
    registry = await Namespaces.open(store, state, [])
    made = await registry.create("a")
    before = store.held_entries()
    await registry.remove(made.id)
    assert registry.get(made.id) is None
    assert store.held_entries() == before - 1
    assert (await Namespaces.open(store, state, [])).all() == []


async def test_a_title_is_used_once(store, state):
    registry = await Namespaces.open(store, state, [])
    first = await registry.create("a")
    second = await registry.create("b")
    with pytest.raises(TitleTaken):
        await registry.create("a")
    with pytest.raises(TitleTaken):
        await registry.rename(second.id, "a")
    assert await registry.rename(first.id, "a") == first


async def test_a_declared_namespace_whose_title_is_taken_gets_another(store, state):
    registry = await Namespaces.open(store, state, [])
    await registry.create("worker-pages")
    again = await Namespaces.open(store, state, [Namespace(NAMESPACE, "worker-pages")])
    assert again.get(NAMESPACE).title == f"worker-pages ({NAMESPACE})"


async def test_the_servers_own_records_cost_no_units(store, state, edge):
    registry = await Namespaces.open(store, state, [Namespace(NAMESPACE, "pages")])
    await registry.create("sessions")
    assert all(edge.ledger.usage(op).asked == 0 for op in Op)


async def test_the_servers_own_records_can_be_kept_when_a_quota_is_spent(store, state, edge):
    spend = edge.ledger.spend(Op.WRITE, 1000)
    await store.charge(spend)
    await (await Namespaces.open(store, state, [])).create("still")
    assert [known.title for known in (await Namespaces.open(store, state, [])).all()] == ["still"]


async def test_no_client_can_name_the_servers_own_records(server):
    from urllib.parse import quote

    response = await server.kv("GET", "/keys", namespace=quote(RESERVED, safe=""))
    assert response.status == 400


async def test_moved_time_and_what_was_written_in_it_outlive_a_restart(tmp_path):
    bindings = (Binding("kv", NAMESPACE, "pages"),)
    settings = Settings(Hello, state=tmp_path / "day.sqlite", bindings=bindings, clock=VirtualClock(START))
    served = await Served.open(settings)
    await served.advance(86_400)
    namespace = served.namespaces.get(NAMESPACE)
    await served.kv.put(namespace, Write("k", b"tomorrow"))
    at = served.edge.clock.now()
    await served.close()

    again = await Served.open(settings)
    assert again.edge.clock.now() == at
    assert (await again.kv.get(namespace, "k")).value == b"tomorrow"
    assert again.edge.ledger.usage(Op.WRITE).accepted == 1
    await again.close()


PREVIEW = "0000000000000000000000000000000b"


async def test_a_binding_with_a_preview_has_two_namespaces():
    served = await Served.open(Settings(None, bindings=(Binding("POSTS", NAMESPACE, "blog-POSTS", PREVIEW),)))
    preview = Namespace(PREVIEW, "blog-POSTS_preview")
    assert served.namespaces.all() == [preview, Namespace(NAMESPACE, "blog-POSTS")]
    await served.kv.put(preview, Write("k", b"draft"))
    assert (await served.kv.get(preview, "k")).value == b"draft"
    assert await served.edge.env.POSTS.get("k") is None
    await served.close()


async def test_another_worker_goes_on_with_the_account_as_it_is():
    settings = Settings(
        Hello, bindings=(Binding("A", NAMESPACE, "a"),), vars={"WHO": "ann"}, clock=VirtualClock(START)
    )
    served = await Served.open(settings)
    await served.advance(3_600)
    await served.edge.env.A.put("k", "kept")
    at = served.edge.clock.now()
    renamed = (Binding("B", NAMESPACE, "b"), Binding("C", PREVIEW, "c"))
    await served.redeploy(Settings(Hello, bindings=renamed, vars={"WHO": "bob"}))
    assert await served.edge.env.B.get("k") == "kept"
    assert served.edge.env.WHO == "bob"
    assert served.edge.clock.now() == at
    assert served.edge.ledger.usage(Op.WRITE).accepted == 1
    assert [known.id for known in served.namespaces.all()] == [PREVIEW, NAMESPACE]
    await served.close()
