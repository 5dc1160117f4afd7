"""Paths of the REST API: which resource a raw request path names. Pure.

Works on the path as it was sent: a key is percent-decoded once, after the path was taken apart, so that
`%2F` in a key is no separator.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple
from urllib.parse import parse_qsl, unquote_to_bytes

from edgeday.server.errors import bad_request

PREFIX = "/client/v4/"

Resource = Literal[
    "accounts", "account", "memberships", "token", "namespaces", "namespace", "keys", "value", "metadata",
    "bulk", "bulk delete", "bulk get",
]  # fmt: skip

_ONE_OF_A_NAMESPACE: dict[tuple[str, ...], Resource] = {
    (): "namespace",
    ("keys",): "keys",
    ("bulk",): "bulk",
    ("bulk", "delete"): "bulk delete",
    ("bulk", "get"): "bulk get",
}
_KV = ["storage", "kv", "namespaces"]
_OF_A_KEY = re.compile(
    PREFIX + r"accounts/[^/]+/storage/kv/namespaces/([^/]+)/(values|metadata)/(.*)\Z", re.DOTALL
)
OF_A_NAMESPACE = re.compile(PREFIX + r"accounts/[^/]+/storage/kv/namespaces/([^/]+)(.*)\Z", re.DOTALL)
"""A path below one namespace: its id, and what stands behind it."""
_UNRESERVED = re.compile(r"[A-Za-z0-9._~:!$&'()*+,;=@-]*\Z")


class Target(NamedTuple):
    """What a request is about. namespace: its id, or ""; key: decoded (of an account: its id), or ""."""

    resource: Resource
    namespace: str = ""
    key: str = ""


def target_of(path: str) -> Target | None:
    """The target of a raw path below `PREFIX`, without its query; None if the API has no such path.

    Raises ApiError 400 for a key that is not UTF-8.
    """
    of_a_key = _OF_A_KEY.match(path)
    if of_a_key is not None:
        namespace, kind, key = of_a_key.groups()
        return Target("value" if kind == "values" else "metadata", decoded(namespace), decoded(key))
    parts = path.removeprefix(PREFIX).split("/")
    if parts[-1] == "" and len(parts) > 1:
        parts.pop()
    if parts == ["accounts"]:
        return Target("accounts")
    if parts == ["memberships"]:
        return Target("memberships")
    if parts == ["user", "tokens", "verify"]:
        return Target("token")
    if len(parts) == 2 and parts[0] == "accounts" and parts[1]:
        return Target("account", key=decoded(parts[1]))
    if len(parts) < 5 or parts[0] != "accounts" or parts[1] == "" or parts[2:5] != _KV:
        return None
    if len(parts) == 5:
        return Target("namespaces")
    resource = _ONE_OF_A_NAMESPACE.get(tuple(parts[6:]))
    return None if resource is None else Target(resource, decoded(parts[5]))


def decoded(text: str) -> str:
    """Percent-decode one part of a path, once. Raises ApiError 400 if that is not UTF-8."""
    if _UNRESERVED.match(text):
        return text
    try:
        return unquote_to_bytes(text.encode("utf-8", "surrogateescape")).decode()
    except UnicodeError:
        raise bad_request("the path is not UTF-8") from None


def query_of(query: str) -> dict[str, str]:
    """The parameters of a raw query; of several with one name the last. Raises ApiError 400."""
    if not query:
        return {}
    try:
        text = query.encode("utf-8", "surrogateescape").decode()
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=100, errors="strict"))
    except ValueError:
        raise bad_request("the query cannot be read") from None
