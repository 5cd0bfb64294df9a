"""Reads a MOT file of a million rows, checks and sorting included, and measures time and memory.

    python benchmarks/read_speed.py [--rows 1000000] [--repeats 5]

Each repeat is a fresh process. Figures go to benchmarks/results/read_speed.json and read_speed.md.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from result_pages import write_page

RESULTS = Path(__file__).parent / "results"
READ = """
import json, resource, sys, time, warnings
warnings.simplefilter("ignore")
from gnntrack.reading import read
start, busy = time.perf_counter(), time.process_time()
sequence = read(sys.argv[1], "annotations")[0]
seconds, busy = time.perf_counter() - start, time.process_time() - busy
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"rows": len(sequence), "seconds": seconds, "busy": busy, "peak_mb": peak}))
"""


def write_file(path: Path, rows: int, shuffled: bool) -> None:
    """Fifty objects a frame, coordinates with two decimals."""
    rng = np.random.default_rng(0)
    position = rng.permutation(rows) if shuffled else np.arange(rows)
    numbers = rng.random((rows, 5))
    with path.open("w") as file:
        for at, (x, y, w, h, seen) in zip(position.tolist(), numbers.tolist(), strict=True):
            box = f"{x * 1900:.2f},{y * 1000:.2f},{9 + w * 99:.2f},{9 + h * 99:.2f}"
            file.write(f"{at // 50 + 1},{at % 50},{box},1,1,{seen:.3f}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("sorted", "shuffled"):
            path = Path(folder) / f"{kind}.txt"
            write_file(path, arguments.rows, kind == "shuffled")
            runs = []
            for _ in range(arguments.repeats):
                done = subprocess.run([sys.executable, "-c", READ, str(path)], capture_output=True, check=True)
                runs.append(json.loads(done.stdout))
            figures[kind] = {
                "rows": runs[0]["rows"],
                "file_mb": round(path.stat().st_size / 2**20, 1),
                "seconds_median": round(statistics.median(run["seconds"] for run in runs), 3),
                "seconds_min": round(min(run["seconds"] for run in runs), 3),
                "cpu_seconds_median": round(statistics.median(run["busy"] for run in runs), 3),
                "seconds_max": round(max(run["seconds"] for run in runs), 3),
                "peak_memory_mb": round(max(run["peak_mb"] for run in runs)),
            }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "read_speed.json").write_text(json.dumps(figures, indent=1) + "\n")
    keys = list(figures["sorted"])
    lines = [f"| rows are | {' | '.join(keys)} |", "|---" * (len(keys) + 1) + "|"]
    lines += [f"| {kind} | {' | '.join(str(row[key]) for key in keys)} |" for kind, row in figures.items()]
    write_page(RESULTS / "read_speed.md", "\n".join(lines))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
