"""The profile: traffic in orders, a mail service, metrics, a finding, a probe, an audit."""

from __future__ import annotations

from edgeday.events import InvocationEnded, Operation
from edgeday.fields import Model
from edgeday.measure.findings.rule import FindingRule
from edgeday.measure.metrics import ACCEPTED, AUDIT, Ends, Metric, Operations, Starts
from edgeday.measure.noun import Noun
from edgeday.measure.results import Finding, UsageRow
from edgeday.scenario.arrivals import Arrivals, Even
from edgeday.scenario.profile import Expectation, ProbeKind, ServedOrigins, TrafficKind, WorkerProfile
from edgeday.scenario.traffic import PerDay, TrafficPart
from edgeday.web import Request, Response

ROUTE = "POST /order"


class OrderTraffic(TrafficPart):
    """Orders of so many pieces."""

    keyword = "orders"

    name: str = "orders"
    orders: PerDay
    pieces: int = 1
    arrivals: Arrivals = Even()

    def request(self, number, seed, *, failing, origin):
        return Request(f"{origin}/order", method="POST", body=f"{number} {self.pieces}")


class ListOrders(Model):
    """What the shop has on its list."""


class LargeOrders(FindingRule):
    """Finds the orders whose text is long."""

    def __init__(self, events, run):
        super().__init__(events, run)
        self.count = 0
        events.subscribe(Operation, self.note, outcomes=("stored",))

    def note(self, event):
        self.count += event.size_bytes > 1

    def findings(self, snapshot):
        if self.count:
            yield Finding(
                "large-orders", f"{self.count} of {snapshot.values['orders.started']} orders are large"
            )


class Stock:
    """Counts what KV holds when the day is over."""

    def __init__(self, edge, worker, variables, colo):
        self.edge, self.colo = edge, colo

    async def report(self):
        page = await self.edge.store.kv_peek_list("orders-1", "order:", "", 1000, self.edge.clock.now())
        at = self.edge.clock.now()
        self.edge.events.emit(
            Operation(at, "stock", AUDIT, "", "", "kept", "", len(page.keys), 0, 0, "", self.colo)
        )


async def mail(request, invocation):
    return Response("sent", status=202)


def is_order(event, _scope=None):
    return event.route == ROUTE


def is_lost(event: InvocationEnded, _scope=None):
    return is_order(event) and event.status >= 400


PROFILE = WorkerProfile(
    name="till",
    entry="orders.worker:Till",
    noun=Noun("order", "orders", frozenset({ROUTE}), "orders.started", "orders.lost"),
    origin="https://till.example",
    namespaces={"ORDERS": "orders-1"},
    served_namespaces={"ORDERS": "orders-1"},
    variables={"SHOP": "corner"},
    outbound={"mail.example": mail},
    hosts={"mail.example": "mail"},
    served=lambda _scenario: ServedOrigins({"mail.example": mail}, "mails go nowhere"),
    traffic=(TrafficKind(OrderTraffic, frozenset({"orders"})),),
    probes={"list_orders": ProbeKind(ListOrders, lambda _given, _variables: ("GET", "/orders", {}))},
    expectations={"listed": Expectation("Orders on the list.", lambda data: len(data["orders"]))},
    metrics=(
        Metric(
            "orders.started", "orders", "Orders that reached the worker.", Starts(is_order), of_route=True
        ),
        Metric("orders.lost", "orders", "Orders that were not taken.", Ends(is_lost), of_route=True),
        Metric("mail.sent", "mails", "Mails that were sent.", Operations("mail", None, ACCEPTED)),
        Metric(
            "stock.kept",
            "orders",
            "Orders in KV.",
            Operations("stock", None, frozenset({"kept"}), audited=True),
        ),
    ),
    rules=(LargeOrders,),
    usage=(UsageRow("orders", "orders.started", "orders.lost", "lost"),),
    audit=Stock,
)
