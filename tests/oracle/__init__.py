"""The port held against the original worker: whole days through both, every operation compared.

`python -m tests.oracle --help` says where the original goes. What came out of it, as data, is in
`tests/traces/days`, which the ordinary tests replay through the port alone.
"""
