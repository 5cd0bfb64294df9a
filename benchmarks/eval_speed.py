"""Evaluation against TrackEval, and against this project's own before it had an evaluator: seconds on one thread.

    OMP_NUM_THREADS=1 python benchmarks/eval_speed.py --root DATA [--old COMMIT] [--scenes 500]

DATA holds MOT17 and DanceTrack. Every evaluator gets the same boxes, read before the clock starts: those that count of
the annotations, and the result of a tracker by overlap; of the made sets, disturbed annotations. TrackEval's time is
that of its IoU and of its three metrics, without reading or rules. Each runs in a process of its own; the median of
the repeats is kept, of CPU time. Random scenes are compared metric by metric. Writes results/eval_speed.json and .md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from eval_crowds import COLUMNS, crowd, disturbed
from eval_programs import OLD_HOTA, OURS, TRACKEVAL, run
from eval_scenes import differences, random_scene
from result_pages import write_page

from gnntrack.errors import DataWarning
from gnntrack.evaluation.benchmarks import BENCHMARKS, prepare
from gnntrack.evaluation.matches import match
from gnntrack.evaluation.scene import Scene
from gnntrack.evaluation.scores import Score
from gnntrack.files import write_text
from gnntrack.reading import read
from gnntrack.sequence import Sequence
from gnntrack.tracking import track_by_overlap

HERE = Path(__file__).parent
#: The last commit whose evaluation was motmetrics and TrackEval.
OLD = "71ee209"
Pairs = dict[str, tuple[Sequence, Sequence]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, help="folder that holds MOT17 and DanceTrack (default: made sets alone)")
    parser.add_argument("--old", default=OLD, help="commit to compare with; empty: none (default: %(default)s)")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--scenes", type=int, default=500, help="random scenes that are compared (default: 500)")
    parser.add_argument("--output", type=Path, default=HERE / "results" / "eval_speed.json")
    options = parser.parse_args()
    warnings.simplefilter("ignore", DataWarning)
    found: dict[str, Any] = {"random_scenes": compare(options.scenes), "sets": {}}
    print(json.dumps(found["random_scenes"]), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        old = checkout(options.old, Path(folder) / "old") if options.old else None
        try:
            for name, pairs in sets(options.root).items():
                place = Path(folder) / name
                write(pairs, place)
                found["sets"][name] = row(pairs, place, old, options.repeats)
                print(name, json.dumps(found["sets"][name]), flush=True)
        finally:
            if old is not None:
                git("worktree", "remove", "--force", str(old))
    write_text(options.output, json.dumps(found, indent=1) + "\n")
    write_page(options.output.with_suffix(".md"), table(found))


def compare(count: int) -> dict[str, Any]:
    """How many random scenes there are, and how many of them differ from TrackEval in any metric."""
    apart = {}
    for seed in range(count):
        truth, tracks = random_scene(seed)
        score = Score.of(match(Scene.of(truth, tracks)))
        if wrong := differences(truth, tracks, score.metrics(), score.curves()):
            apart[seed] = wrong
    return {"scenes": count, "differ": len(apart), "apart": apart}


def sets(root: Path | None) -> dict[str, Pairs]:
    """Name of the set to its videos: annotations that count, and a result."""
    found: dict[str, Pairs] = {}
    if root is not None:
        found["MOT17"] = tracked(root / "MOT17" / "first-half-yolox", "mot17")
        found["DanceTrack"] = tracked(root / "DanceTrack" / "val", "dancetrack")
    truth = crowd(2000, 150)
    found["2000 x 150, few identities"] = {"crowd": (truth, disturbed(truth, 0.0002))}
    found["2000 x 150, fragmented"] = {"crowd": (truth, disturbed(truth, 0.01))}
    return found


def tracked(path: Path, benchmark: str) -> Pairs:
    pairs = {}
    for pair in read(path, "pairs"):
        truth = pair.annotations
        scene = prepare(truth, track_by_overlap(pair.detections), BENCHMARKS[benchmark])
        pairs[truth.name] = (scene.truth, scene.tracks)
    return pairs


def write(pairs: Pairs, folder: Path) -> None:
    folder.mkdir()
    for name, sides in pairs.items():
        for side, boxes in zip(("truth", "tracks"), sides, strict=True):
            np.save(folder / f"{name}.{side}.npy", boxes.boxes[COLUMNS].to_numpy(dtype=float))


def row(pairs: Pairs, folder: Path, old: Path | None, repeats: int) -> dict[str, Any]:
    """Seconds of everyone on a set, and what they found."""
    runs = {"ours": run(OURS, folder, HERE.parent, repeats), "trackeval": run(TRACKEVAL, folder, HERE.parent, repeats)}
    if old is not None:
        runs["old"], runs["old, HOTA alone"] = run(OURS, folder, old, 1), run(OLD_HOTA, folder, old, 1)
    ours = runs["ours"]
    shown = ("hota", "mota", "idf1", "idsw")
    return {
        "videos": len(pairs),
        "frames": sum(truth.length for truth, _ in pairs.values()),
        "truth_boxes": sum(len(truth) for truth, _ in pairs.values()),
        "tracks": sum(tracks.boxes["id"].nunique() for _, tracks in pairs.values()),
        "seconds": {name: round(found["seconds"], 3) for name, found in runs.items()},
        "times": {name: round(found["seconds"] / ours["seconds"], 1) for name, found in runs.items()},
        "apart_from_trackeval": max(abs(ours["rows"][name] - runs["trackeval"]["rows"][name]) for name in shown),
        "metrics": {name: round(ours["rows"][name], 5) for name in shown},
    }


def checkout(commit: str, folder: Path) -> Path:
    git("worktree", "add", "--detach", str(folder), commit)
    return folder


def git(*arguments: str) -> None:
    subprocess.run(["git", "-C", str(HERE.parent), *arguments], check=True, capture_output=True)


def table(found: dict[str, Any]) -> str:
    scenes = found["random_scenes"]
    lines = [f"{scenes['scenes']} random scenes, {scenes['differ']} of which differ from TrackEval by over 1e-9.", ""]
    lines += [
        "| set | truth boxes | tracks | ours, s | TrackEval | before | before, HOTA alone | apart from TrackEval |"
    ]
    lines += ["|---|---|---|---|---|---|---|---|"]
    for name, row in found["sets"].items():
        times = [f"{row['times'][who]} ×" if who in row["times"] else "" for who in ("trackeval", "old")]
        times.append(f"{row['times']['old, HOTA alone']} ×" if "old" in row["times"] else "")
        apart = f"{row['apart_from_trackeval']:.1e}"
        cells = [name, row["truth_boxes"], row["tracks"], row["seconds"]["ours"], *times, apart]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
