"""Kills every verb that writes at random moments, fills its disk and takes its right to write.

    python benchmarks/kill_verbs.py [--kills 30] [--seed 0] [--only VERB …]  (figures of the others stay)

Half of the kills meet an earlier output that the verb was told to replace. After each one, every file is the earlier
one or the new one, whole; then the command runs again as docs/safety.md says and gives what an undisturbed run gives.
The verbs run in forked processes, so that the moments fall into their work and not into Python's start. Full and
read-only disks are small file systems in memory, which takes root; elsewhere those two columns stay empty. Figures go
to benchmarks/results/kill_verbs.json and .md.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from gnntrack.cli import main as command_line
from gnntrack.files import PARTIAL
from gnntrack.models import ModelRecipe, build_model, save_weights
from gnntrack.outputs import MANIFEST
from gnntrack.outputs.manifest import JOURNAL

RESULTS = Path(__file__).parent / "results"
RECIPE = {
    "graph": {"window": 6, "stride": 2, "max_gap": 4},
    "stages": [{"train": "window", "epochs": 3, "batch_size": 4}],
}
ASSOCIATION = (
    "architecture: {kind: association, hidden: 8, rounds: 1}\n"
    "stages:\n"
    "  - {train: association, epochs: 2, batch_size: 2, length: 12, window: 2, steps: 4}\n"
    "  - {train: relinking, clips: 1, steps: 30, length: 40, batch_size: 1, network: {members: 2, hidden: 4}}\n"
    "  - {train: smoothing, steps: 30, batch_size: 8, network: {hidden: 4}}\n"
)
WINDOWS = "graph: {window: 6, stride: 2, max_gap: 4}\nstages: [{train: window, epochs: 3, batch_size: 4}]\n"


@dataclass(frozen=True)
class Verb:
    """One way of writing.

    Attributes:
        name: in the table.
        arguments: of the command.
        other: more of them, for an earlier output that differs.
        resumes: whether a killed run goes on with ``--resume``.
        whole: whether the output appears as a whole, not file by file.
        goes_on: whether a hidden folder that a killed run left is gone on with, told ``--resume``.
    """

    name: str
    arguments: tuple[str, ...]
    other: tuple[str, ...]
    resumes: bool = False
    whole: bool = True
    goes_on: bool = False


TRAIN = ("--dataset", "./street.yaml", "-o", "out")
VERBS = (
    Verb("convert to graphs", ("convert", "data", "-o", "out"), ("--sequence", "synthetic-0001")),
    Verb(
        "convert to mot",
        ("convert", "data", "--to", "mot", "-o", "out"),
        ("--sequence", "synthetic-0001"),
        goes_on=True,
    ),
    Verb("convert to yolo", ("convert", "data", "--to", "yolo", "-o", "out"), ("--sequence", "synthetic-0001")),
    Verb(
        "synth",
        ("synth", "--objects", "4", "--frames", "90", "--sequences", "3", "-o", "out"),
        ("--seed", "5"),
        goes_on=True,
    ),
    Verb("synth detections", ("synth", "detections", "data", "-o", "out"), ("--seed", "5")),
    Verb("synth fit", ("synth", "fit", "data", "--hold-out", "0", "-o", "out.json"), ("--sequence", "*-0001")),
    Verb("track", ("track", "data", "--weights", "./w.safetensors", "-o", "out"), ("--mode", "offline"), True, False),
    Verb("draw", ("draw", "data", "--tracks", "data", "--to", "png", "-o", "out"), ("--trail", "0"), True, False),
    Verb(
        "eval --errors",
        ("eval", "--gt", "data", "--pred", "tracks", "--errors", "out.csv"),
        ("--sequence", "synthetic-0001"),
    ),
    Verb("inspect --export", ("inspect", "data/synthetic-0001", "--export", "out.gexf"), ("--frames", "1:9")),
    Verb("inspect --plot", ("inspect", "data/synthetic-0001", "--plot", "out.png"), ("--frames", "1:9")),
    Verb("view", ("view", "data/synthetic-0001", "--tracks", "tracks", "-o", "out.html"), ("--frame", "9")),
    Verb("train mpn", ("train", "--recipe", "./windows.yaml", *TRAIN), ("--seed", "5"), True, False),
    Verb("train association", ("train", "--recipe", "./small.yaml", *TRAIN), ("--seed", "5"), True, False),
)


def run(folder: Path, arguments: tuple[str, ...], seconds: float | None = None) -> int | None:
    """Runs a command in a forked process; its exit code, or None if it was killed after so long."""
    child = os.fork()
    if child == 0:
        os._exit(here(folder, arguments))
    if seconds is not None:
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return None if os.WIFSIGNALED(status) else os.waitstatus_to_exitcode(status)


def here(folder: Path, arguments: tuple[str, ...]) -> int:
    """Runs a command in this process; its exit code. What it says is in ``stderr.txt``."""
    os.chdir(folder)
    sys.argv = ["gnntrack", *arguments]
    with (
        (folder / "stderr.txt").open("w") as log,
        Path(os.devnull).open("w") as nothing,
        contextlib.redirect_stdout(nothing),
        contextlib.redirect_stderr(log),
    ):
        try:
            command_line()
        except SystemExit as end:
            return int(end.code or 0)
        except BaseException:
            traceback.print_exc()
    return 1


def outputs(folder: Path) -> dict[str, str]:
    """The hash of every file that was written, those that no run has finished left out."""
    files = (path for top in folder.glob("out*") for path in [top, *top.rglob("*")] if path.is_file())
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if not path.name.endswith(PARTIAL)
    }


def partials(folder: Path) -> list[Path]:
    return [path for path in folder.rglob(f".*{PARTIAL}*") if "data" not in path.parts]


def prepare(root: Path) -> Path:
    """Inputs of all verbs: two short videos, weights, results and recipes."""
    inputs = root / "inputs"
    inputs.mkdir()
    wishes = ("--objects", "4", "--frames", "40", "--sequences", "2", "--detector", "dancetrack-yolox")
    assert run(inputs, ("synth", *wishes, "-o", "data")) == 0, (inputs / "stderr.txt").read_text()
    (inputs / "street.yaml").write_text("root: data\ntraining: [synthetic-0001]\nvalidation: [synthetic-0002]\n")
    (inputs / "windows.yaml").write_text(WINDOWS)
    (inputs / "small.yaml").write_text(ASSOCIATION)
    torch.manual_seed(0)
    recipe = ModelRecipe.model_validate(RECIPE)
    save_weights(inputs / "w.safetensors", build_model(recipe), recipe)
    assert run(inputs, ("track", "data", "--weights", "./w.safetensors", "-o", "tracks")) == 0
    return inputs


def kills(verb: Verb, inputs: Path, root: Path, count: int, rng: np.random.Generator) -> Counter[str]:
    """Kills a verb so many times; what was found, by name."""
    new, old = root / "new", root / "old"
    seconds = 0.0
    shutil.copytree(inputs, root / "warm")
    here(root / "warm", verb.arguments)  # in this process, or every other would import and load compiled code anew
    for folder, more in ((new, ()), (old, verb.other)):
        shutil.copytree(inputs, folder)
        start = time.perf_counter()
        assert run(folder, (*verb.arguments, *more)) == 0, (verb.name, (folder / "stderr.txt").read_text())
        seconds = seconds or time.perf_counter() - start
    expected, before = outputs(new), outputs(old)
    assert expected != before, verb.name
    found: Counter[str] = Counter(kills=0)
    place = root / "place"
    while found["kills"] < count:
        shutil.rmtree(place, ignore_errors=True)
        replaces = found["kills"] % 2 == 1
        shutil.copytree(old if replaces else inputs, place)
        command = (*verb.arguments, *(("--overwrite",) if replaces else ()))
        if run(place, command, float(rng.uniform(0, seconds))) is not None:
            seconds *= 0.98  # it was faster this time
            continue
        found["kills"] += 1
        left = outputs(place)
        found["with unfinished files left"] += bool(partials(place))
        if verb.whole:
            found["torn"] += left not in ({}, before if replaces else {}, expected)
        else:
            found["torn"] += any(torn(place / name, content, before, expected) for name, content in left.items())
        code = again(verb, place, command)
        found["rerun failed"] += code != 0
        if code != 0:
            print(verb.name, "rerun:", (place / "stderr.txt").read_text(), file=sys.stderr)
        found["not as undisturbed"] += content_of(outputs(place)) != content_of(expected)
        found["left over"] += bool(partials(place))
    return found


def torn(path: Path, content: str, before: dict[str, str], expected: dict[str, str]) -> bool:
    """Whether a file of a folder that is written in place is neither the earlier nor the new one, nor on its way."""
    name = next(name for name in (str(path.relative_to(parent)) for parent in path.parents) if name.startswith("out"))
    if content in (before.get(name), expected.get(name)) or path.name == JOURNAL:
        return False  # the last line of a journal may be cut off
    try:
        if path.suffix == ".safetensors":
            from gnntrack.loaders.torch_tensors import read_safetensors

            read_safetensors(path)
        elif path.suffix == ".json" or path.name == MANIFEST:
            json.loads(path.read_text())
        elif path.suffix == ".csv":
            return len({line.count(",") for line in path.read_text().splitlines()}) != 1
        else:
            return True
    except Exception:
        return True
    return False


def content_of(files: dict[str, str]) -> dict[str, str]:
    """What has to be equal after a rerun: a resumed training's state and log say that it was resumed."""
    mutable = ("last.safetensors", "metrics.csv", "curves.png", MANIFEST)
    return {name: content for name, content in files.items() if not name.endswith(mutable)}


