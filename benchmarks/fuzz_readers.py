"""Feeds mutated files to every reader and every verb: the only outcomes are a valid result or a one-line DataError.

    python benchmarks/fuzz_readers.py [--inputs 1000000] [--processes 2] [--seed 0] [--only READER]

Starts from one small, sound file of every kind (fuzz_seeds.py), changes bytes, lines, cells and values (mutation.py),
and uses the result (fuzz_targets.py). Anything else than a valid result or a one-line DataError is a finding, and so is
more than two seconds of the processor or 500 MB. Counts go to benchmarks/results/fuzz_readers.json and fuzz_readers.md,
findings to standard error.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
from fuzz_seeds import Seeds, make_seeds
from fuzz_targets import Target, targets
from mutation import mutate_file
from result_pages import write_page

from gnntrack.errors import DataError

RESULTS = Path(__file__).parent / "results"
MOST_SECONDS, MOST_MEMORY, LONGEST = 2.0, 500 * 2**20, 1000
PORTION = 500  # inputs of one seed, so that the counts do not depend on the processes


@dataclass
class Tally:
    """What became of some inputs, by reader and verb.

    Attributes:
        outcomes: how many were valid, a DataError, or something else.
        slowest: processor seconds of the slowest input.
        memory: bytes that the process had more at its largest than after it had read the sound files.
        findings: in words, with the input.
    """

    outcomes: dict[str, Counter[str]] = field(default_factory=dict)
    slowest: dict[str, float] = field(default_factory=dict)
    memory: int = 0
    findings: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Adds another's."""
        for name, counts in other.outcomes.items():
            self.outcomes.setdefault(name, Counter()).update(counts)
            self.slowest[name] = max(self.slowest.get(name, 0.0), other.slowest[name])
        self.memory = max(self.memory, other.memory)
        self.findings += other.findings


def _largest() -> int:
    """Bytes that this process had at its largest."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _limit_memory() -> None:
    """Lets this process take no more than the limit on top of what it has now."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MOST_MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))


class Bench:
    """A process's own sound files, used once each, so that code is loaded and compiled before anything is measured."""

    def __init__(self, only: str) -> None:
        warnings.simplefilter("ignore")
        self.folder = tempfile.TemporaryDirectory()
        self.seeds = make_seeds(Path(self.folder.name))
        self.targets = [target for target in targets() if only in f"{target.reader}, {target.verb}"]
        for target in self.targets:
            for _ in range(3):
                target.run(self.seeds, self.seeds.files[target.reader][0], np.random.default_rng(0))
        self.before = _largest()
        _limit_memory()


@lru_cache(maxsize=1)
def bench(only: str) -> Bench:
    """This process's."""
    return Bench(only)


def attempt(job: tuple[int, int, str]) -> Tally:
    """So many inputs from one seed."""
    inputs, seed, only = job
    place = bench(only)
    rng = np.random.default_rng(seed)
    tally = Tally()
    weights = np.array([target.weight for target in place.targets])
    for number in rng.choice(len(place.targets), inputs, p=weights / weights.sum()):
        _attempt(place.targets[number], place.seeds, rng, tally, seed)
    tally.memory = _largest() - place.before
    return tally


def _attempt(target: Target, seeds: Seeds, rng: np.random.Generator, tally: Tally, seed: int) -> None:
    """One input."""
    files = seeds.files[target.reader]
    path = files[rng.integers(len(files))]
    original = path.read_bytes()
    path.write_bytes(mutate_file(path, original, rng))
    start = time.process_time()
    outcome, problem = "valid", ""
    try:
        target.run(seeds, path, rng)
    except DataError as error:
        outcome = "DataError"
        if not str(error).isprintable() or len(str(error)) > LONGEST:
            problem = f"not one short line: {str(error)[:300]!r}"
    except BaseException:
        outcome, problem = "other", traceback.format_exc()
    seconds = time.process_time() - start
    if seconds > MOST_SECONDS:
        problem += f" {seconds:.1f} s"
    key = f"{target.reader}, {target.verb}"
    if problem:
        tally.findings.append(f"{key} {path.name} (seed {seed}): {path.read_bytes()[:300]!r}\n{problem}")
    tally.outcomes.setdefault(key, Counter())[outcome] += 1
    tally.slowest[key] = max(tally.slowest.get(key, 0.0), seconds)
    path.write_bytes(original)


def write_results(tally: Tally, seed: int, seconds: float) -> str:
    """Writes the counts so far, and returns them as a table."""
    total = sum(tally.outcomes.values(), Counter())
    figures = {
        "inputs": sum(total.values()),
        "seed": seed,
        "seconds": round(seconds),
        "findings": len(tally.findings),
        "slowest_seconds": round(max(tally.slowest.values(), default=0.0), 2),
        "most_megabytes": round(tally.memory / 2**20),
        "total": dict(total),
        "targets": {
            name: {**counts, "slowest_seconds": round(tally.slowest[name], 3)}
            for name, counts in sorted(tally.outcomes.items())
        },
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "fuzz_readers.json").write_text(json.dumps(figures, indent=1) + "\n")
    lines = ["| reader, verb | valid | DataError | anything else | slowest, ms |", "|---|---|---|---|---|"]
    for name, counts in [*sorted(tally.outcomes.items()), ("all", total)]:
        slowest = 1000 * tally.slowest.get(name, max(tally.slowest.values(), default=0.0))
        lines.append(f"| {name} | {counts['valid']} | {counts['DataError']} | {counts['other']} | {slowest:.0f} |")
    lines += ["", f"Memory on top of what the process had before: {figures['most_megabytes']} MB at most."]
    write_page(RESULTS / "fuzz_readers.md", "\n".join(lines))
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="readers and verbs whose names hold this")
    arguments = parser.parse_args()
    start = time.perf_counter()
    count = -(-arguments.inputs // PORTION)
    jobs = [(PORTION, arguments.seed + number, arguments.only) for number in range(count)]
    tally = Tally()
    with multiprocessing.get_context("fork").Pool(arguments.processes) as pool:
        for done, found in enumerate(pool.imap_unordered(attempt, jobs), 1):
            tally.add(found)
            for finding in found.findings:
                print(finding, file=sys.stderr, flush=True)
            if done % 20 == 0 or done == count:
                write_results(tally, arguments.seed, time.perf_counter() - start)
                print(f"{done * PORTION} inputs, {len(tally.findings)} findings", file=sys.stderr, flush=True)
    print(write_results(tally, arguments.seed, time.perf_counter() - start))
    sys.exit(bool(tally.findings))


if __name__ == "__main__":
    main()
