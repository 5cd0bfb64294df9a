"""Tracking, converting and evaluating need no torch: it is not imported, and may be absent."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from gnntrack.errors import DataError
from gnntrack.packages import needed_package

#: What tracking has no use for.
ROOT = Path(__file__).parent.parent
HEAVY = ["torch", "torch_geometric", "lightning", "matplotlib", "motmetrics", "trackeval", "networkx"]


def run(code: str, *arguments: str) -> str:
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_tracker_imports_none_of_the_heavy_packages():
    code = """
import sys
import numpy as np
from gnntrack import Tracker
tracker = Tracker.from_pretrained("default", width=640, height=480)
tracker.update(np.array([[10.0, 10, 40, 90, 0.9, 1]]))
print(tracker.update(np.array([[11.0, 10, 41, 90, 0.9, 1]]))[:, 4])
print([name for name in sys.argv[1:] if name in sys.modules])
"""
    assert run(code, *HEAVY).split("\n")[:2] == ["[1.]", "[]"]


def test_without_torch_it_tracks_converts_and_evaluates(tmp_path):
    """One process in which everything heavy is absent, and a line for what needs it."""
    code = """
import sys
from contextlib import redirect_stderr, redirect_stdout
from importlib.abc import MetaPathFinder
from io import StringIO


folder, *absent = sys.argv[1:]
class Absent(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] in absent:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
from gnntrack.cli import main

def gnntrack(*arguments):
    sys.argv = ["gnntrack", *arguments]
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main()
        except SystemExit as end:
            code = end.code
    return code, out.getvalue(), err.getvalue()

def done(*arguments):
    code, out, err = gnntrack(*arguments)
    assert code == 0, (arguments, code, out, err)
    return out

scene = f"{folder}/scene"
done("synth", "-o", scene, "--frames", "40", "--objects", "3", "--detector", "dancetrack-yolox")
for mode in ("online", "offline"):
    said = done("track", scene, "--weights", "default", "-o", f"{folder}/{mode}", "--mode", mode)
    assert "tracks, " in said, said
assert "COMBINED" in done("eval", "--gt", scene, "--pred", f"{folder}/offline", "--to", "csv")
done("convert", scene, "-o", f"{folder}/kitti", "--to", "kitti")
done("convert", scene, "-o", f"{folder}/graphs")
from gnntrack.datasets.store import Share, read_index, share_of
assert len(share_of(len(read_index(f"{folder}/graphs").shards), Share())) == 2
done("check", scene)
for arguments in (
    ("train", "--recipe", "mpn", "--dataset", "sample", "-o", f"{folder}/run"),
    ("inspect", scene),
    ("track", "TUD-Campus", "--weights", "default", "-o", f"{folder}/campus"),
):
    code, out, err = gnntrack(*arguments)
    assert code == 2, (arguments, code, out, err)
    assert "Traceback" not in err and err.count("\\n") == 1, err
    print(err.strip())
"""
    lines = run(code, str(tmp_path), *HEAVY).splitlines()
    remedy = "which is not installed; pip install torch torch-geometric lightning"
    assert lines == [
        f"error: gnntrack train needs torch, {remedy}",
        f"error: gnntrack inspect needs torch-geometric, {remedy}",
        "error: gnntrack track needs motmetrics, which is not installed; pip install motmetrics",
    ]


def test_what_is_no_optional_package_is_a_fault_as_before():
    @needed_package("this")
    def fail(name):
        raise ModuleNotFoundError(name=name)

    with pytest.raises(ModuleNotFoundError):
        fail("gnntrack.absent")
    with pytest.raises(DataError, match=r"this needs torch-geometric, which is not installed; pip install torch t"):
        fail("torch_geometric.data")


def test_the_light_requirements_are_pinned_as_everywhere_and_are_enough():
    """Of what the package depends on, exactly what training and referees need is left out."""
    lines = (ROOT / "requirements-light.txt").read_text().splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert set(pins) <= set((ROOT / "constraints.txt").read_text().splitlines())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {re.split("[<>=]", dependency)[0].lower() for dependency in project["dependencies"]}
    left_out = wanted - {pin.partition("==")[0].lower() for pin in pins}
    assert left_out == {"torch", "torch-geometric", "lightning", "networkx", "matplotlib", "motmetrics", "trackeval"}
