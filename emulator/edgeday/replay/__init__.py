"""A run of a scenario, its judge, its journal; baselines; the largest day that fits."""
