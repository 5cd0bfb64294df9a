"""Feeds every reader files of almost a megabyte that are made to take long; no one may take 2 s or 500 MB.

    python benchmarks/fuzz_large.py [--only READER]

The files are in large_inputs.py, the readers in fuzz_targets.py; text formats are read and checked. Times
are of the processor. Writes benchmarks/results/fuzz_large.json and fuzz_large.md.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path

import numpy as np
from fuzz_seeds import make_seeds
from fuzz_targets import targets
from large_inputs import large_files
from result_pages import write_page

from gnntrack.errors import DataError

RESULTS = Path(__file__).parent / "results"
MOST_SECONDS, MOST_MEGABYTES = 2.0, 500
VERBS = {"read", "check"}


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="readers whose names begin with this")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    rows, findings = [], 0
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        seeds = make_seeds(root)
        chosen = [t for t in targets() if t.verb in VERBS and t.reader.startswith(arguments.only)]
        for target in chosen:
            target.run(seeds, seeds.files[target.reader][0], np.random.default_rng(0))
        for reader, attack, path, content in large_files(root):
            original = path.read_bytes()
            path.write_bytes(content)
            for target in [target for target in chosen if target.reader == reader]:
                before, start, outcome = _megabytes(), time.process_time(), "valid"
                try:
                    target.run(seeds, path, np.random.default_rng(1))
                except DataError:
                    outcome = "DataError"
                except BaseException:
                    outcome = "other"
                    traceback.print_exc()
                seconds, more = time.process_time() - start, _megabytes() - before
                findings += outcome == "other" or seconds > MOST_SECONDS or more > MOST_MEGABYTES
                rows.append((f"{reader}, {target.verb}", attack, len(content), outcome, round(seconds, 2), round(more)))
            path.write_bytes(original)
    rows.sort(key=lambda row: -row[4])
    names = ("target", "attack", "bytes", "outcome", "seconds", "megabytes")
    result = {"files": len(rows), "findings": findings, "rows": [dict(zip(names, row, strict=True)) for row in rows]}
    (RESULTS / "fuzz_large.json").write_text(json.dumps(result, indent=1) + "\n")
    lines = ["| reader, verb | file | bytes | outcome | s | MB more |", "|---|---|---|---|---|---|"]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in rows[:20]]
    lines += ["", f"The slowest 20 of {len(rows)}; findings: {findings}."]
    write_page(RESULTS / "fuzz_large.md", "\n".join(lines))
    print("\n".join(lines))
    sys.exit(bool(findings))


if __name__ == "__main__":
    main()
