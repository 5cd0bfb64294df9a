"""What the fuzzer starts from: one small, sound example of every file that gnntrack reads."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from gnntrack import recipes
from gnntrack.datasets.labelled import label_annotations
from gnntrack.datasets.store import write_store
from gnntrack.datasets.synthetic import keep_errors, save_detector
from gnntrack.formats.registry import FILE_FORMATS
from gnntrack.graphs import GraphSettings, build_graph
from gnntrack.inspection.convert import to_networkx
from gnntrack.inspection.export import write_graph
from gnntrack.models import ModelRecipe, build_model, save_weights
from gnntrack.models.architectures import AssociationNetworkSettings
from gnntrack.sequence import Sequence
from gnntrack.training.checkpoint import save_state

WINDOW = GraphSettings(window=4, stride=2, max_gap=2)


#: Of the two people below.
_RECIPE = """description: two people
format: mot
training: [scene, "*"]
validation: [scene]
halves: true
boxes: [annotations, detections, simulated]
overlap: 0.4
embeddings: {}
classes: [1]
size: [640, 480]
frame_rate: 25
"""


@dataclass
class Seeds:
    """The examples.

    Attributes:
        root: folder that holds them all.
        files: those that are mutated, by reader.
    """

    root: Path
    files: dict[str, list[Path]] = field(default_factory=dict)


def scene(embeddings: bool = False) -> Sequence:
    """Two people in five frames."""
    table = pd.DataFrame(
        {
            "frame": [1, 1, 2, 2, 4, 5],
            "id": [1, 2, 1, 2, 2, 1],
            "x": [1.5, 100, 2, 101.25, 103, 4],
            "y": 5.0,
            "w": 40.0,
            "h": [80.0, 81, 80, 82.5, 82, 80],
            "conf": [1.0, 1, 1, 0, 1, 1],
        }
    )
    vectors = np.eye(6, 3, dtype=np.float32) if embeddings else None
    return Sequence("scene", table, 640, 480, 25.0, 5, vectors, classes={1: "pedestrian"})


def make_seeds(root: Path) -> Seeds:
    """Writes all examples below ``root``."""
    seeds = Seeds(root)
    sequence = scene()
    for name, format_ in FILE_FORMATS.items():
        for item, content in ((sequence, "annotations"), (sequence.without_ids(), "detections")):
            format_.write(root / name, [item], content)
        seeds.files[name] = _files(root / name)
    seen = scene(embeddings=True)
    FILE_FORMATS["mot"].write(root / "vectors", [seen], "annotations")
    FILE_FORMATS["mot"].write(root / "vectors", [seen.without_ids()], "detections")
    seeds.files["npy"] = sorted((root / "vectors").rglob("*.npy"))
    seeds.files["seqinfo.ini"] = sorted((root / "mot").rglob("seqinfo.ini"))
    seeds.files["labels.txt"] = sorted((root / "yolo").rglob("labels.txt"))
    (root / "results").mkdir()
    shutil.copy(root / "mot" / "scene" / "gt" / "gt.txt", root / "results" / "scene.txt")
    seeds.files["results"] = [root / "results" / "scene.txt"]
    for kind in ("datasets", "models", "losses"):
        (root / kind).mkdir()
        for name in recipes.names(kind):
            text = recipes.find(kind, name).read_text(encoding="utf-8")
            (root / kind / f"{name}.yaml").write_text(text, encoding="utf-8")
        if kind == "datasets":
            (root / kind / "a.yaml").write_text(_RECIPE, encoding="utf-8")
        seeds.files[f"recipe of {kind}"] = _files(root / kind)
    detector = recipes.find("datasets", "dancetrack-yolox", (".json",)).read_text(encoding="utf-8")
    (root / "detector.json").write_text(_short(detector), encoding="utf-8")
    seeds.files["detector"] = [root / "detector.json"]
    save_detector(root / "errors.safetensors", keep_errors([(sequence, sequence)]))
    seeds.files["copied errors"] = [root / "errors.safetensors"]
    _weights(root, seeds)
    write_store(root / "store", [label_annotations(sequence)], WINDOW)
    seeds.files["store"] = [path for path in _files(root / "store") if path.suffix in {".json", ".safetensors"}]
    graph = to_networkx(build_graph(sequence, WINDOW, sequence.boxes["id"].to_numpy()))
    for suffix in ("gexf", "graphml", "json"):
        write_graph(graph, root / f"graph.{suffix}")
    seeds.files["graph file"] = sorted(root.glob("graph.*"))
    return seeds


def _weights(root: Path, seeds: Seeds) -> None:
    import torch

    torch.manual_seed(0)
    window = ModelRecipe.model_validate({"architecture": {"hidden": 4, "rounds": 1}, "graph": WINDOW.model_dump()})
    association = ModelRecipe(architecture=AssociationNetworkSettings(hidden=4))
    for name, recipe in (("window", window), ("association", association)):
        save_weights(root / f"{name}.safetensors", build_model(recipe), recipe)
    seeds.files["weights"] = [root / "window.safetensors", root / "association.safetensors"]
    state = {"epoch": 1, "state_dict": {"a": torch.ones(2, 2)}, "loops": {0: [1.5, None, ("x", True)]}}
    save_state(root / "last.safetensors", state)
    seeds.files["checkpoint"] = [root / "last.safetensors"]


def _short(detector: str) -> str:
    """The detector with shorter numbers: its structure matters here."""
    return json.dumps(json.loads(detector, parse_float=lambda text: round(float(text), 2)))


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
