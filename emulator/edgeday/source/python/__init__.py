"""The source of Python workers, read by its syntax tree: `routes` (with `prefixes` and `bodies`), `origins`
and `bindings`."""
