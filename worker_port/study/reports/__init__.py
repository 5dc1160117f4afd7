"""What the study measured, as terminal text, Markdown and JSON."""
