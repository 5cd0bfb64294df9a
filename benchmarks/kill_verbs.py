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
import fcntl
import json
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
import torch
from command_runs import here, outputs, partials, run
from result_pages import write_page
from unwritable_disks import unwritable
from writing_verbs import VERBS, Verb, prepare

from gnntrack.outputs import MANIFEST
from gnntrack.outputs.manifest import JOURNAL

RESULTS = Path(__file__).parent / "results"


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
    write_page(RESULTS / "kill_verbs.md", "\n".join(lines), "--only")


if __name__ == "__main__":
    main()
