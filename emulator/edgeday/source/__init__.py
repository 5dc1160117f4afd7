"""What the source of a worker shows without running it: its routes, hosts and bindings.

`seen` is the door: it asks the readers of Python (`python/`) or those of JavaScript and TypeScript
(`javascript/`), whichever the worker's file is written in. `model` is what both of them give.
"""
