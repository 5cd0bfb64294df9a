"""The videos that the small trackers learn from and are judged on: true boxes, simulated detections, made-up features.

There are no pictures. What a backbone would say of a box is a vector of 16 numbers: the code of the identity (new for
every identity of every video), what lies behind the box (a smooth function of the place, as strong as the code, so that
neighbours look alike), both mixed by one rotation that all videos share, and noise. A box that is partly hidden has
part of the vector of what hides it; a false positive has a random code. A network can learn to look past the place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gnntrack.datasets.labelled import label_detections
from gnntrack.datasets.sample import sample
from gnntrack.datasets.synthetic import SceneSettings, find_detector, make_scene, simulate
from gnntrack.datasets.synthetic.embeddings import directions
from gnntrack.datasets.synthetic.moves import moves_between
from gnntrack.datasets.synthetic.occlusion import covering
from gnntrack.geometry import HEIGHT, SIZE, centres
from gnntrack.sequence import Sequence

#: Numbers of a feature vector: the identity's code, and as many for the place.
CODE = 8
FEATURES = 2 * CODE
#: What a crop says of the box itself: how far it is off (4), and whether it holds an object.
EVIDENCE = 5
#: Standard deviation of the noise of each number of a vector, and of the evidence.
NOISE, DOUBT = 0.15, 0.6
MINIMUM_CONFIDENCE = 0.3
#: Videos to learn from, to choose thresholds on, and to judge on.
TRAINING, CHOOSING, TEST = 6, 2, 3
SYNTHETIC = {"objects": 12, "width": 1280, "height": 720, "frame_rate": 20.0}
#: Frames of TUD-Stadtmitte to learn from; thresholds are chosen on the rest.
LEARNED = 120


@dataclass(frozen=True)
class Video:
    """A video with N detections in order of frames.

    Attributes:
        truth: annotations.
        detections: what all trackers see.
        frame: ``(N,)`` from 0.
        identity: ``(N,)`` −1: a false positive.
        boxes: ``(N, 4)`` centre x, centre y, width, height as a share of the image, float32.
        exact: ``(N, 4)`` likewise, the annotated box (the detection itself where there is none).
        features: ``(N, FEATURES)`` float32.
        evidence: ``(N, EVIDENCE)`` float32.
        grid: ``(frames, slots)`` detections of each frame, −1: none.
    """

    truth: Sequence
    detections: Sequence
    frame: np.ndarray
    identity: np.ndarray
    boxes: np.ndarray
    exact: np.ndarray
    features: np.ndarray
    evidence: np.ndarray
    grid: np.ndarray


@dataclass(frozen=True)
class Videos:
    """What one seed learns from, chooses a threshold on, and is judged on."""

    training: list[Video]
    choosing: list[Video]
    test: list[Video]


def synthetic_videos(seed: int, frames: int = 60) -> Videos:
    """Scenes of crossing walkers and dancers; no two parts and no two seeds share one."""
    count = TRAINING + CHOOSING + TEST
    numbers = [100 * seed + number for number in range(count)]
    settings = SceneSettings(frames=frames, **SYNTHETIC)
    scenes = [make_scene(settings.model_copy(update={"seed": number}), f"scene-{number}") for number in numbers]
    videos = [video(scene, number) for scene, number in zip(scenes, numbers, strict=True)]
    return Videos(videos[:TRAINING], videos[TRAINING:-TEST], videos[-TEST:])


def sample_videos(seed: int) -> Videos:
    """The two videos of the sample, with as many draws of detections and features."""
    street, campus = sample("TUD-Stadtmitte", "annotations"), sample("TUD-Campus", "annotations")
    early, late = between(street, 1, LEARNED), between(street, LEARNED + 1, street.length)
    draws = iter(range(100 * seed, 100 * seed + 100))
    return Videos(
        [video(early, next(draws)) for _ in range(TRAINING)],
        [video(late, next(draws)) for _ in range(CHOOSING)],
        [video(campus, next(draws)) for _ in range(TEST)],
    )


KINDS = {"synthetic": synthetic_videos, "sample": sample_videos}


def between(sequence: Sequence, first: int, last: int) -> Sequence:
    """Some frames, counted from 1."""
    part = sequence.take((sequence.frames >= first) & (sequence.frames <= last))
    return replace(part, boxes=part.boxes.assign(frame=part.frames - first + 1), length=last - first + 1)


def video(truth: Sequence, seed: int) -> Video:
    """Detections of annotated boxes, their identities and what a backbone would say of them."""
    found = simulate(truth, find_detector("dancetrack-yolox"), seed)
    found = found.take(found.boxes["conf"].to_numpy() >= MINIMUM_CONFIDENCE)
    labelled = label_detections(found, truth)
    rng = np.random.default_rng([seed, 11])
    exact = _exact(labelled.identity, found, truth)
    frame = found.frames - 1
    size = np.array([truth.width, truth.height, truth.width, truth.height])
    return Video(
        truth,
        found,
        frame,
        labelled.identity,
        _cxcywh(found.xywh / size),
        _cxcywh(exact / size),
        _features(found, labelled.identity, rng),
        _evidence(found.xywh, exact, labelled.identity, rng),
        _grid(frame, truth.length),
    )


def _cxcywh(boxes: np.ndarray) -> np.ndarray:
    return np.concatenate([centres(boxes), boxes[:, SIZE]], 1).astype(np.float32)


def _exact(identity: np.ndarray, found: Sequence, truth: Sequence) -> np.ndarray:
    """The annotated box of every detection; its own where it is a false positive."""
    known = truth.boxes.set_index(["frame", "id"])[["x", "y", "w", "h"]]
    own = known.reindex(list(zip(found.frames, identity, strict=True))).to_numpy()
    return np.where(np.isnan(own), found.xywh, own)


def _features(found: Sequence, identity: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    names, which = np.unique(identity, return_inverse=True)
    code = directions(rng, len(names), CODE)[which]
    code[identity < 0] = directions(rng, int((identity < 0).sum()), CODE)
    place = centres(found.xywh) / found.xywh[:, HEIGHT].mean()
    waves = np.sin(place @ rng.normal(0, 1.5, (2, CODE)) + rng.uniform(0, 2 * np.pi, CODE))
    vectors = np.concatenate([code, waves / np.sqrt(CODE)], 1)
    hidden, behind = covering(found)
    vectors += hidden[:, None] * (vectors[behind] - vectors)
    rotation = np.linalg.qr(np.random.default_rng(0).standard_normal((FEATURES, FEATURES)))[0]
    return (vectors @ rotation + rng.normal(0, NOISE, vectors.shape)).astype(np.float32)


def _evidence(boxes: np.ndarray, exact: np.ndarray, identity: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    off = moves_between(boxes, exact) * 10
    whole = np.column_stack([off, np.where(identity >= 0, 1.0, -1.0)])
    return (whole + rng.normal(0, DOUBT, whole.shape)).astype(np.float32)


def _grid(frame: np.ndarray, frames: int) -> np.ndarray:
    counts = np.bincount(frame, minlength=frames)
    grid = np.full((frames, int(counts.max())), -1)
    place = np.arange(len(frame)) - np.repeat(np.cumsum(counts) - counts, counts)
    grid[frame, place] = np.arange(len(frame))
    return grid
