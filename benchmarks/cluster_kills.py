"""Kills the workers of a Dask cluster while it tracks; every byte must be as from one process.

    python benchmarks/cluster_kills.py [--sequences 200] [--kills 20] [--seed 0]

A scheduler and three workers run on this machine, each a process. Workers are killed (SIGKILL) at random moments, over
the whole run, and replaced, as SLURM or Kubernetes would; one is frozen for ten seconds, as a slow node is; and once
the scheduler is killed and started again, with new workers. Figures go to results/cluster_kills.json and .md.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

RESULTS = Path(__file__).parent / "results"
GNNTRACK = [sys.executable, "-m", "gnntrack.cli"]
WORKERS, LONGEST = 3, 2.0


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class LocalCluster:
    """A scheduler and workers in processes of their own.

    Args:
        folder: for what they say.
    """

    def __init__(self, folder: Path) -> None:
        self.address = f"tcp://127.0.0.1:{free_port()}"
        self._log = (folder / "cluster.log").open("ab")
        self._folder = folder
        self.scheduler = self._scheduler()
        self.workers = [self._worker() for _ in range(WORKERS)]

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", *arguments]
        return subprocess.Popen(command, stdout=self._log, stderr=self._log, cwd=self._folder)

    def _scheduler(self) -> subprocess.Popen[bytes]:
        host, port = self.address.removeprefix("tcp://").split(":")
        return self._start("distributed.cli.dask_scheduler", "--host", host, "--port", port, "--no-dashboard")

    def _worker(self) -> subprocess.Popen[bytes]:
        more = ("--no-nanny", "--nthreads", "1", "--no-dashboard", "--memory-limit", "2GB")
        return self._start("distributed.cli.dask_worker", self.address, *more)

    def kill_worker(self, number: int) -> None:
        self.workers[number].kill()
        self.workers[number].wait()
        self.workers[number] = self._worker()

    def restart(self) -> None:
        """Kills the scheduler; its workers end then, and others take their place."""
        self.scheduler.kill()
        self.scheduler.wait()
        self.scheduler = self._scheduler()
        for worker in self.workers:
            worker.kill()
            worker.wait()
        self.workers = [self._worker() for _ in self.workers]

    def end(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()
        self._log.close()


def content(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def run(folder: Path, *arguments: str) -> str:
    done = subprocess.run([*GNNTRACK, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def disturbed(folder: Path, output: str, sequences: int, kills: int, rng: np.random.Generator) -> dict[str, object]:
    """Tracks on a cluster that is disturbed; what was done to it, and what came of it."""
    cluster = LocalCluster(folder)
    moments: list[dict[str, object]] = []
    command = [*GNNTRACK, "track", "data", "-o", output, "--scheduler", cluster.address]
    start = time.perf_counter()
    due = np.sort(rng.integers(1, sequences, kills + 2))  # each once so many sequences are done
    with (folder / f"{output}.txt").open("w") as out, (folder / f"{output}.err").open("w") as err:
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=err)
        try:
            while process.poll() is None:
                time.sleep(float(rng.uniform(0, LONGEST)))
                finished = len(list((folder / output).glob("*.txt")))
                if process.poll() is not None or not 0 < finished < sequences:
                    continue  # nothing is tracked yet, or all is
                number, count = int(rng.integers(WORKERS)), len(moments)
                if count >= len(due) or finished < due[count]:
                    continue
                kind = {kills // 3: "worker frozen for 10 s", 2 * kills // 3: "scheduler killed"}
                what = kind.get(count, "worker killed")
                if what == "worker killed":
                    cluster.kill_worker(number)
                elif what == "scheduler killed":
                    cluster.restart()
                else:
                    cluster.workers[number].send_signal(signal.SIGSTOP)
                    time.sleep(10)
                    cluster.workers[number].send_signal(signal.SIGCONT)
                moments.append({"seconds": round(time.perf_counter() - start, 1), "what": what, "finished": finished})
                print(moments[-1], flush=True)
        finally:
            process.kill()
            process.wait()
            cluster.end()
    said = [line.split(":")[0] for line in (folder / f"{output}.txt").read_text().splitlines()]
    return {
        "code": process.returncode,
        "seconds": round(time.perf_counter() - start, 1),
        "said": said,
        "moments": moments,
        "errors": [line for line in (folder / f"{output}.err").read_text().splitlines() if "error" in line],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sequences", type=int, default=200)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    runs, found = [], Counter[str]()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wishes = ("--sequences", str(arguments.sequences), "--objects", "8", "--frames", "150")
        run(folder, "synth", *wishes, "--detector", "dancetrack-yolox", "-o", "data")
        start = time.perf_counter()
        run(folder, "track", "data", "-o", "whole")
        alone = time.perf_counter() - start
        expected = content(folder / "whole")
        assert len(expected) == arguments.sequences + 1
        while found["worker killed"] < arguments.kills:
            output = f"torn{len(runs)}"
            done = disturbed(folder, output, arguments.sequences, arguments.kills, rng)
            found.update(str(moment["what"]) for moment in done["moments"])
            there, said = content(folder / output), done.pop("said")
            done["files equal"] = sum(there.get(file) == value for file, value in expected.items())
            done["files of another name"] = sorted(set(there) - set(expected))
            done["sequences said once"] = sum(count == 1 for count in Counter(said).values())
            runs.append(done)
    figures = {
        "sequences": arguments.sequences,
        "workers": WORKERS,
        "seconds of one process": round(alone, 1),
        "disturbances": dict(found),
        "runs": runs,
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "cluster_kills.json").write_text(json.dumps(figures, indent=1) + "\n")
    (RESULTS / "cluster_kills.md").write_text(page(figures))
    wrong = [run for run in runs if run["code"] or run["files equal"] != len(expected)]
    wrong += [run for run in runs if run["sequences said once"] != arguments.sequences or run["files of another name"]]
    sys.exit(bool(wrong))


def page(figures: dict[str, object]) -> str:
    lines = [
        "# A cluster whose workers are killed",
        "",
        f"{figures['sequences']} synthetic videos, tracked by {figures['workers']} workers of a Dask cluster on one "
        "machine, against one process (`python benchmarks/cluster_kills.py`). The manifest counts as a file.",
        "",
        "| run | code | workers killed | one frozen for 10 s | scheduler killed "
        "| files equal | said once | left over | s |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for number, run in enumerate(figures["runs"], 1):
        what = Counter(moment["what"] for moment in run["moments"])
        cells = [number, run["code"], what["worker killed"], what["worker frozen for 10 s"], what["scheduler killed"]]
        cells += [run["files equal"], run["sequences said once"], len(run["files of another name"]), run["seconds"]]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
