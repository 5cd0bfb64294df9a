"""The command line: one thin command per verb. Verbs import what they need when they run, so ``--help`` is instant."""

from gnntrack.cli.app import main

__all__ = ["main"]
