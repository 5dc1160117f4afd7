"""`python -m edgeday`: the `edgeday` command, of exactly this interpreter."""

from edgeday.commands.cli import main

if __name__ == "__main__":
    main(prog_name="edgeday")