def again(verb: Verb, place: Path, command: tuple[str, ...]) -> int | None:
    """The same command once more, with what docs/safety.md says where it is refused."""
    code = run(place, (*command, "--resume") if verb.goes_on and "--overwrite" not in command else command)
    if code == 2 and verb.resumes and "--resume" in (place / "stderr.txt").read_text():
        code = run(place, (*verb.arguments, "--resume"))
    if code == 2 and "--overwrite" in (place / "stderr.txt").read_text():
        code = run(place, (*verb.arguments, "--overwrite"))
    return code


@contextlib.contextmanager
def disk(place: Path, size: str = "8m"):
    """A file system in memory at ``place``."""
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)
        place.rmdir()


def unwritable(verb: Verb, inputs: Path, root: Path, kind: str) -> str:
    """What a verb says on a full or read-only disk: ``ok``, or what is wrong."""
    place = root / kind
    problems = []
    for earlier in (False, True):
        with disk(place):
            shutil.copytree(root / "old" if earlier else inputs, place, dirs_exist_ok=True)
            before = outputs(place)
            log = root / "stderr.txt"
            (place / "stderr.txt").unlink(missing_ok=True)
            (place / "stderr.txt").symlink_to(log)
            if kind == "full":
                with contextlib.suppress(OSError), (place / "filling").open("wb", buffering=0) as file:
                    while True:
                        file.write(bytes(4096))
            else:
                subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
            code = run(place, (*verb.arguments, *(("--overwrite",) if earlier else ())))
            lines = [line for line in log.read_text().splitlines() if not line.startswith(("warning:", "weights:"))]
            if code != 2 or not lines or not lines[-1].startswith("error: ") or "Traceback" in log.read_text():
                problems.append(f"code {code}, {lines[-1:]}")
            after = {name: content for name, content in outputs(place).items() if name not in before}
            if after or any(outputs(place).get(name) != content for name, content in before.items() if verb.whole):
                problems.append(f"left {sorted(after)}")
            left = partials(place) + ([] if earlier else list(place.glob("out*")))
            if left:
                problems.append(f"left {[path.name for path in left]}")
    return "; ".join(problems) or "ok"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="*")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    rng = np.random.default_rng(arguments.seed)
    figures = {}
    with tempfile.TemporaryDirectory() as name:
        inputs = prepare(Path(name))
        for verb in VERBS:
            if arguments.only and verb.name not in arguments.only:
                continue
            root = Path(name) / verb.name.replace(" ", "")
            root.mkdir()
            start = time.perf_counter()
            row: dict[str, object] = dict(kills(verb, inputs, root, arguments.kills, rng))
            for kind in ("full", "read-only"):
                row[kind] = unwritable(verb, inputs, root, kind) if os.geteuid() == 0 else None
            figures[verb.name] = row
            print(f"{verb.name}: {row}, {time.perf_counter() - start:.0f} s", flush=True)
            write(verb.name, row)
    bad = ("torn", "rerun failed", "not as undisturbed", "left over")
    wrong = any(row[key] for row in figures.values() for key in bad)
    sys.exit(wrong or any(row[kind] not in ("ok", None) for row in figures.values() for kind in ("full", "read-only")))


def write(name: str, row: dict[str, object]) -> None:
    """Adds a verb's figures to those of the others, as JSON and as a table."""
    RESULTS.mkdir(exist_ok=True)
    with (RESULTS / "kill_verbs.json").open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # several of these may run, for some verbs each
        file.seek(0)
        figures = json.loads(file.read() or "{}") | {name: row}
        figures = {verb.name: figures[verb.name] for verb in VERBS if verb.name in figures}
        file.truncate(0)
        file.write(json.dumps(figures, indent=1) + "\n")
    columns = [*next(iter(figures.values()))]
    lines = ["| verb | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    lines += [f"| {name} | " + " | ".join(str(row[key]) for key in columns) + " |" for name, row in figures.items()]
    (RESULTS / "kill_verbs.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
