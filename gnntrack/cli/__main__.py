"""``python -m gnntrack.cli``."""

from gnntrack.cli import main

main()
