"""The commands that the study brings: claims, days, logs, variants."""
