"""The demo over several seeds: does the trained tracker hold against the plain baseline on a video it never saw?

    python benchmarks/demo_seeds.py --seeds 3

Writes results/demo_seeds.json and results/demo_seeds.md, the table that the README shows.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from result_pages import write_page

from gnntrack.demo import run_demo

KEYS = ("hota", "mota", "idf1", "idsw")
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
    lines = ["| tracker | seeds | HOTA | MOTA | IDF1 | switches |", "|---|---|---|---|---|---|"]
    lines.append(row("IoU + Hungarian baseline", [runs[0]["baseline"]]))
    lines += [row(f"gnntrack, {mode}", [run[mode] for run in runs]) for mode in ("online", "offline")]
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "demo_seeds.json").write_text(json.dumps(runs, indent=2) + "\n")
    write_page(RESULTS / "demo_seeds.md", "\n".join(lines))
    holds = [
        run["offline"]["idf1"] >= run["baseline"]["idf1"] and run["offline"]["idsw"] <= run["baseline"]["idsw"]
        for run in runs
    ]
    print("\n".join(lines))
    print(f"offline: no lower IDF1 and no more switches than the baseline in {sum(holds)} of {seeds} seeds")


def row(name: str, runs: list[dict[str, float]]) -> str:
    """Means over seeds, with the least and the most where they differ."""
    return f"| {name} | {len(runs)} | " + " | ".join(_cell([run[key] for run in runs]) for key in KEYS) + " |"


def _cell(values: list[float]) -> str:
    least, most = f"{min(values):.1f}", f"{max(values):.1f}"
    mean = f"{sum(values) / len(values):.1f}"
    return mean if least == most else f"{mean} ({least}–{most})"


if __name__ == "__main__":
    main()
