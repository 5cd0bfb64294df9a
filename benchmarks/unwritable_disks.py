"""Verbs on full and on read-only disks, which are small file systems in memory."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from pathlib import Path

from command_runs import outputs, partials, run
from writing_verbs import Verb


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
