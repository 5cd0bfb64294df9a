"""Where identities switch in crowds: a random sample of switches, what was known at each, and pictures of all.

    python benchmarks/switches.py --root DATA [--pictures FOLDER]

Tracks the videos of VIDEOS with the shipped weights, online, draws 100 of their switches, and tells of each how long
the object was away, whether it was detected meanwhile, what overlapped it, where its old track went and where the new
one came from, and whether motion alone (a straight line through its last annotated boxes) points at it. Writes
results/switches.json and .md; the pictures show annotated boxes in the colour of the track that has them.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib
import numpy as np
import pandas as pd
from scenes import Scene, read_scenes
from tables import table

from gnntrack.bench import ours
from gnntrack.datasets.matching import match_identities
from gnntrack.evaluation.errors import TOTALS, find_errors
from gnntrack.files import write_text
from gnntrack.geometry import HEIGHT, centres, iou_matrix

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # after the backend

RESULTS = Path(__file__).parent / "results" / "switches.json"
#: Crowded videos that neither taught the shipped weights nor chose a setting, and crowded halves of MOT17.
VIDEOS = {
    "dancetrack": ("DanceTrack/val-crowded", ["dancetrack0063", "dancetrack0073", "dancetrack0081", "dancetrack0090"]),
    "mot17": ("MOT17/first-half-yolox", ["MOT17-02", "MOT17-10"]),
}
SAMPLE, SEED = 100, 0
#: Frames around a switch in which the ways of tracks are looked up; boxes that a line is fitted to.
AROUND, LINE = 30, 12
#: Bounds of gaps in frames, and of the largest IoU with another object.
GAPS, OVERLAPS = (1, 5, 15, 60), (0.1, 0.3, 0.6)
_GAPS = ("none", "2 to 5 frames", "6 to 15", "16 to 60", "longer")
_OVERLAPS = ("up to .1", ".1 to .3", ".3 to .6", "above .6")
Row = dict[str, Any]


class Switch(NamedTuple):
    """One switch: the object, its old and its new track, the last frame of the old one and the first of the new."""

    object: int
    old: int
    new: int
    before: int
    after: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, required=True, help="folder that holds the data sets")
    parser.add_argument("--weights", default="default")
    parser.add_argument("--pictures", type=Path, help="folder for a picture of every switch")
    options = parser.parse_args()
    found: list[tuple[str, Study, Switch]] = []
    for benchmark, (path, names) in VIDEOS.items():
        entry = {"path": path, "detections": "det/det.txt", "sequences": names, "benchmark": benchmark}
        scenes = read_scenes(benchmark, entry, options.root)
        for name, scene in scenes.scenes.items():
            study = Study(Scene(scenes.counted(name), scene.detections), options.weights)
            found += [(name, study, switch) for switch in study.switches()]
    chosen = sorted(np.random.default_rng(SEED).choice(len(found), min(SAMPLE, len(found)), replace=False).tolist())
    rows = [{"video": found[at][0]} | found[at][1].facts(found[at][2]) for at in chosen]
    command = f"python benchmarks/switches.py --root DATA{'' if options.weights == 'default' else ' --weights …'}"
    result = {"command": command, "switches": len(found), "rows": rows}
    write_text(RESULTS, json.dumps(result, indent=1) + "\n")
    write_text(RESULTS.with_suffix(".md"), report(result) + "\n")
    print(report(result))
    if options.pictures:
        options.pictures.mkdir(parents=True, exist_ok=True)
        for number, at in enumerate(chosen):
            name, study, switch = found[at]
            study.draw(switch, f"{number}: {name}, {rows[number]['cause']}", options.pictures / f"{number:03d}.png")


class Study:
    """A video: annotations with the track that has each box, and what the tracker saw.

    Args:
        scene: annotations that count, and detections.
        weights: that track.
    """

    def __init__(self, scene: Scene, weights: str) -> None:
        self.truth, self.detections = scene.truth, scene.detections
        self.tracks = ours("online", weights)(scene.detections).tracks
        boxes = self.truth.boxes[["frame", "id"]].assign(row=np.arange(len(self.truth)))
        track = match_identities(self.truth, self.tracks)  # an annotated box, as if it were a detection
        self.boxes = boxes.assign(
            track=track,
            detected=match_identities(self.truth, self.detections.with_ids(np.arange(len(self.detections)))) >= 0,
            overlap=_largest_overlap(self.truth),
        )

    def switches(self) -> list[Switch]:
        """Those that the CLEAR metrics count."""
        errors = find_errors(self.truth, self.tracks)
        result = []
        for error in errors[errors["kind"].isin(TOTALS["idsw"])].itertuples():
            own = self.boxes[(self.boxes["id"] == error.object) & (self.boxes["frame"] < error.frame)]
            had = own[own["track"] == error.previous_track]
            if len(had):
                last = int(had["frame"].max())
                result.append(Switch(error.object, error.previous_track, error.track, last, int(error.frame)))
        return result

    def facts(self, switch: Switch) -> Row:
        """What was known at a switch."""
        own = self.boxes[self.boxes["id"] == switch.object]
        between = own[(own["frame"] > switch.before) & (own["frame"] < switch.after)]
        around = own[(own["frame"] >= switch.before - 5) & (own["frame"] <= switch.after)]
        gap = switch.after - switch.before
        later = self.boxes[(self.boxes["track"] == switch.old) & (self.boxes["frame"] >= switch.after)]
        later = later[later["frame"] < switch.after + AROUND]
        earlier = self.boxes[(self.boxes["track"] == switch.new) & (self.boxes["frame"] < switch.after)]
        seen = self.tracks.boxes[self.tracks.boxes["id"] == switch.new]["frame"].min()
        old = "on another object" if (later["id"] != switch.object).any() else "ended or on nothing"
        if not len(earlier):
            new = "new" if seen >= switch.after - AROUND else "from nothing"
        elif (earlier["id"] == switch.object).any():
            new = "this object's before"
        else:
            new = "another object's"
        return {
            "frame": switch.after,
            "object": switch.object,
            "gap": gap,
            "detected": float(between["detected"].mean()) if len(between) else 1.0,
            "overlap": float(around["overlap"].max()),
            "old": old,
            "new": new,
            "line": self._rank_on_line(switch),
            "cause": _cause(gap, between, old, new),
        }

    def _rank_on_line(self, switch: Switch) -> int:
        """The rank of the object in its frame by distance from its straight way on; 1: nearest."""
        own = self.boxes[(self.boxes["id"] == switch.object) & (self.boxes["frame"] <= switch.before)].tail(LINE)
        place, frame = centres(self.truth.xywh[own["row"]]), own["frame"].to_numpy()
        degree = 1 if len(own) > 2 else 0
        there = np.array([np.polyval(np.polyfit(frame, side, degree), switch.after) for side in place.T])
        here = self.boxes[self.boxes["frame"] == switch.after]
        away = np.linalg.norm(centres(self.truth.xywh[here["row"]]) - there, axis=1)
        return int((away < away[(here["id"] == switch.object).to_numpy()]).sum()) + 1

    def draw(self, switch: Switch, title: str, path: Path) -> None:
        """Eight frames from before the switch to after it; the object is drawn thick."""
        frames = np.unique(np.linspace(max(switch.before - 8, 1), switch.after + 8, 8).astype(int))
        figure, axes = plt.subplots(1, len(frames), figsize=(2.6 * len(frames), 3.2))
        own = self.boxes[(self.boxes["id"] == switch.object)]
        near = own[(own["frame"] >= switch.before - 8) & (own["frame"] <= switch.after + 8)]
        middle = np.median(centres(self.truth.xywh[near["row"]]), axis=0)
        reach = 1.6 * float(np.median(self.truth.xywh[near["row"], HEIGHT]))
        for axis, frame in zip(np.atleast_1d(axes), frames.tolist(), strict=True):
            here = self.boxes[self.boxes["frame"] == frame]
            for box, each in zip(self.truth.xywh[here["row"]].tolist(), here.itertuples(), strict=True):
                x, y, w, h = box
                colour = "lightgrey" if each.track < 0 else plt.cm.tab20(int(each.track) % 20)
                thick = 3.0 if each.id == switch.object else 1.2
                style = "-" if each.detected else ":"
                axis.add_patch(plt.Rectangle((x, y), w, h, fill=False, ec=colour, lw=thick, ls=style))
                if abs(x + w / 2 - middle[0]) < reach:
                    axis.text(x, y, f"{each.track}", fontsize=6, color=colour, clip_on=True)
            axis.set(xlim=(middle[0] - reach, middle[0] + reach), ylim=(middle[1] + reach, middle[1] - reach))
            axis.set(xticks=[], yticks=[], aspect="equal", title=f"{frame}")
        figure.suptitle(title, fontsize=9)
        figure.tight_layout()
        figure.savefig(path, dpi=55)
        plt.close(figure)


def _largest_overlap(truth: Any) -> np.ndarray:
    """The largest IoU of each annotated box with another of its frame."""
    result = np.zeros(len(truth))
    for _, rows in truth.by_frame():
        overlaps = iou_matrix(truth.xywh[rows], truth.xywh[rows])
        np.fill_diagonal(overlaps, 0.0)
        result[rows] = overlaps.max(1, initial=0.0)
    return result


def _cause(gap: int, between: pd.DataFrame, old: str, new: str) -> str:
    """One name for what happened."""
    if old == "on another object":
        return "exchanged" if new == "another object's" else "its track was taken"
    if new == "another object's":
        return "took another's track"
    if len(between) and between["detected"].mean() < 0.5:
        return "lost while not detected"
    return "lost although detected" if gap > 1 else "begun anew at once"


def report(result: Row) -> str:
    """Counts of each fact."""
    rows = pd.DataFrame(result["rows"])
    gaps = pd.Categorical.from_codes(np.searchsorted(GAPS, rows["gap"]), list(_GAPS))
    overlaps = pd.Categorical.from_codes(np.searchsorted(OVERLAPS, rows["overlap"]), list(_OVERLAPS))
    line = np.where(rows["line"] == 1, "points at the object", "points at another")
    parts = [
        f"`{result['command']}`",
        f"{len(rows)} of {result['switches']} switches online, drawn at random, on six crowded videos.",
    ]
    for title, values in (
        ("what happened", rows["cause"]),
        ("frames without the object's track", gaps),
        ("largest overlap with another object from five frames before", overlaps),
        ("the old track then", rows["old"]),
        ("the new track was", rows["new"]),
        ("a straight line through the last boxes", line),
    ):
        counts = pd.crosstab(np.asarray(values), np.asarray(rows["line"] == 1))
        known = counts.get(True, pd.Series(0, index=counts.index))
        order = [*_GAPS, *_OVERLAPS, *counts.sum(1).sort_values(ascending=False).index]
        names = [each for each in dict.fromkeys(order) if each in counts.index]
        lines = [[str(name), str(int(counts.loc[name].sum())), str(int(known[name]))] for name in names]
        parts.append(table([title, "switches", "of these, the line points at the object"], lines))
    return "\n\n".join(parts)


if __name__ == "__main__":
    main()
