"""The design document's statements, each with what is measured for it."""
