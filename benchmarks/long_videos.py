"""What tracking a long video offline keeps in memory: the peak of a process, for videos of 10⁴ to 10⁶ frames.

    python benchmarks/long_videos.py --frames 10000 100000 --boxes 10
    python benchmarks/long_videos.py --frames 1000000 --boxes 2
    python benchmarks/long_videos.py --frames 10000 --boxes 10 --checkout ../before

Each video is made of scenes of 2,000 frames, one after the other. The rows in the result say which checkout was run.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
RESULT = HERE / "results" / "long_videos.json"
SCENE = 2_000
RUN = """
import hashlib, resource, sys, time, warnings
warnings.simplefilter("ignore")
import numpy as np, pandas as pd
from speed_videos import made
from gnntrack.models import load_for_tracking
from gnntrack.sequence import Sequence
from gnntrack.tracking import track_offline

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / UNIT

frames, boxes, scene = map(int, sys.argv[1:4])
model, recipe = load_for_tracking("default")
parts = [made(boxes, scene, seed).sequence() for seed in range(min(4, -(-frames // scene)))]
track_offline(parts[0], model, recipe)  # compiled
base = peak()
columns = {}
for name in ("frame", "x", "y", "w", "h", "conf"):
    columns[name] = np.concatenate([
        parts[number % len(parts)].boxes[name].to_numpy() + (number * scene if name == "frame" else 0)
        for number in range(-(-frames // scene))
    ])
inside = columns["frame"] <= frames
table = pd.DataFrame({name: values[inside] for name, values in columns.items()}, copy=False)
video = Sequence("long", table, parts[0].width, parts[0].height, parts[0].frame_rate, frames)
del columns, table, inside, parts
count, before, start = len(video), peak(), time.process_time()
tracks = track_offline(video, model, recipe)
seconds = time.process_time() - start
digest = hashlib.sha256()
for name in tracks.boxes:
    digest.update(tracks.boxes[name].to_numpy().tobytes())
print(frames, count, base, before, peak(), seconds, tracks.boxes["id"].nunique(), digest.hexdigest()[:16])
""".replace("UNIT", "2**20" if sys.platform == "darwin" else "1024")


def measured(checkout: Path, frames: int, boxes: int) -> dict[str, Any]:
    """One video, in a process of its own.

    Args:
        checkout: of gnntrack.
        frames: of the video.
        boxes: about so many in a frame.
    """
    path = os.pathsep.join([str(checkout.resolve()), str(HERE)])
    command = [sys.executable, "-c", RUN, str(frames), str(boxes), str(SCENE)]
    environment = os.environ | {"PYTHONPATH": path}
    # not where another checkout may lie: that would come first
    done = subprocess.run(command, env=environment, cwd=HERE, capture_output=True, text=True, check=True)
    *numbers, tracks = done.stdout.split()
    length, count, base, before, after, seconds, identities = map(float, numbers)
    return {
        "frames": int(length),
        "boxes": int(count),
        "identities": int(identities),
        "mb_imported": round(base),
        "mb_with_the_boxes": round(before),
        "mb_peak": round(after),
        "kilobytes_a_frame": round((after - base) * 1024 / length, 2),
        "bytes_a_box": round((after - base) * 2**20 / count),
        "frames_a_second": round(length / seconds),
        "tracks": tracks,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--boxes", type=int, default=10)
    parser.add_argument("--checkout", type=Path, default=HERE.parent)
    parser.add_argument("--name", default="now", help="what the rows are called")
    parser.add_argument("-o", "--output", type=Path, default=RESULT)
    given = parser.parse_args()
    for frames in given.frames:
        row = {"name": given.name, **measured(given.checkout, frames, given.boxes)}
        print(row, flush=True)
        rows = json.loads(given.output.read_text(encoding="utf-8")) if given.output.exists() else []
        same = ("name", "frames", "boxes")
        rows = [other for other in rows if any(other[key] != row[key] for key in same)]
        given.output.write_text(json.dumps([*rows, row], indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
