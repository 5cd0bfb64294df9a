"""Labels frame by frame against labels over several frames: how often each says that the shipped network is wrong.

    OMP_NUM_THREADS=1 python benchmarks/labels.py --root DATA/DanceTrack/val

The network goes along the true tracks of every video, as the labels have them, and its links into every frame are
compared with those of the labels. It learned from ten of these videos, labelled frame by frame. Writes
benchmarks/results/labels.md.
"""

from __future__ import annotations

import argparse
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch

from gnntrack.association.assignment import assign
from gnntrack.association.histories import observed
from gnntrack.association.step import Given
from gnntrack.datasets.matching import follow_identities, match_identities
from gnntrack.files import write_text
from gnntrack.models import AssociationNetwork, load_weights
from gnntrack.reading import iterate
from gnntrack.sequence import Sequence, View

RESULT = Path(__file__).parent / "results" / "labels.md"
LABELS = {"frame by frame": match_identities, "over several frames": follow_identities}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--weights", default="default")
    options = parser.parse_args()
    torch.set_num_threads(1)
    counts = dict.fromkeys(LABELS, np.zeros(3, dtype=np.int64))
    videos = sorted(path for path in options.root.iterdir() if path.is_dir())
    for path in videos:
        for pair in iterate(path, "pairs"):
            assert pair.annotations is not None and pair.detections is not None
            for name, label in LABELS.items():
                identity = label(pair.detections, pair.annotations)
                counts[name] = counts[name] + compare(pair.detections, identity, options.weights)
        print(path.name, {name: count.tolist() for name, count in counts.items()}, flush=True)
    lines = ["| labels | true links | missed | wrong |", "|---|---|---|---|"]
    lines += [f"| {name} | {count[0]} | {count[1]} | {count[2]} |" for name, count in counts.items()]
    command = "`OMP_NUM_THREADS=1 python benchmarks/labels.py --root DATA/DanceTrack/val`"
    text = f"{command}: {len(videos)} videos; wrong: the detection's own track was there, another got it.\n\n"
    write_text(RESULT, text + "\n".join(lines) + "\n")
    print(RESULT.read_text())


def compare(detections: Sequence, identity: np.ndarray, weights: str) -> np.ndarray:
    """True links, those that the network does not make, and links to another than the true track ``(3,)``."""
    model, recipe = load_weights(weights)
    assert isinstance(model, AssociationNetwork)
    settings = recipe.tracking
    confidence = detections.boxes["conf"].to_numpy()
    rows = np.flatnonzero(confidence >= settings.links.minimum_confidence)
    identity = identity[rows]
    observations = observed(detections.take(rows), model.settings.appearance)
    before = np.full(len(rows), -1)
    order = np.argsort(identity, kind="stable")
    same = (identity[order[1:]] == identity[order[:-1]]) & (identity[order[1:]] >= 0)
    before[order[1:][same]] = order[:-1][same]
    linker = model.compiled().linker(settings, View(detections.width, detections.height, detections.frame_rate))
    starts = np.append(np.flatnonzero(np.diff(observations[:, 4], prepend=-1)), len(observations))
    total = np.zeros(3, dtype=np.int64)
    for first, stop in pairwise(starts.tolist()):
        ids = np.arange(first, stop)
        step = linker.step(observations[first:stop], ids, Given(before[first:stop], identity[first:stop] >= 0))
        source, target = step.candidates[:, assign(step.candidates, step.probability, settings.links.threshold)]
        chosen = np.full(len(ids), -1)
        chosen[target - first] = source
        truth = np.full(len(ids), -1)
        truth[step.links[1] - first] = step.links[0]
        known = truth >= 0
        total += [known.sum(), (known & (chosen < 0)).sum(), (known & (chosen >= 0) & (chosen != truth)).sum()]
    return total


if __name__ == "__main__":
    main()
