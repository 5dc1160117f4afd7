"""What the source of a worker shows without running it: its routes, hosts and bindings.

`seen` is the door to the readers of Python (`python/`). `model` is what they give.
"""
