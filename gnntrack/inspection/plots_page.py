"""The plots of an evaluation in a folder, and a page that shows and explains them."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from os import PathLike
from pathlib import Path
from urllib.parse import quote

import numpy as np

from gnntrack.errors import DataError, DataWarning
from gnntrack.evaluation.benchmarks import Benchmark, for_pairs, prepare
from gnntrack.evaluation.errors import count_errors, errors_in
from gnntrack.evaluation.matches import Matches, match
from gnntrack.evaluation.output import of_rows
from gnntrack.evaluation.pair_types import Pairs, Results
from gnntrack.evaluation.rules import rules_of
from gnntrack.evaluation.scores import Score, combine
from gnntrack.files import write_text
from gnntrack.inspection.frame_images import images_beside
from gnntrack.inspection.html import document, table, text
from gnntrack.inspection.moments import Moment, key_frames, worst_moments
from gnntrack.inspection.plots.canvas import save
from gnntrack.inspection.plots.hota import plot_hota
from gnntrack.inspection.plots.moment import draw_moment, explain
from gnntrack.inspection.plots.timeline import draw_timeline
from gnntrack.loaders.images import read_image
from gnntrack.outputs import output_folder

INDEX = "index.html"
_HOTA = (
    "HOTA, DetA and AssA at each localisation threshold, which is how much a result box must overlap an annotated one "
    "to count. DetA says how many boxes are found, AssA how well they keep one identity; HOTA is their geometric mean."
)
_TIMELINE = "Every bar is an annotated object; a change of colour and number is a switch, a dotted line a miss."


def write_plots(
    target: str | PathLike[str],
    results: Results,
    scores: Mapping[str, Mapping[str, Score]],
    benchmark: str | Benchmark = "custom",
    images: str | PathLike[str] | None = None,
    most: int = 8,
    overwrite: bool = False,
) -> int:
    """Writes ``hota.png``, a timeline a video and the worst moments, all linked from ``index.html``.

    The page needs no network, and paths in it are relative: the folder may be moved or packed.

    Args:
        target: the folder; it appears as a whole.
        results: name of a result to its pairs of annotations and tracks.
        scores: name of a result to the score of each video.
        benchmark: whose rules decide what counts.
        images: what was read as annotations: images beside it are drawn upon (:func:`.frame_images.images_beside`).
        most: moments of each result.
        overwrite: replace an earlier folder of plots.

    Returns:
        How many images were drawn.

    Raises:
        DataError: the folder may not be written, or an image cannot be read.
    """
    with output_folder(target, "eval", overwrite=overwrite) as output:
        plot_hota({name: combine(found.values()) for name, found in scores.items()}, output.path / "hota.png")
        rows = {name: combine(found.values()).metrics() for name, found in scores.items()}
        parts = [f"<h1>{text(' · '.join(results))}</h1>", table(of_rows(rows, "all videos", "result"))]
        parts.append(_figure("hota.png", text(_HOTA)))
        folders = _file_names(results)
        for name, pairs in results.items():
            parts.append(f"<h2>{text(name)}</h2>")
            parts += _one_result(output.path, folders[name], pairs, benchmark, images, most)
        write_text(output.path / INDEX, document(f"plots of {' · '.join(results)}", parts))
    return sum(part.count("<img ") for part in parts)


def _one_result(
    root: Path, folder: str, pairs: Pairs, benchmark: str | Benchmark, images: str | PathLike[str] | None, most: int
) -> Iterator[str]:
    """Draws the plots of one result and yields what the page says of them."""
    rules = for_pairs(rules_of(benchmark), pairs.values())
    matches = {video: match(prepare(*pair, rules)) for video, pair in pairs.items()}
    errors = {video: errors_in(found) for video, found in matches.items()}
    moments = worst_moments(errors, most)
    yield f"<h3>Worst moments</h3><p>{_introduce(moments)}</p>"
    for number, moment in enumerate(moments, 1):
        found = matches[moment.sequence]
        shown = key_frames(moment, errors[moment.sequence], found.truth)
        address = f"{folder}/moment-{number}.png"
        save(draw_moment(found, shown, _reader(images, moment.sequence)), root / address)
        said = f"<b>{text(moment.where)}</b>: {moment.what}. Shown: {text(explain(shown))}."
        yield _figure(address, said)
    yield f"<h3>Identities over time</h3><p>{text(_TIMELINE)}</p>"
    names = _file_names(pairs)
    for video, found in matches.items():
        if not len(found.truth):
            continue
        address = f"{folder}/{names[video]}-timeline.png"
        save(draw_timeline(found, errors[video], video), root / address)
        yield _figure(address, _caption(video, found, count_errors(errors[video])))


def _introduce(moments: list[Moment]) -> str:
    if not moments:
        return "No errors."
    return (
        "The stretches of frames with the most errors; of each, the worst frame, the last before it in which all was "
        "well, and one after it. Above, each annotated object has the colour of the track that follows it and is "
        "labelled object → track; dotted ones are missed. Below is the result, false positives dashed."
    )


def _caption(video: str, found: Matches, counts: Mapping[str, int]) -> str:
    said = f"{len(found.objects)} objects, {len(found.names)} tracks, {counts['idsw']} switches"
    return f"<b>{text(video)}</b>: {said}, {counts['misses']} misses, {counts['false_positives']} false positives."


def _figure(address: str, caption: str) -> str:
    link = text(quote(address))
    image = f'<a href="{link}"><img loading=lazy alt="{text(Path(address).stem)}" src="{link}"></a>'
    return f"<figure><figcaption>{caption}</figcaption>{image}</figure>"


def _file_names(names: Iterable[str]) -> dict[str, str]:
    """A plain file name for each name; numbered, so that no two are alike."""
    return {
        name: f"{number}-{re.sub(r'[^A-Za-z0-9]+', '-', name).strip('-')[:60]}".rstrip("-")
        for number, name in enumerate(names, 1)
    }


def _reader(root: str | PathLike[str] | None, name: str) -> Callable[[int], np.ndarray | None]:
    """Reads the image of a frame of a sequence; None where there is none."""
    try:
        found = {} if root is None else images_beside(Path(root), name)
    except DataError as error:
        warnings.warn(f"{error}; {name} is drawn on a blank canvas", DataWarning, stacklevel=3)
        found = {}
    return lambda frame: read_image(found[frame]) if frame in found else None
