"""JavaScript workers, unmodified, in workerd: a process beside this one that runs only while this one waits.

`host.host_javascript` makes a class of a worker's bundle that an `Edge` runs. One message to workerd is one
turn: the worker's code runs until it has nothing left to do at once, and what it asked for comes back. So
virtual time cannot drift, and each operation passes the same KV, caches, quotas and events as a Python
worker's.

What is run: `bundles` (a worker as wrangler would upload it), `wrangler_build` (the user's own wrangler makes
one), `binary` (workerd on the user's machine), `configuration` (what workerd is told of both).

How it runs: `process` and `launching` (workerd ends with this process), `websocket` and `frames` (a turn on
the wire), `isolates` (which isolate has which process), `isolate` (its invocations and turns; `real_time` on
a server), `operations` (what JavaScript asks for), `host` (the class that an `Edge` runs). What stands in the
runtime's place in JavaScript lies in `shim/`.

What is said of it: `start_problems`, `stacks` and `source_maps` (lines of the user's own files), `diagnoses`
and `left_work` (what goes wrong without an error).
"""
