"""A package as a stranger may write one: a worker that takes orders, and what edgeday may know of it."""

from edgeday import CommandRow, Extension

EXTENSION = Extension(
    commands={"receipts": CommandRow("orders.command:command", "Print the receipts of a day.")},
    profiles=("orders.profile:PROFILE",),
    pages=("orders.page:PAGE",),
)
