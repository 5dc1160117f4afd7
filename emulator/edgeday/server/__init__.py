"""`edgeday serve`: the REST API of KV, the worker over HTTP, the dashboard."""
