"""The language of scenario files: its model, the YAML reader, errors in words; worker profiles."""
