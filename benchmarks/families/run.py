"""Plug and play, measured: does UniTrack help small trackers of five families?

    python benchmarks/families/run.py --seeds 5

Each family (a file each: embedding, joint, queries, attention, messages) learns with its own loss, and with that plus

    link      the softmax link loss: the control, is it UniTrack or any loss of links that helps?
    default   UniTrackLoss()
    paper     UniTrackLoss(preset="paper"), the mean instead of the sum; and with a thousandth of its weight, since its
              gradient is a thousand times that of the family's own loss
    log       UniTrackLoss(preset="log")
    path      the cross entropy of paths alone

through ``UniTrackCriterion`` (message passing: ``UniTrackLoss`` on its own graph), as docs/plug-in.md tells, with the
weights of the recipes in losses/. Each learns from synthetic scenes and from one video of the sample (batches in
turn), and tracks scenes of other seeds and the other video of the sample. Arms of one seed start from the same weights
and meet the same clips. The tracker's threshold is chosen on videos of their own; .5 stands beside it. Needs no data
and no network. Writes results/families.json and .md; runs that are there already are kept, so a run that was cut off
goes on. All of it takes about 13 minutes on one core.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import torch
from learning import ADDED, FAMILIES, LINK, PLAIN, pulls, run
from report import report
from videos import KINDS

from gnntrack.files import write_text

RESULTS = Path(__file__).parents[1] / "results" / "families.json"
ARMS = [PLAIN, LINK, *ADDED]
#: Also measured: other outputs of a family, as what the loss is put on.
FURTHER = {
    "embedding": ["link with motion", "log with motion"],
    "joint": ["link with motion", "log with motion"],
    "queries": ["default on hidden states", "log on hidden states"],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--arms", nargs="+", help="what is added (default: all)")
    parser.add_argument("--results", type=Path, default=RESULTS, help="the .json; the .md is written beside it")
    options = parser.parse_args()
    torch.set_num_threads(1)
    found: dict[str, Any] = json.loads(options.results.read_text()) if options.results.is_file() else {}
    for seed in range(options.seeds):
        wanted = [
            (family, arm)
            for family in FAMILIES
            for arm in ARMS + FURTHER.get(family, [])
            if f"{family}, {arm}, {seed}" not in found and arm in (options.arms or [arm])
        ]
        kinds = {kind: make(seed) for kind, make in KINDS.items()} if wanted else {}
        for family, arm in wanted:
            key = f"{family}, {arm}, {seed}"
            found[key] = run(family, arm, seed, kinds)
            write_text(options.results, json.dumps(found, indent=1) + "\n")
            print(key, found[key], flush=True)
    if "pulls" not in found:
        kinds = {kind: make(0) for kind, make in KINDS.items()}
        found["pulls"] = {family: pulls(family, kinds) for family in FAMILIES}
        write_text(options.results, json.dumps(found, indent=1) + "\n")
    write_text(options.results.with_suffix(".md"), report(found, options.seeds))
    print(report(found, options.seeds))


if __name__ == "__main__":
    main()
