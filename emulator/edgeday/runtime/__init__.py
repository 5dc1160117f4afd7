"""One assembled account that runs a worker, and how a worker is named."""
