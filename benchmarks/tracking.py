"""Our trackers, the hand-tuned ones of `trackers` and perfect association on the same detections, in one run.

    pip install --constraint constraints.txt --editable '.[bench]'
    OMP_NUM_THREADS=1 python benchmarks/tracking.py --root DATA

DATA holds DanceTrack, MOT17, KITTI and MOT15 as tracking.yaml says. Writes results/tracking.json and tracking.md.
The peers run at their defaults and with the settings of results/peers_tuned.json; --tune searches these anew on the
very sequences that are reported, which favours the peers.
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
import yaml
from oracles import perfect_links, perfect_scores
from result_pages import command_line
from scenes import MINIMUM_CONFIDENCE, Scenes, read_scenes
from tables import UNSMOOTHED, tables
from tuning import Cache, coordinate_search

from gnntrack.bench import PEERS, Run, ours, peer
from gnntrack.bench.peers import defaults
from gnntrack.errors import DataError, DataWarning
from gnntrack.evaluation import evaluate
from gnntrack.evaluation.table import in_percent
from gnntrack.files import write_text
from gnntrack.models import load_weights
from gnntrack.sequence import Sequence

HERE = Path(__file__).parent
TUNED = HERE / "results" / "peers_tuned.json"
REPORTED = ("hota", "deta", "assa", "mota", "idf1", "idsw", "fragmentations", "false_positives", "misses")
Row = dict[str, Any]


def main() -> None:
    options = parse()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore", DataWarning)
    table = yaml.safe_load((HERE / "tracking.yaml").read_text())
    tuned = json.loads(TUNED.read_text()) if TUNED.is_file() and options.tuned else {}
    cache = Cache(options.cache / "peers.json" if options.cache else None)
    results = []
    for name in options.datasets or table["datasets"]:
        scenes = read_scenes(name, table["datasets"][name], options.root, options.sequences)
        if not scenes.scenes:
            print(f"{name}: no such sequences", flush=True)
            continue
        if options.tune:
            tuned[name] = {
                PEERS[peer_].title: tune(scenes, peer_, values, cache) for peer_, values in table["peers"].items()
            }
            write_text(TUNED, json.dumps(tuned, indent=1) + "\n")
        results.append(measure(scenes, table["peers"], tuned.get(name, {}), options))
        print(tables(results[-1]), flush=True)
        write(results, options.output)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    on_off = argparse.BooleanOptionalAction
    parser.add_argument("--root", type=Path, required=True, help="folder that holds DanceTrack, MOT17, KITTI, MOT15")
    parser.add_argument("--datasets", nargs="+", help="names in tracking.yaml (default: all)")
    parser.add_argument("--sequences", nargs="+", help="names or patterns (default: those of tracking.yaml)")
    parser.add_argument("--peers", action=on_off, default=True, help="run the trackers of `trackers`")
    parser.add_argument("--tuned", action=on_off, default=True, help="run these with tuned settings as well")
    parser.add_argument("--ours", action=on_off, default=True, help="run gnntrack")
    parser.add_argument("--oracles", action=on_off, default=True, help="measure perfect association")
    parser.add_argument("--weights", default="default", help="of gnntrack (default: %(default)s)")
    parser.add_argument("--tune", action="store_true", help="search the peers' settings anew")
    parser.add_argument("--cache", type=Path, help="folder that keeps what the search tried")
    parser.add_argument("--repeats", type=int, default=1, help="runs of each tracker; the fastest is timed (default 1)")
    parser.add_argument("--output", type=Path, default=HERE / "results" / "tracking.json")
    options = parser.parse_args()
    if options.tune and (options.sequences or not options.tuned):
        parser.error("--tune takes the sequences of tracking.yaml, and no --no-tuned")
    return options


def contenders(peers: dict[str, Any], tuned: dict[str, Any], options: argparse.Namespace) -> dict[str, Run]:
    """What runs on a data set, by the name of its row."""
    runs: dict[str, Run] = {}
    if options.peers:
        for name in peers:
            title = PEERS[name].title
            runs[title] = peer(name)
            if title in tuned:
                runs[f"{title}, tuned"] = peer(name, tuned[title]["settings"])
    if options.ours:
        runs["gnntrack, online"] = ours("online", options.weights)
        runs["gnntrack, offline"] = ours("offline", options.weights)
        runs[f"gnntrack, online, {UNSMOOTHED}"] = ours("online", options.weights, {"boxes.smooth_online": False})
        runs[f"gnntrack, offline, {UNSMOOTHED}"] = ours("offline", options.weights, {"boxes.smooth": False})
    return runs


def tune(scenes: Scenes, name: str, values: dict[str, list[Any]], cache: Cache) -> dict[str, Any]:
    """The settings of a peer with the highest HOTA on all sequences of a data set together."""

    def score(settings: dict[str, Any]) -> float:
        key = json.dumps([scenes.name, sorted(scenes.scenes), PEERS[name].title, settings], sort_keys=True)
        return cache.get(key, lambda: combined_hota(scenes, peer(name, settings)))

    start = defaults(name, values)
    settings, hota, tried = coordinate_search(score, start, values)
    found = {"settings": settings, "hota": round(100 * hota, 3), "default_hota": round(100 * score(start), 3)}
    print(scenes.name, PEERS[name].title, json.dumps(found), f"{tried} settings", flush=True)
    return found | {"tried": tried, "sequences": sorted(scenes.scenes)}


def combined_hota(scenes: Scenes, run: Run) -> float:
    pairs = scenes.pairs({name: run(scene.detections).tracks for name, scene in scenes.scenes.items()})
    return evaluate(pairs, scenes.benchmark)["COMBINED"]["hota"]


def measure(
    scenes: Scenes, peers: dict[str, Any], tuned: dict[str, Any], options: argparse.Namespace
) -> dict[str, Any]:
    """All rows of a data set."""
    runs = contenders(peers, tuned, options)
    rows = [row(scenes, name, *timed) for name, timed in run_all(scenes, runs, options.repeats).items()]
    found: dict[str, Any] = {
        "dataset": scenes.name,
        "benchmark": scenes.benchmark,
        "note": scenes.note,
        "minimum_confidence": MINIMUM_CONFIDENCE,
        "frames": {name: scene.detections.length for name, scene in scenes.scenes.items()},
        "command": command_line(sys.argv),
        "tuned": {name: best["settings"] for name, best in tuned.items()} if options.peers else {},
        "rows": rows,
    }
    if options.oracles:
        rows.append(row(scenes, "perfect links on the detections", perfect_links(scenes)))
    if options.oracles and options.ours:
        recipe = load_weights(options.weights)[1]
        tracks, pruning = perfect_scores(scenes, recipe)
        rows.append(row(scenes, "perfect scores with our tracker", tracks))
        found["pruning"] = asdict(pruning) | {"memory": str(recipe.tracking.links.memory)}
    return found


def run_all(scenes: Scenes, runs: dict[str, Run], repeats: int) -> dict[str, tuple[dict[str, Sequence], dict]]:
    """Tracks and fewest seconds of every run on every sequence; runs take turns, so that all see the same machine."""
    results: dict[str, tuple[dict[str, Sequence], dict]] = {name: ({}, {}) for name in runs}
    for sequence, scene in scenes.scenes.items():
        for _ in range(repeats):
            for name, run in runs.items():
                tracks, seconds = results[name]
                found = run(scene.detections)
                tracks[sequence] = found.tracks
                seconds[sequence] = min(found.seconds, seconds.get(sequence, found.seconds))
    return results


def row(scenes: Scenes, name: str, tracks: dict[str, Sequence], seconds: dict[str, float] | None = None) -> Row:
    """A tracker's scores on every sequence and on all together, in percent, with its speed."""
    found = in_percent(evaluate(scenes.pairs(tracks), scenes.benchmark))
    scores = {sequence: {key: scored[key] for key in REPORTED} for sequence, scored in found.items()}
    if seconds:
        frames = {name: scene.detections.length for name, scene in scenes.scenes.items()}
        for sequence, spent in seconds.items():
            scores[sequence]["frames_per_second"] = round(frames[sequence] / spent, 1)
        scores["COMBINED"]["frames_per_second"] = round(sum(frames.values()) / sum(seconds.values()), 1)
    return {"tracker": name, "scores": scores}


def write(results: list[dict[str, Any]], path: Path) -> None:
    write_text(path, json.dumps(results, indent=1) + "\n")
    write_text(path.with_suffix(".md"), "\n\n".join(map(tables, results)) + "\n")


if __name__ == "__main__":
    try:
        main()
    except DataError as error:
        sys.exit(f"error: {error}")
