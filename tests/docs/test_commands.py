"""Every command and every Python block of the pages, as they stand, in their order, in folders as the pages name them.

Some things are smaller than a reader's: the folders hold a second of video, model recipes train for a few steps (their
numbers are changed as they are read, the commands stay), and ``--workers`` are threads, not processes. Scripts of
``benchmarks`` are not run: their options are parsed. ``make`` and ``pip`` are held against the Makefile and the
package's extras.
"""

from __future__ import annotations

import re
import shlex
import shutil
import sys
import tomllib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gnntrack import recipes
from gnntrack.cli import main
from gnntrack.demo import run_demo
from gnntrack.durations import Duration
from gnntrack.models import ModelRecipe
from gnntrack.training import reading
from gnntrack.video import Video, cameras, streams
from tests.bench.stand_in import trackers_module
from tests.docs.layouts import LAYOUTS, nothing
from tests.docs.pages import ROOT, blocks, commands, unfenced
from tests.docs.scripts import only_parse
from tests.video.moving import HEIGHT, RATE, WIDTH, images
from tests.video.stand_ins import torchvision_module, ultralytics_module

#: Names that Python blocks use and a reader brings along.
OWN_NAMES = {"README.md": {"video": [np.array([[100.0, 100, 140, 200, 0.9, 0]]), np.zeros((0, 6))]}}
#: What has to be so once a page was run, by the names that its Python blocks made.
OUTCOMES: dict[str, Callable[[dict[str, Any]], bool]] = {
    "docs/online.md": lambda names: (
        names["recipe"].tracking.links.memory == Duration(3.0) and len(names["offline"]) > 0
    ),
}
PAGES = [str(path.relative_to(ROOT)) for folder in ("", "docs", "models") for path in (ROOT / folder).glob("*.md")]
SCRIPTS = sorted(path.stem for path in (ROOT / "benchmarks").glob("*.py"))


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """What ``make demo`` leaves, trained for one epoch."""
    out = tmp_path_factory.mktemp("demo") / "demo"
    run_demo(out, epochs=1, progress=False)
    return out


SHORT: dict[str, dict[str, int]] = {
    "window": {"epochs": 1, "batch_size": 30},
    "association": {"epochs": 1, "steps": 2, "length": 20, "batch_size": 2},
    "relinking": {"clips": 2, "length": 40, "steps": 2, "batch_size": 2},
    "smoothing": {"steps": 2, "copies": 0},
}


def short(recipe: Any) -> Any:
    """The same stages, of a few steps."""
    stages = tuple(stage.model_copy(update=SHORT[stage.train]) for stage in recipe.stages)
    return recipe.model_copy(update={"stages": stages})


@pytest.fixture
def short_training(monkeypatch):
    """Model recipes train for a few steps."""
    load = recipes.load

    def shorter(kind, name, schema):
        recipe = load(kind, name, schema)
        if not isinstance(recipe, ModelRecipe):
            return recipe
        return short(recipe)

    monkeypatch.setattr(recipes, "load", shorter)
    whole = reading.load_recipe
    monkeypatch.setattr(reading, "load_recipe", lambda name: (short(whole(name)[0]), whole(name)[1]))


def run_command(words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Runs a command in this process, or holds it against what it names."""
    program, *arguments = words
    if program == "gnntrack":
        monkeypatch.setattr(sys, "argv", words)
        with pytest.raises(SystemExit) as end:
            main()
        assert not end.value.code, f"{shlex.join(words)}\n{capsys.readouterr().err}"
    elif program == "python":
        only_parse(arguments, monkeypatch)
    elif program == "make":
        targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        assert set(arguments) <= set(targets), words
    elif program == "pip":
        extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
        assert set(re.findall(r"\.\[(.*?)\]", " ".join(arguments))) <= set(extras), words
        assert arguments[0] == "install" and all((ROOT / name).exists() for name in arguments if name.endswith(".txt"))
    else:
        raise AssertionError(f"nobody knows how to run {shlex.join(words)}")


def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Detectors and trackers of others, cameras and streams, which a reader has and a test has not."""
    monkeypatch.setitem(sys.modules, "trackers", trackers_module())
    monkeypatch.setitem(sys.modules, "torchvision", torchvision_module("fasterrcnn_resnet50_fpn_v2"))
    monkeypatch.setitem(sys.modules, "ultralytics", ultralytics_module())

    def live(name: str) -> Video:
        return Video(name, WIDTH, HEIGHT, RATE, 0, True, lambda: images(12))

    monkeypatch.setattr(cameras, "open_camera", lambda number: live(f"camera-{number}"))
    monkeypatch.setattr(streams, "open_stream", lambda address, shown, name: live(name))


@pytest.mark.parametrize("page", PAGES)
def test_everything_in_a_page_runs(page, tmp_path, monkeypatch, capsys, demo, short_training):
    text = (ROOT / page).read_text(encoding="utf-8")
    LAYOUTS.get(page, nothing)(tmp_path)
    if "demo/" in text:
        shutil.copytree(demo, tmp_path / "demo")
    shutil.copytree(ROOT / "models" / "default", tmp_path / "models" / "default")
    for block in blocks(
        text, "yaml"
    ):  # a recipe that the page tells its reader to write: the first line names the file
        (name,) = re.findall(r"^# (\S+\.yaml)$", block.text.splitlines()[0])
        (tmp_path / name).write_text(block.text)
    monkeypatch.chdir(tmp_path)
    stand_in(monkeypatch)
    names: dict[str, Any] = dict(OWN_NAMES.get(page, {}))
    found = blocks(text, "sh", "python")
    for block in found:
        if block.language == "python":
            exec(compile("\n" * (block.line - 1) + block.text, str(ROOT / page), "exec"), names)
        else:
            for words in commands(block.text):
                run_command(words, monkeypatch, capsys)
    assert found or page not in LAYOUTS
    assert OUTCOMES.get(page, lambda _: True)(names)
    assert not unfenced(text), "commands outside of a ```sh block are not tested"


@pytest.mark.parametrize("script", SCRIPTS)
def test_commands_in_scripts_parse(script, monkeypatch):
    """Options in brackets may be left out; here they are given."""
    text = (ROOT / "benchmarks" / f"{script}.py").read_text(encoding="utf-8")
    told = re.findall(rf"^    (?:\w+=\S+ )?(python benchmarks/{script}\.py.*)$", text, re.MULTILINE)
    for line in told:
        (words,) = commands(re.sub(r"[\[\]]|\.\.\.", "", line))
        only_parse(words[1:], monkeypatch)
    assert told or "__main__" not in text, "says nowhere how it is run"
