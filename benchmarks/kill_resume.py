"""Kills a conversion at random moments; each time the resumed store must equal the uninterrupted one, byte for byte.

    python benchmarks/kill_resume.py ROOT [--kills 20] [--workers 2] [--seed 0]

Figures go to benchmarks/results/kill_resume.json.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

RESULTS = Path(__file__).parent / "results"


def digest(folder: Path) -> str:
    """One hash over the names and bytes of all files."""
    total = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        total.update(str(path.relative_to(folder)).encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    random = np.random.default_rng(arguments.seed)

    def convert(folder: Path) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "gnntrack.cli", "convert", str(arguments.root), "-o", str(folder)]
        command += ["--workers", str(arguments.workers)]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL)

    with tempfile.TemporaryDirectory() as name:
        whole, torn = Path(name) / "whole", Path(name) / "torn"
        start = time.perf_counter()
        assert convert(whole).wait() == 0
        seconds = time.perf_counter() - start
        expected = digest(whole)
        kills = []
        for _ in range(arguments.kills):
            shutil.rmtree(torn, ignore_errors=True)
            process = convert(torn)
            moment = float(random.uniform(0.1, 0.95) * seconds)
            time.sleep(moment)
            process.send_signal(signal.SIGKILL)
            killed = process.wait() == -signal.SIGKILL
            shards = len(list(torn.glob("shards/0*"))) if torn.is_dir() else 0
            resumed = convert(torn).wait() == 0 if killed else True
            equal = resumed and digest(torn) == expected
            kills.append({"after_seconds": round(moment, 2), "killed": killed, "shards_left": shards, "equal": equal})
            print(kills[-1], file=sys.stderr)
    figures = {
        "data": "/".join(arguments.root.resolve().parts[-2:]),
        "workers": arguments.workers,
        "uninterrupted_seconds": round(seconds, 1),
        "kills": sum(kill["killed"] for kill in kills),
        "equal": sum(kill["equal"] for kill in kills if kill["killed"]),
        "moments": kills,
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "kill_resume.json").write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps({key: value for key, value in figures.items() if key != "moments"}))
    sys.exit(not all(kill["equal"] for kill in kills))


if __name__ == "__main__":
    main()
