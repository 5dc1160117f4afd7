"""Pages that extensions bring to the dashboard.

An extension names a `Page`; its views are made for each server and answer below the page's path.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from edgeday.extensions import installed, resolve
from edgeday.server.dashboard.site import Site, View


class Page(NamedTuple):
    """One page of the navigation.

    path: below the dashboard's prefix, without slashes. title: in the navigation. templates: the package
    whose folder `templates` holds what its views show. routes: method and path -> view, for one server.
    profile: of the workers that it is about, "" for all.
    """

    path: str
    title: str
    templates: str
    routes: Callable[[Site], Mapping[tuple[str, str], View]]
    profile: str = ""


def brought_pages(profile: str) -> tuple[Page, ...]:
    """The pages that installed extensions bring for workers with a profile. Raises BadInput."""
    pages = [resolve(name, Page) for extension in installed() for name in extension.pages]
    return tuple(page for page in pages if page.profile in {"", profile})
