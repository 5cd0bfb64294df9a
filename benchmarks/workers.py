"""How much faster two workers are than one: seconds, and processor seconds of all processes.

    python benchmarks/workers.py [--sequences 200] [--frames 1000] [--verbs track eval ...] [--rounds 2] [--start]

Every verb works through the same synthetic videos with one worker and with others, by turns; the fastest run of each
counts. Where other programs run, seconds mean little: ``at most`` is the speed-up that the processor seconds leave
room for, if all of that work were shared out evenly (workers × processor seconds of one / those of all). Linux only.
With --start only that is measured which other processes cost before they do anything: a check of two short videos by
two processes, which --memory asks for in any case, less the same by one.
Writes results/workers.json and .md; verbs that are not named keep their figures.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from gnntrack.files import write_text

RESULTS = Path(__file__).parent / "results"
GNNTRACK = [sys.executable, "-m", "gnntrack.cli"]
VERBS = {
    "track": ["track", "scenes", "-o", "OUT"],
    "track offline": ["track", "scenes", "-o", "OUT", "--mode", "offline"],
    "convert to csv": ["convert", "scenes", "-o", "OUT", "--to", "csv"],
    "convert to graphs": ["convert", "scenes", "-o", "OUT"],
    "eval": ["eval", "--gt", "scenes", "--pred", "tracks"],
    "check": ["check", "scenes"],
    "synth": ["synth", "--sequences", "SEQUENCES", "--frames", "FRAMES", "-o", "OUT"],
}
TICK = os.sysconf("SC_CLK_TCK")
#: Seconds between two looks at the processes: looking takes time of the cores that they work on.
LOOK = 0.5
Result = dict[str, Any]


def busy(session: int, seen: dict[tuple[int, int], float]) -> None:
    """Notes the processor seconds of every process of a session so far."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        if int(fields[3]) == session:
            spent = (int(fields[11]) + int(fields[12])) / TICK
            seen[int(entry.name), int(fields[19])] = spent


def run(folder: Path, command: list[str]) -> Result:
    """Seconds of a command, and processor seconds of all that it started."""
    load, start = os.getloadavg()[0], time.perf_counter()
    process = subprocess.Popen(
        [*GNNTRACK, *command], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )
    seen: dict[tuple[int, int], float] = {}
    while process.returncode is None:
        busy(process.pid, seen)
        with suppress(subprocess.TimeoutExpired):
            process.wait(LOOK)
    wall = time.perf_counter() - start
    assert process.stderr is not None
    assert process.returncode == 0, process.stderr.read().decode()
    return {
        "seconds": round(wall, 1),
        "processor seconds": round(sum(seen.values()), 1),
        "of the command itself": round(next(spent for (pid, _), spent in seen.items() if pid == process.pid), 1),
        "load before": round(load, 1),
    }


def content(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return digest.hexdigest()


def measure(folder: Path, verb: str, options: argparse.Namespace) -> Result:
    """A verb with one worker and with others, by turns."""
    numbers = {"SEQUENCES": str(options.sequences), "FRAMES": str(options.frames)}
    runs: dict[int, list[Result]] = {1: [], options.workers: []}
    contents = set()
    for turn in range(options.rounds):
        for workers, found in runs.items():
            output = f"out-{verb.replace(' ', '-')}-{workers}-{turn}"
            command = [{**numbers, "OUT": output}.get(word, word) for word in VERBS[verb]]
            found.append(run(folder, [*command, "--workers", str(workers)]))
            print(verb, workers, found[-1], flush=True)
            if (folder / output).exists():
                contents.add(content(folder / output))
                if verb == "track" and not (folder / "tracks").exists():
                    (folder / output).rename(folder / "tracks")
                else:
                    subprocess.run(["rm", "-r", output], cwd=folder, check=True)
    one, many = (min(found, key=lambda each: each["seconds"]) for found in runs.values())
    cheap = [min(each["processor seconds"] for each in found) for found in runs.values()]
    return {
        "one": one,
        "workers": options.workers,
        "many": many,
        "speed-up": round(one["seconds"] / many["seconds"], 2),
        "processor seconds, many / one": round(cheap[1] / cheap[0], 3),
        "speed-up at most": round(options.workers * cheap[0] / cheap[1], 2),
        "same bytes": len(contents) <= 1,
    }


def start(folder: Path, rounds: int) -> Result:
    """What other processes cost before they do anything."""
    run(folder, ["synth", "--sequences", "2", "--frames", "30", "-o", "short"])
    ways = {"one": [], "two": ["--workers", "2", "--memory", "1GB"]}
    runs = {way: [run(folder, ["check", "short", *options]) for _ in range(rounds)] for way, options in ways.items()}
    names = ("seconds", "processor seconds")
    least = {name: {way: min(each[name] for each in found) for way, found in runs.items()} for name in names}
    return {name: round(found["two"] - found["one"], 1) for name, found in least.items()} | {"rounds": rounds}


def page(result: Result) -> str:
    lines = [
        "# Two workers beside one",
        "",
        "`python benchmarks/workers.py` on a machine with two cores; load: other programs that ran meanwhile.",
        "",
        "| verb | s, one | two | speed-up | processor s, one | two | speed-up at most | load | same bytes |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for verb, row in result["verbs"].items():
        one, many = row["one"], row["many"]
        cells = [verb, one["seconds"], many["seconds"], row["speed-up"], one["processor seconds"]]
        cells += [many["processor seconds"], row["speed-up at most"]]
        cells += [f"{one['load before']}, {many['load before']}", "yes" if row["same bytes"] else "no"]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    if "start" in result:
        cost = result["start"]
        lines += [
            "",
            f"Two other processes cost {cost['processor seconds']} s of a processor before they do anything, and "
            f"{cost['seconds']} s on the clock: `python benchmarks/workers.py --start`.",
        ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sequences", type=int, default=200)
    parser.add_argument("--frames", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--verbs", nargs="+", choices=list(VERBS), default=list(VERBS))
    parser.add_argument("--start", action="store_true", help="only what it costs to start others")
    parser.add_argument("--folder", type=Path, help="keep the videos here")
    options = parser.parse_args()
    path = RESULTS / "workers.json"
    result: Result = json.loads(path.read_text()) if path.is_file() else {"verbs": {}}
    with tempfile.TemporaryDirectory() as name:
        folder = options.folder or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        if options.start:
            result["start"] = start(folder, max(3, options.rounds))
            write_text(path, json.dumps(result, indent=1) + "\n")
            write_text(path.with_suffix(".md"), page(result))
            return
        if not (folder / "scenes").exists():
            wishes = ["--sequences", str(options.sequences), "--frames", str(options.frames), "--objects", "12"]
            run(folder, ["synth", *wishes, "--detector", "dancetrack-yolox", "-o", "scenes", "--workers", "2"])
        if "eval" in options.verbs and not (folder / "tracks").exists():
            run(folder, ["track", "scenes", "-o", "tracks"])
        for verb in options.verbs:
            result["verbs"][verb] = measure(folder, verb, options)
            write_text(path, json.dumps(result, indent=1) + "\n")
            write_text(path.with_suffix(".md"), page(result))


if __name__ == "__main__":
    main()
