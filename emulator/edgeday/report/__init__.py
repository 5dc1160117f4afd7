"""A result as terminal text, JSON, JUnit, Markdown and HTML."""
