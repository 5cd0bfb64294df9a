"""Feeds mutated files to every reader: the only outcomes are a valid Sequence or a DataError.

    python benchmarks/fuzz_readers.py [--inputs 100000] [--processes 2] [--seed 0]

Starts from files that each format's writer makes, changes bytes, lines, cells and JSON values (mutation.py), and reads
the result. Anything else than a sequence or a one-line DataError is a finding, printed with its input. Counts go to
benchmarks/results/fuzz_readers.json and fuzz_readers.md.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
from mutation import mutate

from gnntrack.datasets.formats import FORMATS, read_all
from gnntrack.datasets.raw import ReadOptions
from gnntrack.errors import DataError, DataWarning
from gnntrack.sequence import Sequence

RESULTS = Path(__file__).parent / "results"
OPTIONS = (
    ReadOptions(size=(640, 480), frame_rate=25.0),
    ReadOptions(on_error="skip"),
    ReadOptions(frame_base=0, confidence="rescale"),
)


def seeds(folder: Path) -> dict[str, list[Path]]:
    """A folder of files of each format."""
    table = pd.DataFrame(
        {
            "frame": [1, 1, 2, 4],
            "id": [1, 2, 1, 2],
            "x": [1.5, 100, 2, 101.25],
            "y": 5.0,
            "w": 40.0,
            "h": [80.0, 81, 80, 82.5],
            "conf": [1.0, 1, 0, 1],
        }
    )
    sequence = Sequence("scene", table, 640, 480, 25.0, 5, classes={1: "pedestrian"})
    found = {}
    for name, format_ in FORMATS.items():
        root = folder / name
        format_.write(root, [sequence], "annotations")
        format_.write(root, [sequence.without_ids()], "detections")
        found[name] = sorted(path for path in root.rglob("*") if path.is_file())
    return found


def attempt(job: tuple[int, int]) -> tuple[dict[str, Counter[str]], list[str]]:
    """So many inputs from one seed: outcomes by format, and findings."""
    inputs, seed = job
    warnings.simplefilter("ignore", DataWarning)
    random = np.random.default_rng(seed)
    outcomes: dict[str, Counter[str]] = {name: Counter() for name in FORMATS}
    findings: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        files = seeds(Path(name))
        for number in range(inputs):
            format_ = list(FORMATS)[number % len(FORMATS)]
            path = files[format_][random.integers(len(files[format_]))]
            original = path.read_bytes()
            path.write_bytes(mutate(original, random))
            content = "detections" if random.random() < 0.4 else "annotations"
            options = OPTIONS[random.integers(len(OPTIONS))]
            try:
                for sequence in read_all(Path(name) / format_, content, options, FORMATS[format_]):
                    Sequence(sequence.name, sequence.boxes, sequence.width, sequence.height, length=sequence.length)
                outcomes[format_]["valid"] += 1
            except DataError as error:
                outcomes[format_]["DataError"] += 1
                if "\n" in str(error):
                    findings.append(f"{format_}: more than a line: {str(error)!r}")
            except Exception:
                outcomes[format_]["other"] += 1
                findings.append(f"{format_} {path.name}: {path.read_bytes()[:300]!r}\n{traceback.format_exc()}")
            finally:
                path.write_bytes(original)
    return outcomes, findings


def write_results(outcomes: dict[str, Counter[str]], findings: list[str], seed: int, seconds: float) -> str:
    """Writes the counts so far, and returns them as a table."""
    total = sum(outcomes.values(), Counter())
    figures = {
        "inputs": sum(total.values()),
        "seed": seed,
        "seconds": round(seconds),
        "findings": len(findings),
        "total": dict(total),
        "formats": {name: dict(counts) for name, counts in outcomes.items()},
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "fuzz_readers.json").write_text(json.dumps(figures, indent=1) + "\n")
    lines = ["| format | valid sequence | DataError | anything else |", "|---|---|---|---|"]
    for name, counts in [*outcomes.items(), ("all", total)]:
        lines.append(f"| {name} | {counts['valid']} | {counts['DataError']} | {counts['other']} |")
    (RESULTS / "fuzz_readers.md").write_text("\n".join(lines) + "\n")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    start = time.perf_counter()
    portion = 1000  # inputs of one seed, so that the counts do not depend on the processes
    jobs = [(portion, arguments.seed + number) for number in range(arguments.inputs // portion)]
    outcomes: dict[str, Counter[str]] = {name: Counter() for name in FORMATS}
    findings: list[str] = []
    with multiprocessing.Pool(arguments.processes) as pool:
        for done, (counts, found) in enumerate(pool.imap(attempt, jobs), 1):
            for name, count in counts.items():
                outcomes[name] += count
            findings += found
            write_results(outcomes, findings, arguments.seed, time.perf_counter() - start)
            print(f"{done * portion} inputs, {len(findings)} findings", file=sys.stderr)
    table = write_results(outcomes, findings, arguments.seed, time.perf_counter() - start)
    print(table)
    print("\n\n".join(findings[:10]), file=sys.stderr)
    sys.exit(bool(findings))


if __name__ == "__main__":
    main()
