"""Training processes that another one has started, or works beside: they are silent."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: What Lightning, torchrun and srun tell every process that they start: any number above 0 is of a helper.
_NUMBERS = ("RANK", "SLURM_PROCID", "NODE_RANK", "LOCAL_RANK")


def is_helper(devices: str, nodes: int) -> bool:
    """Whether another process of the training writes and reports.

    Args:
        devices: as ``train`` takes them.
        nodes: likewise.

    Example:
        >>> from unittest.mock import patch
        >>> with patch.dict(os.environ, {"NODE_RANK": "0", "LOCAL_RANK": "1"}):
        ...     is_helper("2", 1), is_helper("1", 1)
        (True, False)
    """
    alone = nodes == 1 and (devices == "1" or (devices.rstrip(",").isdigit() and devices.endswith(",")))
    return not alone and any(os.environ.get(name, "0") not in ("", "0") for name in _NUMBERS)


def hush_torch() -> None:
    """Lets torch, before it is imported, keep to itself what it thinks of how several processes are joined."""
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")


@contextmanager
def quiet(wanted: bool) -> Iterator[None]:
    """Lets nothing that is printed in the block be seen; errors that leave it are told as always."""
    if not wanted:
        yield
        return
    before = sys.stdout, sys.stderr
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        sys.stdout = sys.stderr = nowhere
        try:
            yield
        finally:
            sys.stdout, sys.stderr = before
