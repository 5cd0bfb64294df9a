"""Scenes and simulated detections as MOTChallenge folders, written piece by piece."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from gnntrack.datasets.formats import read_all
from gnntrack.datasets.motchallenge import MOTCHALLENGE
from gnntrack.datasets.raw import ReadOptions
from gnntrack.datasets.seqinfo import write_info
from gnntrack.datasets.synthetic.detector import DetectorModel, simulate
from gnntrack.datasets.synthetic.scenes import SceneSettings, scene_chunks
from gnntrack.files import atomic_folder, atomic_path, check_absent, check_inside
from gnntrack.sequence import BOX, Sequence


@dataclass(frozen=True)
class WrittenScene:
    """What was written: its name and how much of what."""

    name: str
    frames: int
    boxes: int
    identities: int
    detections: int


def write_scene(root: Path, name: str, settings: SceneSettings, detector: DetectorModel | None = None) -> WrittenScene:
    """Writes ``root/NAME`` with ``gt/gt.txt``, ``seqinfo.ini`` and, with a detector, ``det/det.txt``.

    Memory does not grow with the scene's length. Appearance vectors go to ``gt/gt.npy``, a row a line of ``gt.txt``.

    Args:
        root: the folder of sequences.
        name: of the sequence.
        settings: what happens in the scene.
        detector: gives the detections.
    """
    folder = check_inside(root / name, root)
    boxes = detections = identities = 0
    with ExitStack() as files:
        truth = files.enter_context(atomic_path(folder / "gt" / "gt.txt"))
        found = files.enter_context(atomic_path(folder / "det" / "det.txt")) if detector is not None else None
        vectors = files.enter_context(atomic_path(folder / "gt" / "gt.npy")) if settings.embedding_dimension else None
        if vectors is not None:
            rows = sum(
                len(chunk.boxes) for chunk in scene_chunks(settings.model_copy(update={"embedding_dimension": 0}))
            )
            shape = (rows, settings.embedding_dimension)
            memory = np.lib.format.open_memmap(vectors, mode="w+", dtype=np.float32, shape=shape)
        for chunk in scene_chunks(settings):
            table = chunk.boxes.assign(conf=1, class_id=1)
            columns = ["frame", "id", *BOX, "conf", "class_id", "visibility"]
            table[columns].to_csv(truth, header=False, index=False, mode="a")
            if vectors is not None and chunk.embeddings is not None:
                memory[boxes : boxes + len(table)] = chunk.embeddings
            boxes += len(table)
            identities = max(identities, int(table["id"].max()) if len(table) else 0)
            if detector is not None and found is not None:
                length = chunk.last - chunk.first + 1
                local = table.assign(frame=table["frame"] - chunk.first + 1)
                piece = Sequence(name, local, settings.width, settings.height, settings.frame_rate, length)
                seed = settings.seed * 1_000_003 + chunk.first
                rows_found = _detection_rows(simulate(piece, detector, seed).boxes, chunk.first - 1)
                rows_found.to_csv(found, header=False, index=False, mode="a")
                detections += len(rows_found)
        if vectors is not None:
            memory.flush()
    empty = pd.DataFrame({column: [] for column in ("frame", *BOX)})
    write_info(folder, Sequence(name, empty, settings.width, settings.height, settings.frame_rate, settings.frames))
    return WrittenScene(name, settings.frames, boxes, identities, detections)


def _detection_rows(table: pd.DataFrame, shift: int) -> pd.DataFrame:
    """The rows of ``det.txt``, frames moved on by the frames before."""
    rows = pd.DataFrame({"frame": table["frame"] + shift, "id": -1})
    rows[BOX] = table[BOX].round(3)
    return rows.assign(conf=table["conf"].round(5))


def write_scenes(
    output: str | Path,
    settings: SceneSettings,
    sequences: int = 1,
    detector: DetectorModel | None = None,
    overwrite: bool = False,
) -> list[WrittenScene]:
    """Writes a folder of scenes, ``synthetic-0001`` and so on, whose seeds count from the settings' seed.

    Raises:
        DataError: the output exists and ``overwrite`` is false.
    """
    check_absent(output, overwrite)
    written = []
    with atomic_folder(output) as root:
        for number in range(sequences):
            scene = settings.model_copy(update={"seed": settings.seed + number})
            written.append(write_scene(root, f"synthetic-{number + 1:04d}", scene, detector))
    return written


def write_detections(
    source: str | Path,
    output: str | Path,
    detector: DetectorModel,
    seed: int = 0,
    options: ReadOptions = ReadOptions(),
    overwrite: bool = False,
) -> list[tuple[Sequence, Sequence]]:
    """Writes annotated videos of any format with simulated detections, as MOTChallenge folders.

    Returns:
        Annotations and simulated detections of every sequence.

    Raises:
        DataError: the source cannot be read, or the output exists and ``overwrite`` is false.
    """
    check_absent(output, overwrite)
    pairs = []
    with atomic_folder(output) as root:
        for number, truth in enumerate(read_all(source, "annotations", options)):
            found = simulate(truth, detector, seed * 1_000_003 + number)
            MOTCHALLENGE.write(root, [truth], "annotations")
            MOTCHALLENGE.write(root, [found], "detections")
            pairs.append((truth, found))
    return pairs
