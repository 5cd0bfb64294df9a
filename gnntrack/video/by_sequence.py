"""The tracks of many videos drawn into a folder: a task a video."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from gnntrack.errors import DataError
from gnntrack.files import noting
from gnntrack.formats.file_names import entries, existing
from gnntrack.formats.options import ReadingOptions
from gnntrack.formats.registry import find_format
from gnntrack.outputs.manifest import digest
from gnntrack.outputs.results import hash_of, result_folder
from gnntrack.reading import videos
from gnntrack.remote import as_path
from gnntrack.tasks import Failures, Progress, Workers, no_progress, opened
from gnntrack.tasks.outcome import Task
from gnntrack.video.drawing import check_still, draw
from gnntrack.video.images import image_files
from gnntrack.video.painting import Look
from gnntrack.video.reading import VIDEO_SUFFIXES, is_video
from gnntrack.video.results import open_scene, read_result


@dataclass(frozen=True)
class DrawSettings:
    """How videos are drawn.

    Attributes:
        suffix: of the files: ``.mp4``, ``.gif`` or ``.png``.
        frames: see :func:`.drawing.draw`.
        width: likewise.
        look: likewise, but for the shade of boxes, which depends on whether there are images.

    Raises:
        DataError: an image of several frames.
    """

    suffix: str = ".mp4"
    frames: tuple[int, int] | None = None
    width: int | None = None
    look: Look = Look()

    def __post_init__(self) -> None:
        check_still(self.suffix, self.frames)


@dataclass(frozen=True)
class DrawSource:
    """What is drawn, and over what.

    Attributes:
        path: a folder of videos, of folders of images, or boxes of several videos in any format.
        tracks: a folder that holds ``NAME.txt``, or a file that holds the tracks of all.
        options: how ``path`` is read.
        format: of the boxes; recognised if missing.
        tracks_frame_base: number of the first frame in the tracks.
    """

    path: str | Path
    tracks: str | Path
    options: ReadingOptions = ReadingOptions()
    format: str | None = None
    tracks_frame_base: int | None = None


def draw_folder(
    source: DrawSource,
    output: Path,
    settings: DrawSettings,
    *,
    workers: Workers = Workers(),
    overwrite: bool = False,
    resume: bool = False,
    progress: Progress = no_progress,
) -> Iterator[str]:
    """Draws every video of a source into a folder; yields a line for people on each, in the order of the source.

    Args:
        source: what is drawn.
        output: the folder to write ``NAME.mp4`` and so on to.
        settings: how.
        workers: where.
        overwrite: replace files.
        resume: keep what an earlier run has drawn from the same tracks, over videos of the same size.
        progress: shows how far it is.

    Raises:
        DataError: nothing can be read or written.
        FailedTasksError: some videos could not be drawn; the others are.
    """
    scenes = _scenes(source, workers)
    tracks = workers.found(source.tracks)
    files = {name: f"{name}{settings.suffix}" for name, _ in scenes}
    wanted = {files[name]: hash_of([_state(place), _tracks_hash(tracks, name)]) for name, place in scenes}
    plain = {name: value for name, value in vars(settings).items() if name != "look"} | {"look": vars(settings.look)}
    sources = source.path
    with (
        result_folder(
            output, "draw", wanted, settings=plain, source=sources, overwrite=overwrite, resume=resume
        ) as folder,
        opened(workers, module=__name__) as engine,
    ):
        if folder.finished:
            yield f"{output}: {len(folder.finished)} of {len(wanted)} files are finished"
        left = [(name, place) for name, place in scenes if files[name] not in folder.finished]
        more = {"source": source, "tracks": tracks, "output": workers.found(output), "settings": settings}
        more["several"] = len(scenes) > 1
        tasks = [{**more, "about": name, "name": name, "place": place} for name, place in left]
        failures, lines = Failures(len(scenes), workers.fail_fast), dict[int, str]()
        for outcome in progress(engine.run(draw_scene, tasks), len(tasks), "drawing"):
            drawn = failures.value(outcome)
            if drawn is not None:
                name = files[left[outcome.number][0]]
                count, size, sha256 = drawn
                folder.add(name, size, sha256)
                lines[outcome.number] = (
                    f"{output / name}: {count} frame{'s' if count != 1 else ''}, {size / 1e6:.1f} MB"
                )
        yield from (lines[number] for number in sorted(lines))
    failures.raise_any("drawings")


def draw_scene(task: Task) -> tuple[int, int, str]:
    """Draws a video; gives the number of frames, size and SHA-256 of the file."""
    source, settings, name = task["source"], task["settings"], task["name"]
    place, options = task["place"], source.options
    if not is_video(place) and not (place.is_dir() and image_files(place)):
        options = replace(options, sequences=(name,))
    scene, video = open_scene(place, options, source.format)
    result = read_result(
        task["tracks"], scene, replace(source.options, frame_base=source.tracks_frame_base), task["several"]
    )
    look = replace(settings.look, fill=0.0 if video else 0.16)
    with noting() as notes:
        count = draw(result, task["output"] / f"{name}{settings.suffix}", video, settings.frames, settings.width, look)
    ((size, sha256),) = notes.values()
    return count, size, sha256


def _scenes(source: DrawSource, workers: Workers) -> list[tuple[str, Path]]:
    """The name of each video, and where it lies: its images, or the boxes of all."""
    root, wants = workers.found(source.path), source.options.wants
    inside = entries(root) if root.is_dir() else []
    films = [(path.stem, path) for path in inside if path.suffix.lower() in VIDEO_SUFFIXES]
    films += [(path.name, path) for path in inside if path.is_dir() and image_files(path)]
    found = films
    if not films or any(path.is_dir() for _, path in films):  # sequence folders, of which some may have no images
        of_images = {name for name, _ in films}
        found = films + [(name, root) for name in _names_of_boxes(source, root, films) if name not in of_images]
    chosen = sorted((name, place) for name, place in found if wants(name))
    if not chosen:
        known = ", ".join(name for name, _ in found[:8])
        raise DataError(f"no sequence {', '.join(source.options.sequences)}", remedy=f"found {known}", path=root)
    twin = next((one for (one, _), (other, _) in pairwise(chosen) if one == other), None)
    if twin is not None:
        raise DataError(f"two videos are named {twin!r}", remedy="rename one", path=root)
    return chosen


def _names_of_boxes(source: DrawSource, root: Path, films: list[tuple[str, Path]]) -> list[str]:
    """The names of the videos that boxes are there of.

    Raises:
        DataError: there are none, and no images either.
    """
    try:
        format_ = find_format(root, source.format)[0]
        contents = format_.contents(root, source.options)[:1]
        names = [video.name for video in videos(root, source.options, format_, contents)]
        if None in names:
            names = [*format_.sequence_names(root, contents, source.options)]
        if not names and not films:
            raise format_.nothing_at(root, source.options, contents)
        return [name for name in names if name is not None]
    except DataError:
        if films:
            return []
        raise


def _state(place: Path) -> Any:
    """What a video looks like from outside: size of a file, names of images."""
    if place.is_dir():
        return [path.name for path in image_files(place)]
    return place.stat().st_size if place.is_file() else str(place)


def _tracks_hash(tracks: Path, name: str) -> str | None:
    beside = existing(as_path(tracks) / f"{name}.txt")
    for path in (beside, tracks):
        if path.is_file():
            return digest(path)[1]
    return None
