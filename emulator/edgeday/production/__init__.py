"""What production does and a plain emulator does not: places, races, eviction, isolates, faults.

Each part is a strategy that an edge is built with; an edge without any of them runs none of this code.
"""
