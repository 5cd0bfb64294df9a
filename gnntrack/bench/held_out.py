"""What training was worth on videos that were not learned from: the weights of the start beside the new ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from gnntrack.bench.gains import gain_of
from gnntrack.bench.measure import Asked, Measured, measure
from gnntrack.bench.runs import Mode, ours
from gnntrack.evaluation.pair_types import Truth
from gnntrack.sequence import Sequence

START, NEW = "start", "trained"
_MODES: tuple[Mode, ...] = ("online", "offline")


def compare_weights(
    start: str | Path,
    new: str | Path,
    videos: Iterable[tuple[Sequence, Sequence]],
    moved: Callable[[str, int, int], None] = lambda what, done, total: None,
) -> Measured:
    """Tracks videos with two weights, online and offline.

    Args:
        start: weights, by name or path.
        new: others.
        videos: annotations and detections.
        moved: is told how far it has come.
    """
    truths: dict[str, Truth] = {}
    detections: dict[str, Sequence] = {}
    for number, (truth, boxes) in enumerate(videos, 1):
        name = boxes.name if boxes.name not in truths else f"{boxes.name} ({number})"
        truths[name], detections[name] = Truth(truth, np.unique(truth.frames), truth.length), boxes.without_ids()
    runs = {
        f"{title}, {mode}": ours(mode, weights) for mode in _MODES for title, weights in ((START, start), (NEW, new))
    }
    references = {f"{NEW}, {mode}": f"{START}, {mode}" for mode in _MODES}
    return measure(Asked(truths, detections, runs, benchmark="custom", references=references), moved)


def words(found: Measured) -> list[str]:
    """What came out, a line a mode, and how far it is to be trusted."""
    lines = []
    for mode in _MODES:
        start, new = f"{START}, {mode}", f"{NEW}, {mode}"
        told = []
        for title, key in (("HOTA", "hota"), ("IDF1", "idf1")):
            gain = gain_of(found.gains(key)[START][new])
            before, after = (100 * found.metric(name, key).mean() for name in (start, new))
            told.append(f"{title} {before:.1f} before, {after:.1f} now, {gain}")
        before, after = (found.metric(name, "idsw").sum() for name in (start, new))
        lines.append(f"{mode}: {'; '.join(told)}; switches {before:.0f} before, {after:.0f} now{_verdict(found, new)}")
    return lines


def _verdict(found: Measured, new: str) -> str:
    gain = gain_of(found.gains()[START][new])
    assert gain is not None
    if gain.mean <= 0:
        return ": no gain, the weights of the start are the safer ones"
    if gain.low is None:
        return ": of a single video, so by how much this may be chance is not known"
    return "" if gain.sure else ": the interval reaches below 0, so it may be chance"
