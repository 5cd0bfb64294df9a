"""What tracking offline keeps in memory for each frame, and what `gnntrack convert` costs with two workers."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from speed_videos import made

HERE = Path(__file__).parent
PEAK = """
import resource, sys, warnings
from pathlib import Path
warnings.simplefilter("ignore")
from speed_trackers import offline
from speed_videos import Video
offline(Video.load(Path(sys.argv[1])))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
#: Kilobytes in a unit of ``ru_maxrss``.
UNIT = 1 / 1024 if sys.platform == "darwin" else 1


def memory_a_frame(checkout: Path, lengths: tuple[int, int]) -> dict[str, Any]:
    """Kilobytes by which the peak of a process grows with each frame, from one length of video to another.

    Args:
        checkout: of gnntrack.
        lengths: of both videos, frames.
    """
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(checkout.resolve()), str(HERE)])}
    peaks = []
    for length in lengths:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "video.npz"
            made(12, length).save(path)
            command = [sys.executable, "-c", PEAK, str(path)]
            # not where another checkout may lie: that would come first
            done = subprocess.run(command, env=environment, cwd=HERE, capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout) * UNIT)
    return {
        "frames": list(lengths),
        "peak_mb": [round(peak / 1024) for peak in peaks],
        "kilobytes_a_frame": round((peaks[1] - peaks[0]) / (lengths[1] - lengths[0]), 1),
    }


def convert_seconds() -> dict[str, float]:
    """Processor seconds of `gnntrack convert` of a small set, by its workers."""
    found = {}
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")])}
    for workers in ("1", "2"):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "gnntrack.cli", "convert", "sample", "-o", f"{folder}/s"]
            start = _children()
            subprocess.run([*command, "--workers", workers], env=environment, capture_output=True, check=True)
            found[f"{workers} workers"] = round(_children() - start, 2)
    return found


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
