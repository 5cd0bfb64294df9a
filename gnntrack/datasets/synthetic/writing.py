"""Scenes and simulated detections as MOTChallenge folders, written piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from gnntrack.datasets.synthetic.detector import Detector, save_detector, simulate, steady
from gnntrack.datasets.synthetic.detector_model import DetectorModel
from gnntrack.datasets.synthetic.scenes import scene_chunks
from gnntrack.datasets.synthetic.settings import SceneSettings
from gnntrack.errors import DataError
from gnntrack.files import atomic_path, check_inside, noting
from gnntrack.formats.camera_file import CAMERA, append_camera
from gnntrack.formats.mot import FORMAT as MOT
from gnntrack.formats.options import ReadingOptions
from gnntrack.formats.seqinfo import write_info
from gnntrack.outputs import output_folder
from gnntrack.outputs.finished import FinishedTasks, Notes
from gnntrack.outputs.manifest import digest
from gnntrack.outputs.results import hash_of
from gnntrack.reading import iterate
from gnntrack.recipes import Settings
from gnntrack.sequence import BOX, Sequence
from gnntrack.tasks import Failures, Progress, Workers, no_progress, opened
from gnntrack.tasks.outcome import Task


class WrittenScene(Settings):
    """What was written: its name and how much of what."""

    name: str
    frames: int
    boxes: int
    identities: int
    detections: int


def write_scene(root: Path, name: str, settings: SceneSettings, detector: Detector | None = None) -> WrittenScene:
    """Writes ``root/NAME`` with ``gt/gt.txt``, ``seqinfo.ini`` and, with a detector, ``det/det.txt``.

    Memory does not grow with the scene's length. Appearance vectors go to ``gt/gt.npy``, a row a line of ``gt.txt``,
    and likewise to ``det/det.npy``; the camera's motion, if it is known, to ``camera.txt`` beside either.

    Args:
        root: the folder of sequences.
        name: of the sequence.
        settings: what happens in the scene.
        detector: gives the detections.
    """
    folder = check_inside(root / name, root)
    detector = None if detector is None else steady(detector, settings.seed)
    boxes = detections = identities = 0
    with ExitStack() as files:
        truth = files.enter_context(atomic_path(folder / "gt" / "gt.txt"))
        found = files.enter_context(atomic_path(folder / "det" / "det.txt")) if detector is not None else None
        width = settings.embedding_dimension
        add_true = files.enter_context(_array_file(folder / "gt" / "gt.npy", width)) if width else None
        add_found = files.enter_context(_array_file(folder / "det" / "det.npy", width)) if width and detector else None
        about_camera = [files.enter_context(atomic_path(folder / kind / CAMERA)) for kind in _kinds(settings, detector)]
        for chunk in scene_chunks(settings):
            for path in about_camera:
                append_camera(path, chunk.camera, chunk.first)
            table = chunk.boxes.assign(conf=1, class_id=1)
            columns = ["frame", "id", *BOX, "conf", "class_id", "visibility"]
            table[columns].to_csv(truth, header=False, index=False, mode="a")
            if add_true is not None and chunk.embeddings is not None:
                add_true(chunk.embeddings)
            boxes += len(table)
            identities = max(identities, int(table["id"].max()) if len(table) else 0)
            if detector is not None and found is not None:
                length = chunk.last - chunk.first + 1
                local = table.assign(frame=table["frame"] - chunk.first + 1)
                size = settings.width, settings.height, settings.frame_rate, length
                piece = Sequence(name, local, *size, chunk.embeddings)
                simulated = simulate(piece, detector, settings.seed * 1_000_003 + chunk.first)
                _detection_rows(simulated.boxes, chunk.first - 1).to_csv(found, header=False, index=False, mode="a")
                if add_found is not None and simulated.embeddings is not None:
                    add_found(simulated.embeddings)
                detections += len(simulated)
    empty = pd.DataFrame({column: [] for column in ("frame", *BOX)})
    write_info(folder, Sequence(name, empty, settings.width, settings.height, settings.frame_rate, settings.frames))
    return WrittenScene(name=name, frames=settings.frames, boxes=boxes, identities=identities, detections=detections)


def _kinds(settings: SceneSettings, detector: Detector | None) -> list[str]:
    """The folders that say how the camera moves."""
    if not settings.camera_known:
        return []
    return ["gt"] if detector is None else ["gt", "det"]


@contextmanager
def _array_file(path: Path, width: int) -> Iterator[Callable[[np.ndarray], None]]:
    """Yields what appends rows ``(N, width)`` to a ``.npy`` file of float32, whose length is known at the end."""
    count = 0
    with atomic_path(path) as temporary, temporary.open("wb") as stream:

        def header() -> None:
            stream.seek(0)  # numpy leaves room for the number of rows to grow
            content = {"descr": "<f4", "fortran_order": False, "shape": (count, width)}
            np.lib.format.write_array_header_1_0(stream, content)

        def append(rows: np.ndarray) -> None:
            nonlocal count
            count += len(rows)
            stream.write(np.ascontiguousarray(rows, dtype="<f4").tobytes())

        header()
        yield append
        header()


def _detection_rows(table: pd.DataFrame, shift: int) -> pd.DataFrame:
    """The rows of ``det.txt``, frames moved on by the frames before."""
    rows = pd.DataFrame({"frame": table["frame"] + shift, "id": -1})
    rows[BOX] = table[BOX].round(3)
    return rows.assign(conf=table["conf"].round(5))


def write_scenes(
    output: str | Path,
    settings: SceneSettings,
    sequences: int = 1,
    detector: Detector | None = None,
    overwrite: bool = False,
    workers: int | Workers = 1,
    progress: Progress = no_progress,
    resume: bool = False,
) -> list[WrittenScene]:
    """Writes a folder of scenes, ``synthetic-0001`` and so on, whose seeds count from the settings' seed.

    Args:
        output: the folder.
        settings: what happens in the scenes.
        sequences: how many.
        detector: gives the detections.
        overwrite: replace an output that exists.
        workers: where, or in how many processes; the bytes written do not depend on it.
        progress: shows how far it is.
        resume: go on where an earlier run was stopped; scenes that it has finished stay.

    Raises:
        DataError: the output exists and ``overwrite`` is false.
        FailedTasksError: some of many scenes failed.
    """
    if resume and overwrite:
        raise DataError("--resume with --overwrite", remedy="leave one of them out")
    workers = Workers.of(workers)
    made_with = {"sequences": sequences, "detector": _hash(detector), **settings.model_dump(mode="json")}
    with output_folder(output, "synth", settings=made_with, overwrite=overwrite, resume=resume) as folder:
        if resume and folder.earlier is not None:
            folder.keep_earlier = True
            return []
        scenes = {
            f"synthetic-{number + 1:04d}": settings.model_copy(update={"seed": settings.seed + number})
            for number in range(sequences)
        }
        about = {"folder": workers.found(folder.path), "detector": detector}
        tasks = [{**about, "about": name, "name": name, "settings": scene} for name, scene in scenes.items()]
        keys = [hash_of([name, scene.model_dump(mode="json"), made_with["detector"]]) for name, scene in scenes.items()]
        written = FinishedTasks(folder, keys, WrittenScene, resume)
        with opened(workers) as engine:
            outcomes = engine.run(write_task, [tasks[number] for number in written.left])
            failures = Failures(sequences, workers.fail_fast)
            for outcome in progress(outcomes, len(written.left), "making scenes"):
                made = failures.value(outcome)
                if made is not None:
                    written.add(outcome.number, *made)
        failures.raise_any("scenes", there=False)
    return [written.results[number] for number in range(sequences)]


def _hash(detector: Detector | None) -> str | None:
    """SHA-256 of the file that a detector would be written to."""
    if detector is None:
        return None
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"detector{'.json' if isinstance(detector, DetectorModel) else '.safetensors'}"
        save_detector(path, detector)
        return digest(path)[1]


def write_task(task: Task) -> tuple[WrittenScene, Notes]:
    """Writes a scene, see :func:`write_scene`; gives also size and SHA-256 of its files."""
    folder = task["folder"]
    with noting() as files:
        scene = write_scene(folder, task["name"], task["settings"], task["detector"])
    return scene, {path.relative_to(folder).as_posix(): note for path, note in files.items()}


def write_detections(
    source: str | Path,
    output: str | Path,
    detector: Detector,
    seed: int = 0,
    options: ReadingOptions = ReadingOptions(),
    overwrite: bool = False,
) -> list[tuple[Sequence, Sequence]]:
    """Writes annotated videos of any format with simulated detections, as MOTChallenge folders.

    Returns:
        Annotations and simulated detections of every sequence.

    Raises:
        DataError: the source cannot be read, or the output exists and ``overwrite`` is false.
    """
    pairs = []
    with output_folder(
        output, "synth detections", source=source, settings={"seed": seed}, overwrite=overwrite
    ) as folder:
        for number, truth in enumerate(iterate(source, "annotations", options)):
            found = simulate(truth, detector, seed * 1_000_003 + number)
            MOT.write(folder.path, [truth], "annotations")
            MOT.write(folder.path, [found], "detections")
            pairs.append((truth, found))
    return pairs
