"""The REST API of Workers KV: paths, bodies, credentials, envelopes, the throttle."""
