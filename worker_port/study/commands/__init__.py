"""The commands that the study brings: claims, compare, logs."""
