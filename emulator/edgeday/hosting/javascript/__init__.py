"""JavaScript workers, unmodified, in workerd: a process beside this one that runs only while this one waits.

`host.host_javascript` makes a class of a worker's bundle that an `Edge` runs. One message to workerd is one
turn: the worker's code runs until it has nothing left to do at once, and what it asked for comes back. So
virtual time cannot drift, and each operation passes the same KV, caches, quotas and events as a Python
worker's.

What is run: `bundles` (a worker as wrangler would upload it), `binary` (workerd on the user's machine),
`source_maps` (where a line of a bundle comes from).
"""
