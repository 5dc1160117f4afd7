"""Workers KV: the binding, its options and checks, and one call from quota to event for all its doors."""
