"""The Cache API: keys, freshness, ranges, conditional requests."""
