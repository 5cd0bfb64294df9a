"""The rows of annotations and results that count, by the rules of a benchmark, class by class or together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from gnntrack.evaluation.assignment import EPS, match_overlaps
from gnntrack.evaluation.regions import covered
from gnntrack.evaluation.rules import BENCHMARKS, NO_CLASS, Benchmark
from gnntrack.evaluation.scene import Layout, Scene
from gnntrack.formats.classes import class_numbers
from gnntrack.geometry import share_inside
from gnntrack.sequence import TRUNCATION, Coverage, Sequence

__all__ = ["BENCHMARKS", "Benchmark", "Counted", "by_class", "count", "for_pairs", "prepare"]

#: Name of the only class where results are not split by class.
ALL = "all"


@dataclass(frozen=True, eq=False)
class Counted:
    """The rows of one class that count.

    Attributes:
        label: name of the class; :data:`ALL` where results are not split by class.
        truth: which annotations ``(N,)`` bool.
        tracks: which result boxes ``(M,)`` bool.
    """

    label: str
    truth: np.ndarray
    tracks: np.ndarray


def prepare(truth: Sequence, tracks: Sequence, benchmark: Benchmark) -> Scene:
    """The rows of annotations and results that count, side by side; only boxes of one class overlap.

    Example:
        >>> from gnntrack.datasets.sample import sample
        >>> truth = sample("TUD-Campus", "annotations")
        >>> scene = prepare(truth, truth, BENCHMARKS["mot17"])
        >>> len(scene.truth), len(scene.tracks)
        (359, 359)
    """
    scene = Scene.of(truth, tracks)
    of_truth, of_track = np.full(len(truth), -1), np.full(len(tracks), -1)
    for number, found in enumerate(count(scene, benchmark)):
        of_truth[found.truth] = of_track[found.tracks] = number
    same = of_truth[scene.overlaps.truth] == of_track[scene.overlaps.track]
    if not same.all():
        scene = replace(scene, overlaps=scene.overlaps.where(same))
    return scene.take(of_truth >= 0, of_track >= 0)


def by_class(truth: Sequence, tracks: Sequence, benchmark: Benchmark) -> dict[str, Scene]:
    """The rows that count, a scene for every class; one scene, :data:`ALL`, where there is no class to tell apart."""
    scene = Scene.of(truth, tracks)
    classes = {found.label: scene.take(found.truth, found.tracks) for found in count(scene, benchmark)}
    none = np.zeros(0, dtype=int)
    return classes or {ALL: scene.take(none, none)}


def for_pairs(benchmark: Benchmark, pairs: Iterable[tuple[Sequence, Sequence]]) -> Benchmark:
    """The rules with what depends on all videos together: which classes are annotated, whether results say theirs."""
    sides = list(pairs)
    if benchmark.by_class and any((tracks.boxes["class_id"] == NO_CLASS).any() for _, tracks in sides):
        benchmark = replace(benchmark, by_class=False)
    if benchmark.annotated and not benchmark.evaluated:
        seen = {
            truth.classes.get(number, str(number))
            for truth, _ in sides
            for number in np.unique(truth.boxes["class_id"][truth.boxes["conf"] != 0]).tolist()
        }
        benchmark = replace(benchmark, evaluated=tuple(sorted(seen)))
    return benchmark


def count(scene: Scene, benchmark: Benchmark) -> Iterator[Counted]:
    """Yields the rows that count, for one class after another."""
    table = scene.truth.boxes
    kind, flag = table["class_id"].to_numpy(), table["conf"].to_numpy() != 0
    region = np.isin(kind, _numbers(scene, benchmark, benchmark.regions)) | (~flag & benchmark.flagged)
    blind = np.zeros(len(kind), dtype=bool)
    left_out = np.zeros(len(scene.tracks), dtype=bool)
    if benchmark.inside == "pixels" and region.any():
        regions = scene.truth.take(region)
        blind, left_out = covered(scene.truth, regions) >= 0.5, covered(scene.tracks, regions) >= 0.5
    hard = np.zeros(len(kind), dtype=bool)
    if benchmark.hard:
        hard = table["visibility"].to_numpy() <= 0
        hard |= table[TRUNCATION].to_numpy() > 0 if TRUNCATION in table else False
    for label, classes, neighbours in _groups(scene, benchmark, region):
        own = ~region if classes is None else np.isin(kind, classes) & ~region
        others = np.isin(kind, neighbours) & ~region
        candidates = np.ones(len(kind), dtype=bool) if benchmark.others_match else own | others
        tracks = ~left_out
        if benchmark.by_class and classes is not None:
            tracks = tracks & np.isin(scene.tracks.boxes["class_id"].to_numpy(), classes)
        near = region if benchmark.inside == "own" and classes is None else region & np.isin(kind, classes or [])
        near = near if benchmark.inside == "own" else region
        tracks = tracks & ~_forgiven(scene, benchmark, candidates, others | (own & hard), near, tracks)
        if benchmark.partial and classes is not None:
            tracks = tracks & ~_not_looked_for(scene, own, classes, tracks)
        yield Counted(label, own & flag & ~hard & ~blind, tracks)


def _forgiven(
    scene: Scene,
    benchmark: Benchmark,
    candidates: np.ndarray,
    distractor: np.ndarray,
    region: np.ndarray,
    tracks: np.ndarray,
) -> np.ndarray:
    """Results that are matched (IoU ≥ 0.5) with a distractor, or that match nothing and are small or in a region.

    Args:
        scene: all rows.
        benchmark: the rules.
        candidates: annotations that results are matched with ``(N,)`` bool.
        distractor: those of them that forgive ``(N,)`` bool.
        region: annotations that are regions ``(N,)`` bool.
        tracks: results that are considered ``(M,)`` bool.
    """
    forgiven = np.zeros(len(tracks), dtype=bool)
    regional = region.any() and benchmark.inside != "pixels"
    if not (distractor.any() or regional or benchmark.smallest):
        return forgiven
    part = scene.take(candidates, tracks)
    pairs = match_overlaps(part.overlaps, Layout.of(part.truth, part.tracks))
    truth, track = np.flatnonzero(candidates)[pairs.truth], np.flatnonzero(tracks)[pairs.track]
    forgiven[track[distractor[truth]]] = True
    alone = tracks.copy()
    alone[track] = False
    if benchmark.smallest:
        forgiven |= alone & (scene.tracks.boxes["h"].to_numpy() <= benchmark.smallest + EPS)
    if regional:
        near = scene.overlaps.where(region[scene.overlaps.truth] & alone[scene.overlaps.track])
        share = share_inside(scene.tracks.xywh[near.track], scene.truth.xywh[near.truth])
        forgiven[near.track[share > 0.5 + EPS]] = True
    return forgiven


def _not_looked_for(scene: Scene, own: np.ndarray, classes: list[int], tracks: np.ndarray) -> np.ndarray:
    """Results that match nothing, in frames that are not exhaustively annotated for their class.

    That is so where the class is not annotated throughout, and in frames without an annotation of it, unless it is
    known to be absent.

    Args:
        scene: all rows.
        own: annotations of the class ``(N,)`` bool.
        classes: its numbers.
        tracks: its results ``(M,)`` bool.
    """
    coverage = scene.truth.coverage or Coverage()
    frames, own_frames = scene.tracks.frames, scene.truth.frames[own]
    if coverage.partial.isdisjoint(classes):
        return tracks & ~np.isin(frames, own_frames) & coverage.absent.isdisjoint(classes)
    part = scene.take(own, tracks)
    alone = tracks.copy()
    alone[np.flatnonzero(tracks)[match_overlaps(part.overlaps, Layout.of(part.truth, part.tracks)).track]] = False
    return alone


Group = tuple[str, list[int] | None, list[int]]


def _groups(scene: Scene, benchmark: Benchmark, region: np.ndarray) -> Iterator[Group]:
    """Yields each class that is evaluated: its name, numbers (None: whatever there is) and distractors' numbers."""
    wanted = benchmark.only or benchmark.evaluated
    if not benchmark.by_class:
        others = [name for own in wanted or benchmark.neighbours for name in benchmark.neighbours.get(own.lower(), ())]
        classes = _numbers(scene, benchmark, wanted) if wanted else None
        yield ALL, classes, _numbers(scene, benchmark, (*benchmark.distractors, *others))
        return
    names = scene.truth.classes or benchmark.standard
    if wanted:
        found = {name: _numbers(scene, benchmark, (name,)) for name in wanted}
    else:
        seen = np.union1d(scene.truth.boxes["class_id"][~region], scene.tracks.boxes["class_id"])
        found = {str(number): [number] for number in seen.tolist()}
    for name, numbers in found.items():
        label = names.get(numbers[0], name) if numbers else name
        near = benchmark.neighbours.get(label.lower(), ())
        yield label, numbers, _numbers(scene, benchmark, (*benchmark.distractors, *near))


def _numbers(scene: Scene, benchmark: Benchmark, names: Iterable[str]) -> list[int]:
    return sorted(class_numbers(scene.truth.classes or benchmark.standard, tuple(names)))
