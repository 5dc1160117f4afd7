"""A page of the dashboard: how many orders there are."""

from edgeday.ledger import Op
from edgeday.server.dashboard.pages import Page


def routes(site):
    async def orders(visit):
        taken = site.context.served.edge.ledger.usage(Op.WRITE).accepted
        return site.show(visit, "orders.html", title="Orders of today", taken=taken)

    return {("GET", "orders"): orders}


PAGE = Page("orders", "Orders", __package__, routes, profile="till")
