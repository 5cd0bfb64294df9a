"""The process that others of this machine are copies of: it imports what they need, once, however many they are."""

from __future__ import annotations

from multiprocessing import forkserver


def begin_to_import(module: str) -> None:
    """Starts that process, if it does not run yet, and does not wait for it: its imports take two seconds of a CPU.

    Args:
        module: holds the work.
    """
    forkserver.set_forkserver_preload(["distributed", module])
    forkserver.ensure_running()
