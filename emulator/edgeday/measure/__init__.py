"""Metrics, budgets, findings, lifetimes of entries: what events add up to."""
