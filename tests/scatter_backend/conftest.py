"""These tests need torch-scatter. They are collected where it is installed, and where it is required to be.

``GNNTRACK_REQUIRE_TORCH_SCATTER=1`` collects them in any case, so that a build without torch-scatter fails there.
"""

from __future__ import annotations

import importlib.util
import os

REQUIRED = os.environ.get("GNNTRACK_REQUIRE_TORCH_SCATTER") == "1"
collect_ignore_glob = [] if REQUIRED or importlib.util.find_spec("torch_scatter") else ["test_*.py"]
