"""What embeddings are worth to the weights that ship: simulated ones on the validation videos, and real ones.

    python benchmarks/appearance.py --root DATA

DATA holds the data sets of tracking.yaml. They come without images, so embeddings are simulated from the annotated
identities (gnntrack.datasets.synthetic.embeddings): these figures say what the tracker makes of a model that
is so good. Real ones, of a real appearance model, lie beside detections of two videos of MOT17, whose boxes the weights
have learned from, though not these embeddings. Writes results/appearance.json and .md.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
import yaml
from scenes import MINIMUM_CONFIDENCE, Scene, Scenes, read_scenes
from tables import table

from gnntrack.bench import ours
from gnntrack.bench.runs import Mode
from gnntrack.datasets.labelled import label_detections
from gnntrack.datasets.synthetic.embeddings import EmbeddingSettings, with_embeddings
from gnntrack.evaluation import evaluate
from gnntrack.files import write_text
from gnntrack.formats.options import ReadingOptions
from gnntrack.reading import iterate

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "appearance.json"
#: What strangers have in common, and what changes, against that.
COMMON, CHANGE = 0.75, 0.5
#: With these, cosines are those of the real embeddings: .97 in the next frame, .86 after 30, .45 between strangers.
AS_REAL = EmbeddingSettings(dimension=128, separability=(3.35, 3.35), common=(1.13, 1.13), change=(0.75, 0.75))
#: Folders of detections with real embeddings, and of the annotations.
REAL, ANNOTATED = "MOT17/embeddings", "MOT17/first-half"


def _simulated(separability: float) -> EmbeddingSettings:
    same = {"separability": separability, "common": COMMON, "change": CHANGE}
    return EmbeddingSettings(**{name: (value, value) for name, value in same.items()})


#: None: no embeddings.
SIMULATED = (
    {"none": None, "worthless": _simulated(0.0)}
    | {f"simulated, {value:g}": _simulated(value) for value in (0.5, 1.0, 2.0)}
    | {"simulated, as real": AS_REAL}
)
SCORES = ("hota", "assa", "idf1", "idsw")
Row = dict[str, Any]


def main() -> None:
    options = parse()
    torch.set_num_threads(1)
    entries = yaml.safe_load((HERE / "tracking.yaml").read_text(encoding="utf-8"))["datasets"]
    rows: list[Row] = []
    for name in options.datasets:
        scenes = read_scenes(name, entries[name], options.root)
        for what, settings in SIMULATED.items():
            for seed in range(1 if settings is None else options.seeds):
                seen = scenes if settings is None else coloured(scenes, settings, seed)
                rows += measured(seen, name, what, options.weights)
    real = real_scenes(options.root)
    for what, seen in {"none": without(real), "worthless": worthless(real), "real": real}.items():
        rows += measured(seen, real.name, what, options.weights)
    command = f"python benchmarks/appearance.py --root DATA --datasets {' '.join(options.datasets)}"
    result = {"command": command, "seeds": options.seeds, "rows": rows}
    write_text(RESULTS, json.dumps(result, indent=1) + "\n")
    write_text(RESULTS.with_suffix(".md"), report(result) + "\n")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, required=True, help="folder that holds the data sets")
    parser.add_argument("--datasets", nargs="+", default=["dancetrack", "mot17"])
    parser.add_argument("--weights", default="default")
    parser.add_argument("--seeds", type=int, default=2, help="of the embeddings")
    return parser.parse_args()


def measured(scenes: Scenes, name: str, embeddings: str, weights: str) -> list[Row]:
    """Both modes."""
    rows = []
    for mode in ("online", "offline"):
        rows.append({"dataset": name, "mode": mode, "embeddings": embeddings} | judge(scenes, mode, weights))
        print(json.dumps(rows[-1]), flush=True)
    return rows


def real_scenes(root: Path) -> Scenes:
    """The videos whose detections have real embeddings."""
    truth = {each.name.rsplit("-", 1)[0]: each for each in iterate(root / ANNOTATED, "annotations", ReadingOptions())}
    scenes = {}
    for found in iterate(root / REAL, "detections", ReadingOptions()):
        known = truth[found.name.rsplit("-", 1)[0]]
        sure = found.take(found.boxes["conf"].to_numpy() >= MINIMUM_CONFIDENCE)
        size = {name: getattr(known, name) for name in ("width", "height", "frame_rate", "length")}
        scenes[found.name] = Scene(known, replace(sure, **size))
    return Scenes("MOT17, real embeddings", "mot17", scenes)


def without(scenes: Scenes) -> Scenes:
    """Boxes alone."""
    return _with(scenes, lambda vectors: None)


def worthless(scenes: Scenes) -> Scenes:
    """Random vectors in place of the embeddings."""
    return _with(scenes, lambda vectors: np.random.default_rng(0).standard_normal(vectors.shape).astype(np.float32))


def _with(scenes: Scenes, change: Callable[[np.ndarray], np.ndarray | None]) -> Scenes:
    changed = {}
    for name, scene in scenes.scenes.items():
        assert scene.detections.embeddings is not None
        vectors = change(scene.detections.embeddings)
        changed[name] = replace(scene, detections=replace(scene.detections, embeddings=vectors))
    return replace(scenes, scenes=changed)


def coloured(scenes: Scenes, settings: EmbeddingSettings, seed: int) -> Scenes:
    """The same videos, detections with simulated embeddings."""
    result = {}
    for number, (name, scene) in enumerate(scenes.scenes.items()):
        labelled = label_detections(scene.detections, scenes.counted(name))
        detections = with_embeddings(labelled, settings, 1000 * seed + number).sequence
        result[name] = replace(scene, detections=detections)
    return replace(scenes, scenes=result)


def judge(scenes: Scenes, mode: str, weights: str) -> dict[str, float]:
    run = ours(cast(Mode, mode), weights)
    tracks = {name: run(scene.detections).tracks for name, scene in scenes.scenes.items()}
    scores = evaluate(scenes.pairs(tracks), scenes.benchmark)["COMBINED"]
    return {name: float(scores[name]) * (1 if name == "idsw" else 100) for name in SCORES}


def report(result: dict[str, Any]) -> str:
    """Means over the seeds of the embeddings, and the lowest and highest HOTA."""
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in result["rows"]:
        groups.setdefault((row["dataset"], row["mode"], row["embeddings"]), []).append(row)
    lines = []
    for (dataset, mode, embeddings), rows in groups.items():
        means = [f"{np.mean([row[score] for row in rows]):.{0 if score == 'idsw' else 1}f}" for score in SCORES]
        hota = [row["hota"] for row in rows]
        means[0] += f" ({min(hota):.1f} to {max(hota):.1f})" if len(rows) > 1 else ""
        lines.append([dataset, mode, embeddings, *means])
    lines.sort(key=lambda line: (line[0], line[1] == "offline"))
    about = (
        "Simulated embeddings by their separability, the length of what is an identity's own, against that of noise. "
        f"Strangers have {COMMON} of that in common, {CHANGE} of it comes and goes. *As real*: with the cosines of the "
        f"real ones. Over {result['seeds']} seeds."
    )
    heads = ["data set", "mode", "embeddings", "HOTA", "AssA", "IDF1", "switches"]
    return f"`{result['command']}`\n\n{about}\n\n{table(heads, lines)}"


if __name__ == "__main__":
    main()
