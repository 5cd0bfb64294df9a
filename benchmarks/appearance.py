"""What embeddings are worth to the weights that ship, on the validation videos, with simulated embeddings.

    python benchmarks/appearance.py --root DATA

DATA holds the data sets of tracking.yaml. They come without images, so embeddings are simulated from the annotated
identities (gnntrack.datasets.synthetic.embeddings): no figure here says how good a real appearance model would be, only
what the tracker makes of one that is so good. Writes results/appearance.json and .md.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
import yaml
from scenes import Scenes, read_scenes
from tables import table

from gnntrack.bench import ours
from gnntrack.bench.runs import Mode
from gnntrack.datasets.labelled import label_detections
from gnntrack.datasets.synthetic.embeddings import EmbeddingSettings, with_embeddings
from gnntrack.evaluation import evaluate
from gnntrack.files import write_text

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "appearance.json"
#: Length of what is an identity's own, against noise; None: no embeddings.
SEPARABILITY = (None, 0.0, 0.5, 1.0, 2.0)
#: What strangers have in common, and what changes, against that.
COMMON, CHANGE = 0.75, 0.5
SCORES = ("hota", "assa", "idf1", "idsw")
Row = dict[str, Any]


def main() -> None:
    options = parse()
    torch.set_num_threads(1)
    entries = yaml.safe_load((HERE / "tracking.yaml").read_text(encoding="utf-8"))["datasets"]
    rows: list[Row] = []
    for name in options.datasets:
        scenes = read_scenes(name, entries[name], options.root)
        for separability in SEPARABILITY:
            for seed in range(1 if separability is None else options.seeds):
                seen = scenes if separability is None else coloured(scenes, separability, seed)
                for mode in ("online", "offline"):
                    row = {"dataset": name, "mode": mode, "separability": separability}
                    rows.append(row | judge(seen, mode, options.weights))
                    print(json.dumps(rows[-1]), flush=True)
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


def coloured(scenes: Scenes, separability: float, seed: int) -> Scenes:
    """The same videos, detections with embeddings."""
    settings = EmbeddingSettings(
        separability=(separability, separability), common=(COMMON, COMMON), change=(CHANGE, CHANGE)
    )
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
    groups: dict[tuple[str, str, float | None], list[Row]] = {}
    for row in result["rows"]:
        groups.setdefault((row["dataset"], row["mode"], row["separability"]), []).append(row)
    lines = []
    for (dataset, mode, separability), rows in groups.items():
        means = [f"{np.mean([row[score] for row in rows]):.{0 if score == 'idsw' else 1}f}" for score in SCORES]
        hota = [row["hota"] for row in rows]
        means[0] += f" ({min(hota):.1f} to {max(hota):.1f})" if len(rows) > 1 else ""
        lines.append([dataset, mode, "none" if separability is None else f"{separability:g}", *means])
    lines.sort(key=lambda line: (line[0], line[1] == "offline"))
    about = (
        "Embeddings are simulated; separability: length of what is an identity's own, against that of noise. Strangers "
        f"have {COMMON} of that in common, {CHANGE} of it comes and goes. Over {result['seeds']} seeds."
    )
    heads = ["data set", "mode", "separability", "HOTA", "AssA", "IDF1", "switches"]
    return f"`{result['command']}`\n\n{about}\n\n{table(heads, lines)}"


if __name__ == "__main__":
    main()
