"""Plug and play, measured: does UniTrack help small trackers of five families?

    python benchmarks/families/run.py --seeds 5

Each family (a file each: embedding, joint, queries, attention, messages) learns with its own loss, and with that plus

    link      the softmax link loss: the control, is it UniTrack or any loss of links that helps?
    default   UniTrackLoss()
    paper     UniTrackLoss(preset="paper"), the mean instead of the sum
    log       UniTrackLoss(preset="log")
    path      the cross entropy of paths alone

through ``UniTrackCriterion`` (message passing: ``UniTrackLoss`` on its own graph), as docs/plug-in.md tells. Each is
tracked on synthetic scenes of other seeds, and, trained anew, on the sample. Arms of one seed start from the same
weights and meet the same clips. The weight of what is added is chosen on a seed of its own; the threshold of the
tracker on videos of their own, and .5 beside it. Needs no data and no network. Writes results/families.json and .md;
runs that are there already are kept, so a run that was cut off goes on.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import torch
from learning import ADDED, FAMILIES, LINK, PLAIN, WEIGHTS, run
from report import report
from videos import KINDS, Videos

from gnntrack.files import write_text

RESULTS = Path(__file__).parents[1] / "results" / "families.json"
ARMS = [PLAIN, LINK, *ADDED]
#: Also measured: the hidden states of track queries as embeddings, instead of their attention.
FURTHER = {"queries": ["default hidden", "log hidden"]}
#: Of the videos that weights are chosen on.
CHOOSING_SEED = 90


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--results", type=Path, default=RESULTS, help="the .json; the .md is written beside it")
    options = parser.parse_args()
    torch.set_num_threads(1)
    found: dict[str, Any] = json.loads(options.results.read_text()) if options.results.is_file() else {}

    def measure(group: str, family: str, arm: str, weight: float, seed: int, videos: Videos) -> None:
        key = f"{group}, {family}, {arm}, {seed}"
        if key not in found:
            found[key] = run(family, arm, weight, seed, videos)
            write_text(options.results, json.dumps(found, indent=1) + "\n")
            print(key, found[key], flush=True)

    videos = KINDS["synthetic"](CHOOSING_SEED)
    for family in FAMILIES:
        for arm in ARMS[1:]:
            for weight in WEIGHTS[arm]:
                if len(WEIGHTS[arm]) > 1:
                    measure(f"weight {weight}", family, arm, weight, CHOOSING_SEED, videos)
    for seed in range(options.seeds):
        for kind, make in KINDS.items():
            videos = make(seed)
            for family in FAMILIES:
                for arm in ARMS + FURTHER.get(family, []):
                    measure(kind, family, arm, chosen_weight(found, family, arm.split()[0]), seed, videos)
        write_text(options.results.with_suffix(".md"), report(found, options.seeds))
    print(report(found, options.seeds))


def chosen_weight(found: dict[str, Any], family: str, arm: str) -> float:
    """The weight with the highest IDF1 on the choosing videos."""
    if arm == PLAIN:
        return 0.0
    if len(WEIGHTS[arm]) == 1:
        return WEIGHTS[arm][0]
    rows = {weight: found[f"weight {weight}, {family}, {arm}, {CHOOSING_SEED}"] for weight in WEIGHTS[arm]}
    return max(rows, key=lambda weight: rows[weight]["choosing"])


if __name__ == "__main__":
    main()
