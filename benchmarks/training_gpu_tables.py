"""The page of training_gpu.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def write(result: dict[str, Any]) -> None:
    """Both files."""
    Path(__file__).parent.joinpath("results", "training_gpu.json").write_text(json.dumps(result, indent=1) + "\n")
