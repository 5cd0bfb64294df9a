"""How fast tracking is: ours and peers on the same boxes, in one process, by turns; processor seconds of one thread.

    OMP_NUM_THREADS=1 python benchmarks/speed.py [--root DATA --videos FOLDER ...] [--before CHECKOUT]

Runs on synthetic videos of 12, 48, 422 and 853 boxes a frame, and on the named folders of DATA. --before: another
checkout of gnntrack, which takes turns with this one. Measured are frames a second, how the cost of a frame grows with
its boxes, the slowest frames of a long stream, the memory of tracking offline, and the processor time of `gnntrack
convert`. Peers take part where they are installed: `trackers` (numpy), `pyxtrackers` and `trackforge` (compiled).
Writes results/speed.json, .md and .svg;
--parts: those that are not named keep their figures.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from result_pages import write_page
from speed_memory import convert_seconds, memory_a_frame
from speed_tables import figure, table
from speed_trackers import OFFLINE, OURS, Elsewhere, Run, offline, ours, peers
from speed_videos import Video, found, made

from gnntrack.files import write_text

HERE = Path(__file__).parent
#: Boxes a frame, and frames: online, offline, and to see how the cost grows.
ONLINE, WHOLE = ((12, 400), (48, 250), (422, 40), (853, 30)), ((9, 600), (132, 120))
GROWTH = ((10, 300), (20, 300), (50, 200), (100, 100), (200, 60), (400, 40), (700, 30), (1000, 30))
#: The exponent of the growth is fitted from so many boxes.
MANY = 200
#: Frames before a stream counts as warm; a frame stalls above so many medians.
WARM, STALL = 100, 5.0
#: Lengths, in frames, of the videos whose memory is compared.
LENGTHS = (1000, 6000)
PARTS = ("online", "offline", "growth", "stalls", "memory", "convert")


def main() -> None:
    options = parse()
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        before = Elsewhere(options.before, Path(folder)) if options.before else None
        try:
            kept = json.loads(options.output.read_text(encoding="utf-8")) if options.output.is_file() else {}
            result = kept | measure(options, before)
        finally:
            if before is not None:
                before.close()
    write_text(options.output, json.dumps(result, indent=1) + "\n")
    write_page(options.output.with_suffix(".md"), table(result), "--parts")
    if "growth" in result:
        figure(result["growth"], options.output.with_suffix(".svg"))
    print(table(result))


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, help="folder that holds --videos")
    parser.add_argument("--videos", type=Path, nargs="+", default=[], help="sequence folders below it")
    parser.add_argument("--before", type=Path, help="another checkout of gnntrack to compare with")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each; the fastest counts (default: 3)")
    parser.add_argument("--long", type=int, default=10_000, help="frames of the long stream (default: 10000)")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--no-peers", action="store_true", help="ours alone")
    parser.add_argument("--output", type=Path, default=HERE / "results" / "speed.json")
    options = parser.parse_args()
    if bool(options.videos) != bool(options.root):
        parser.error("--root and --videos go together")
    if options.rounds < 1:
        parser.error(f"--rounds {options.rounds}: give 1 or more")
    if options.long <= WARM:
        parser.error(f"--long {options.long}: give more than the {WARM} frames until a stream is warm")
    if options.before is not None and not (options.before / "gnntrack").is_dir():
        parser.error(f"--before {options.before}: no checkout of gnntrack")
    return options


def measure(options: argparse.Namespace, before: Elsewhere | None) -> dict[str, Any]:
    """Everything that was asked for."""
    others = {} if options.no_peers else peers()
    result: dict[str, Any] = {"python": platform.python_version(), "machine": platform.machine()}
    named = [video for path in options.videos for video in found(options.root / path)]
    for part, runs, made_ones in (
        ("online", {OURS: ours()} | others, ONLINE),
        ("offline", {OFFLINE: offline}, WHOLE),
        ("growth", {OURS: ours()} | others, GROWTH),
    ):
        if part in options.parts:
            if before is not None:
                runs = {f"{name}, before": before.run(name) for name in runs if name in (OURS, OFFLINE)} | runs
            videos = [made(*shape) for shape in made_ones] + (named if part != "growth" else [])
            result[part] = {f"{video.boxes:.0f} boxes, {video.name}": turns(video, runs, options) for video in videos}
    if "growth" in result:
        result["exponents"] = exponents(result["growth"])
    if "stalls" in options.parts:
        runs = {OURS: ours()} | ({} if before is None else {f"{OURS}, before": before.run(OURS)})
        video = made(12, options.long)
        spent = {name: np.array([run(video) for _ in range(options.rounds)]) for name, run in runs.items()}
        result["stalls"] = {name: stalls(found) for name, found in spent.items()}
    if "memory" in options.parts:
        sources: dict[str, Path] = {OFFLINE: HERE.parent}
        if options.before:
            sources[f"{OFFLINE}, before"] = options.before
        result["memory"] = {name: memory_a_frame(source, LENGTHS) for name, source in sources.items()}
    if "convert" in options.parts:
        result["convert"] = convert_seconds()
    return result


def turns(video: Video, runs: dict[str, Run], options: argparse.Namespace) -> dict[str, Any]:
    """Every run on a video, by turns: frames a second of the fastest turn, milliseconds of a frame at percentiles."""
    start = Video(video.name, video.width, video.height, video.frame_rate, video.frames[:10])
    for run in runs.values():
        run(start)
    spent: dict[str, list[np.ndarray]] = {name: [] for name in runs}
    for _ in range(options.rounds):
        for name, run in runs.items():
            spent[name].append(run(video))
    rows = {}
    for name, found_ in spent.items():
        best = min(found_, key=np.sum)
        half = 1000 * np.concatenate([each[len(each) // 2 :] for each in found_])
        rows[name] = {
            "frames_per_second": round(len(best) / float(best.sum()), 1),
            "milliseconds": {f"p{level}": round(float(np.percentile(half, level)), 3) for level in (50, 95, 99)},
        }
        print(f"{video.boxes:.0f} boxes, {name}: {rows[name]}", file=sys.stderr, flush=True)
    return {"boxes": round(video.boxes, 1), "frames": len(video.frames), "trackers": rows}


def stalls(spent: np.ndarray) -> dict[str, Any]:
    """The single frames of a long stream, milliseconds.

    The least of several runs is what a frame costs by itself: what else the machine did comes at another frame in each.

    Args:
        spent: ``(R, N)`` processor seconds of N frames in R runs.
    """
    later = 1000 * spent[:, WARM:].min(axis=0)
    median = float(np.median(later))
    levels: dict[str, Callable[[np.ndarray], Any]] = {
        "median": np.median,
        "p99": lambda values: np.percentile(values, 99),
        "p99.9": lambda values: np.percentile(values, 99.9),
        "largest": np.max,
    }
    row: dict[str, Any] = {"frames": spent.shape[1], "runs": spent.shape[0]}
    row |= {name: round(float(of(later)), 3) for name, of in levels.items()}
    each = [int((run > STALL * np.median(run)).sum()) for run in spent[:, WARM:]]
    return row | {
        "second_frame": round(float(1000 * spent[:, 1].min()), 3),
        "above_5_medians": int((later > STALL * median).sum()),
        "in_single_runs": ", ".join(map(str, each)),
    }


def exponents(growth: dict[str, Any]) -> dict[str, float]:
    """How the cost of a frame grows from :data:`MANY` boxes: the slope of its logarithm."""
    points: dict[str, list[tuple[float, float]]] = {}
    for row in growth.values():
        for name, of in row["trackers"].items():
            if row["boxes"] >= 0.9 * MANY:
                points.setdefault(name, []).append((np.log(row["boxes"]), np.log(of["milliseconds"]["p50"])))
    return {name: round(float(np.polyfit(*zip(*of, strict=True), 1)[0]), 2) for name, of in points.items()}


if __name__ == "__main__":
    main()
