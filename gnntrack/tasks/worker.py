"""What every process of this machine's own cluster does first."""

from __future__ import annotations

import signal
from typing import Any


def dask_setup(worker: Any) -> None:
    """Lets Ctrl-C, which a terminal sends to all, be the business of the process that started this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
