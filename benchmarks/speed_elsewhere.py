"""Runs the gnntrack of another checkout for speed.py, line by line: ["name of a run", "video"] in, seconds out.

speed.py starts it, with the other checkout on its path.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

from speed_trackers import OFFLINE, OURS, offline, ours
from speed_videos import Video


def answer() -> None:
    """Until there are no more lines."""
    warnings.simplefilter("ignore")
    runs = {OURS: ours(), OFFLINE: offline}
    for line in sys.stdin:
        name, path = json.loads(line)
        print(json.dumps(runs[name](Video.load(Path(path))).tolist()), flush=True)
