"""What each part of the UniTrack loss does beside the softmax link loss: terms, λ, α, counts, windows, graphs, density.

    python benchmarks/loss_ablations.py --root DATA --seeds 5

A small window network learns from three training videos of DanceTrack (simulated detections) with one loss and tracks
six validation videos (YOLOX), its threshold chosen on a seventh; the scenes of the table of densities are synthetic.
Arms of one seed start from the same weights and meet the same windows in the same order. Writes
results/loss_ablations.json and .md; runs that are there already are kept, so a run that was cut off goes on.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import torch
from kept import Kept
from loss_runs import Row, judge, learn, window_graphs
from loss_sets import VideoSet, read_set, synthetic_video
from loss_tables import HEADER, Rows, table

from gnntrack.datasets.labelled import Labelled
from gnntrack.graphs import GraphSettings
from gnntrack.losses import LinkLoss, SoftmaxLinkLoss, SumLoss, UniTrackLoss
from gnntrack.losses.weighting.weights import LaplacianWeighting, LearnedWeighting
from gnntrack.sequence import Sequence

RESULTS = Path(__file__).parent / "results" / "loss_ablations.json"
STEPS, VIDEOS = 80, 3
#: Frames of windows a step, whatever their length.
FRAMES = 48
GRAPHS = GraphSettings(window=8, stride=4, max_gap=4, neighbours=3)
#: Weights of UniTrack beside the link loss, as in losses/*.yaml.
WEIGHT = {"default": 0.3, "log": 0.1, "paper": 0.3}
Loss = LinkLoss | SumLoss


def added(preset: str = "default", **options: object) -> Callable[[], Loss]:
    """The softmax link loss plus UniTrack."""
    given = {"weight": WEIGHT[preset], "reduction": "mean", **options}
    return lambda: SumLoss(SoftmaxLinkLoss(), UniTrackLoss(preset=preset, **given))  # type: ignore[arg-type]


TERMS = ("flow", "spatial", "temporal", "conservation")
PLAIN = "softmax"
#: The arms that are compared everywhere.
MAIN: dict[str, Callable[[], Loss]] = {PLAIN: SoftmaxLinkLoss, "default": added(), "log": added("log")}
#: Arms on the standard graph, by table.
FORMS: dict[str, dict[str, Callable[[], Loss]]] = {
    "presets": {
        **MAIN,
        "paper": added("paper"),
        "log with path": added("log", terms={"path": 1.0}),
    },
    "terms": {
        f"{preset} without {name}": added(preset, terms={name: 0.0}) for preset in ("default", "log") for name in TERMS
    },
    "λ": {
        **{f"{preset}, λ fixed": added(preset, weighting="fixed") for preset in ("default", "log")},
        **{f"{preset}, λ learned": added(preset, weighting="learned") for preset in ("default", "log")},
        "default, λ Laplacian of parts": lambda: added(weighting=LaplacianWeighting(parts=True))(),
        "log, λ Laplacian of the whole": lambda: added("log", weighting=LaplacianWeighting())(),
    },
    "α and counts": {
        "default, α 0": added(alpha=0.0),
        "default, α 3": added(alpha=3.0),
        "default, hard counts": added(counts="hard"),
    },
}


@dataclass(frozen=True)
class Setting:
    """Where arms are compared.

    Attributes:
        table: that the rows are part of.
        name: of the rows.
        graphs: how windows become graphs.
        every: frames of a video from one that is taken to the next.
        objects: of synthetic scenes; 0: DanceTrack.
        arms: of :data:`MAIN` that are compared.
    """

    table: str
    name: str
    graphs: GraphSettings = GRAPHS
    every: int = 1
    objects: int = 0
    arms: tuple[str, ...] = tuple(MAIN)


def changed(**values: object) -> GraphSettings:
    return GraphSettings(**GRAPHS.model_dump() | values)


STANDARD = Setting("", "")
SETTINGS = [
    *(
        Setting("frames of a window", f"W {size}", changed(window=size, stride=max(1, size // 2), max_gap=gap))
        for size, gap in ((3, 2), (5, 3), (8, 4), (13, 4), (20, 4))
    ),
    *(Setting("frame rate", f"1/{every}", every=every) for every in (1, 2, 4)),
    *(
        Setting("thresholds of the graph", name, changed(**values), arms=(PLAIN, "default"))
        for name, values in {
            "as it is": {},
            "max_gap 1": {"max_gap": 1},
            "neighbours 1": {"neighbours": 1},
            "reach .3, speed 2": {"reach": 0.3, "speed": 2.0},
            "spatial_neighbours 1": {"spatial_neighbours": 1},
        }.items()
    ),
    *(Setting("objects at a time", f"{objects} objects", objects=objects) for objects in (5, 20, 50, 100, 200)),
]


def main() -> None:
    options = parse()
    torch.set_num_threads(1)
    kept = Kept(RESULTS)
    source = Source(options.root)
    for seed in range(options.first, options.seeds):
        for setting, arms in plan():
            graphs = cache(lambda place=setting, s=seed: source.graphs(place, s))
            for arm, make in arms.items():
                key = f"{place_of(setting)}|{arm}|{seed}"
                kept.get(key, lambda p=setting, g=graphs, m=make, s=seed: run(source, p, g, m, s))
    kept.tell(report)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, required=True, help="folder that holds the data sets")
    parser.add_argument("--seeds", type=int, default=5, help="seeds below this are run (default 5)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (default 0)")
    return parser.parse_args()


def plan() -> Iterator[tuple[Setting, dict[str, Callable[[], Loss]]]]:
    """Settings and their arms, what matters most first; one that equals the standard is not run again."""
    for arms in FORMS.values():
        yield STANDARD, arms
    for setting in SETTINGS:
        if place_of(setting) != place_of(STANDARD):
            yield setting, {arm: make for arm, make in MAIN.items() if arm in setting.arms}


def place_of(setting: Setting) -> str:
    """Of a setting in the keys of results: the same for two that differ in nothing but their names."""
    return place_name(setting) if (setting.graphs, setting.every, setting.objects) != (GRAPHS, 1, 0) else "standard"


def place_name(setting: Setting) -> str:
    return f"{setting.table}, {setting.name}"


class Source:
    """Videos of every setting, read or made once.

    Args:
        root: folder that holds the data sets.
    """

    def __init__(self, root: Path) -> None:
        whole = read_set("dancetrack", root, ["train/*"])
        self.dancetrack = replace(whole, choosing=whole.choosing[:1])
        self.videos = cache(self._videos)

    def _videos(self, every: int, objects: int) -> VideoSet:
        if objects:
            return synthetic(objects)
        parts = ("teaching", "choosing", "testing")
        return replace(
            self.dancetrack,
            **{part: [thinned(item, every) for item in getattr(self.dancetrack, part)] for part in parts},
        )

    def graphs(self, setting: Setting, seed: int) -> list[object]:
        """The windows of a seed."""
        videos = self.videos(setting.every, setting.objects)
        return window_graphs(videos.taught(VIDEOS, seed), seed, STEPS * batch_of(setting), setting.graphs)


def batch_of(setting: Setting) -> int:
    """Windows a step: the same number of frames everywhere, fewer where there are more objects."""
    fewer = max(1, setting.objects // 20)
    return max(1, round(FRAMES / setting.graphs.window / fewer))


def thinned(item: Labelled, every: int) -> Labelled:
    """Every so-many-th frame, detections and annotations."""
    if every == 1:
        return item
    assert item.annotations is not None
    kept = item.take(item.sequence.frames % every == 0)
    return replace(kept, sequence=slower(kept.sequence, every), annotations=slower(item.annotations, every))


def slower(boxes: Sequence, every: int) -> Sequence:
    kept = boxes.take(boxes.frames % every == 0)
    table = kept.boxes.assign(frame=kept.frames // every)
    return replace(kept, boxes=table, frame_rate=boxes.frame_rate / every, length=boxes.length // every)


def synthetic(objects: int) -> VideoSet:
    """Scenes of one density; fewer frames where there are more objects."""
    frames = min(100, max(20, 4000 // objects))
    seeds = {"teaching": range(100, 105), "choosing": range(200, 201), "testing": range(300, 303)}
    videos = {part: [synthetic_video(objects, frames, seed) for seed in chosen] for part, chosen in seeds.items()}
    return VideoSet(f"{objects} objects", **videos)


def run(
    source: Source, setting: Setting, graphs: Callable[[], list[object]], make: Callable[[], Loss], seed: int
) -> Row:
    """Trains and judges; with λ_s as it was at the last step."""
    loss = make()
    network = learn(graphs(), loss, seed, STEPS, batch_of(setting), setting.graphs)  # type: ignore[arg-type]
    row = judge(network, source.videos(setting.every, setting.objects), setting.graphs, fixed=False)
    weighting = loss.unitrack.weighting if isinstance(loss, SumLoss) else None
    if isinstance(weighting, LearnedWeighting):
        row["lambda_spatial"] = round(float(weighting.preference.softmax(0)[0]), 4)
    elif isinstance(weighting, LaplacianWeighting):
        row["lambda_spatial"] = round(float(weighting.running), 4)
    return row


def report(rows: dict[str, Row]) -> str:
    """A table a topic: scores, and paired differences to the softmax link loss in the same place."""
    places: dict[str, dict[str, Rows]] = {}
    for key, row in rows.items():
        place, arm, seed = key.split("|")
        places.setdefault(place, {}).setdefault(arm, {})[place, int(seed)] = row
    standard = places["standard"]
    lines = ["`python benchmarks/loss_ablations.py --root DATA --seeds 5`; thresholds chosen on another video."]
    for topic, arms in FORMS.items():
        shown = {arm: standard[arm] for arm in (PLAIN, *arms) if arm in standard}
        lines += ["", f"## {topic}", "", *table(shown, PLAIN)]
    for topic in dict.fromkeys(setting.table for setting in SETTINGS):
        lines += ["", f"## {topic}", "", *HEADER]
        for setting in SETTINGS:
            found = places.get(place_of(setting), {})
            if setting.table == topic and PLAIN in found:
                named = {f"{setting.name}: {arm}": found[arm] for arm in setting.arms if arm in found}
                lines += table(named, f"{setting.name}: {PLAIN}")[len(HEADER) :]
    lines += ["", "## λ_s at the last step", "", "| arm | mean | least | most |", "|---|---|---|---|"]
    for arm, found in standard.items():
        if arm not in FORMS["presets"] | FORMS["λ"]:
            continue
        shares = [row["lambda_spatial"] for row in found.values() if "lambda_spatial" in row]
        if shares:
            lines.append(f"| {arm} | {sum(shares) / len(shares):.3f} | {min(shares):.3f} | {max(shares):.3f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
