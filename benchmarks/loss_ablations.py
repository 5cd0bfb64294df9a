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
from functools import cache
from pathlib import Path

import torch
from kept import Kept
from loss_arms import FORMS, MAIN, PLAIN, SETTINGS, STANDARD, Loss, Setting, place_of
from loss_runs import Row, judge, learn
from loss_tables import HEADER, Rows, table
from loss_videos import STEPS, Source, batch_of

from gnntrack.losses import SumLoss
from gnntrack.losses.weighting.weights import LaplacianWeighting, LearnedWeighting

RESULTS = Path(__file__).parent / "results" / "loss_ablations.json"


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
    lines = ["Thresholds were chosen on another video."]
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
