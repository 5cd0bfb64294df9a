"""The demo over several seeds: does the trained tracker hold against the plain baseline on a video it never saw?

    python benchmarks/demo_seeds.py --seeds 3

Writes results/demo_seeds.json and results/demo_seeds.md, the table that the README shows.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from gnntrack.demo import run_demo

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    seeds = parser.parse_args().seeds
    runs = []
    for seed in range(seeds):
        with tempfile.TemporaryDirectory() as folder:
            result = run_demo(Path(folder) / "demo", seed=seed, progress=False)
        runs.append({"seed": seed, **json.loads(result.to_json())})
        print(json.dumps(runs[-1]), flush=True)
    lines = ["| tracker | seed | HOTA | MOTA | IDF1 | switches |", "|---|---|---|---|---|---|"]
    lines.append(row("IoU + Hungarian baseline", "", runs[0]["baseline"]))
    for mode in ("online", "offline"):
        lines += [row(f"gnntrack, {mode}", run["seed"], run[mode]) for run in runs]
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "demo_seeds.json").write_text(json.dumps(runs, indent=2) + "\n")
    (RESULTS / "demo_seeds.md").write_text("\n".join(lines) + "\n")
    holds = [
        run["offline"]["idf1"] >= run["baseline"]["idf1"] and run["offline"]["idsw"] <= run["baseline"]["idsw"]
        for run in runs
    ]
    print("\n".join(lines))
    print(f"offline: no lower IDF1 and no more switches than the baseline in {sum(holds)} of {seeds} seeds")


def row(name: str, seed: object, figures: dict[str, float]) -> str:
    shares = " | ".join(f"{figures[key]:.1f}" for key in ("hota", "mota", "idf1"))
    return f"| {name} | {seed} | {shares} | {figures['idsw']} |"


if __name__ == "__main__":
    main()
