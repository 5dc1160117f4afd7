"""Two stores with one behaviour, memory and SQLite; state files, their export and import."""
