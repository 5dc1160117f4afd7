"""The commands that the study brings: claims, logs, variants."""
