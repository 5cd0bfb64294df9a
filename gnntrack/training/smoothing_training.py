"""Training of the smoothing network: tracked boxes against the annotated ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from gnntrack import recipes
from gnntrack.association.histories import FRAME, observations
from gnntrack.datasets.labelled import Labelled
from gnntrack.datasets.matching import match_frame
from gnntrack.errors import DataError
from gnntrack.models import (
    AssociationNetwork,
    BoxMixer,
    ModelRecipe,
    SmoothingNetwork,
    SmoothingTrainingSettings,
    with_part,
)
from gnntrack.sequence import BOX, Sequence, View
from gnntrack.smoothing.boxes import BoxFilter, versions_of
from gnntrack.smoothing.online_features import NOISE, ONLINE_FEATURES
from gnntrack.tracking import track_offline
from gnntrack.training.loop import LoopSettings
from gnntrack.training.loop import fit as fit_stage
from gnntrack.training.report import Report
from gnntrack.training.run_state import RunState
from gnntrack.training.stage import FunctionStage, Validation

#: Smallest IoU of a tracked box and the annotated one that it should have been.
OVERLAP = 0.3
#: Degrees of freedom of the noise that is added: some boxes are far off.
FREEDOM = 4
#: Steps of an epoch, after which the validation videos are looked at.
EPOCH = 500


@dataclass(frozen=True)
class Examples:
    """N tracked boxes of a video that an annotated one belongs to; lengths in sizes of the annotated box.

    Attributes:
        features: ``(N, ·)``.
        versions: ``(N, VERSIONS, 4)`` centre x, centre y, width, height, from the centre of the annotated box.
        truth: ``(N, 2)`` width and height of the annotated box.
    """

    features: np.ndarray
    versions: np.ndarray
    truth: np.ndarray


def train_smoothing_network(
    training: list[Labelled],
    model: AssociationNetwork,
    recipe: ModelRecipe,
    seed: int = 0,
    report: Report | None = None,
    validation: list[Labelled] | None = None,
    state: RunState | None = None,
) -> tuple[AssociationNetwork, ModelRecipe]:
    """Adds a smoothing network to an association network.

    Args:
        training: labelled sequences with their annotations.
        model: tracks them; its own weights stay as they are.
        recipe: of the model; ``training.smoothing`` says what is trained, and how.
        seed: of noise, initialisation and order.
        report: is told how it goes.
        validation: sequences on which the weights are compared that training goes through; the best are kept, without
            them the last.
        state: where the run keeps what it has, and goes on.

    Returns:
        The association network with its smoothing network, and their recipe.

    Raises:
        DataError: nothing to learn from.
        Interrupted: a signal asked to stop.
    """
    state, report = state or RunState(), report or Report()
    wanted = recipe.training.smoothing
    torch.manual_seed(seed)
    network = SmoothingNetwork(wanted.network)
    modes: list[tuple[str, BoxMixer, Look]] = [
        ("offline", network.offline, offline),
        ("online", network.online, online),
    ]
    for number, (mode, mixer, look) in enumerate(modes):
        if mode in state.finished:  # nothing to track again
            mixer.load_state_dict(state.finished[mode])
            continue

        def video(place: int, number: int = number, look: Look = look) -> list[Examples]:
            report.moved("videos tracked", place + 1, len(training))
            random = np.random.default_rng([seed, number, place])
            return examples(training[place], model, recipe, look, wanted.copies, random)

        def held_out(place: int, look: Look = look) -> list[Examples]:
            return examples((validation or [])[place], model, recipe, look, 0, np.random.default_rng(seed))

        videos = state.prepared(f"{mode}-videos", len(training), video, CODEC)
        if not videos:
            raise DataError("no tracked box to learn from", remedy="give sequences with annotations and tracks")
        held = state.prepared(f"{mode}-validation", len(validation or []), held_out, CODEC)
        fit(mixer, videos, wanted, seed, report, held, state, mode)
    return with_part(model, recipe, "smoothing", network)


#: How examples are kept by a run that is stopped.
CODEC = (lambda item: dict(vars(item))), (lambda values: Examples(**values))


def examples(
    item: Labelled,
    model: AssociationNetwork,
    recipe: ModelRecipe,
    look: Look,
    copies: int,
    random: np.random.Generator,
) -> list[Examples]:
    """The boxes of a video as the tracker tracks it, and in copies with more noise; none, if nothing was tracked.

    Args:
        item: the video; without annotations there is nothing to learn.
        model: the tracker.
        recipe: of the model; says how much noise.
        look: tracks, and says what can be known of the boxes.
        copies: beside the video as it is.
        random: of the noise.
    """
    if item.annotations is None or not len(item.sequence):
        return []
    made = []
    for number in range(copies + 1):
        deviation = recipe.training.smoothing.noise * abs(random.standard_normal()) if number else 0.0
        tracked = look(noisy(item.sequence, deviation, random), model, recipe)
        if tracked is None:
            continue
        rows, truth = _truth(tracked.frame, tracked.versions[:, 0], item.annotations)
        if not len(rows):
            continue
        length = np.sqrt(truth[:, 2] * truth[:, 3])[:, None]
        centre = np.column_stack([truth[:, :2], np.zeros((len(rows), 2))])
        away = (tracked.versions[rows] - centre[:, None]) / length[:, None]
        size = truth[:, 2:] / length
        made.append(Examples(tracked.features[rows], away.astype(np.float32), size.astype(np.float32)))
    return made


def noisy(sequence: Sequence, deviation: float, random: np.random.Generator) -> Sequence:
    """The same detections, less exact: noise with this deviation on every side, in box sizes, some of it far off."""
    if not deviation:
        return sequence
    box = sequence.xywh
    noise = np.clip(deviation * random.standard_t(FREEDOM, box.shape), -0.5, 0.5) * np.tile(box[:, 2:], 2)
    return replace(sequence, boxes=sequence.boxes.assign(**dict(zip(BOX, (box + noise).T, strict=True))))


@dataclass(frozen=True)
class Tracked:
    """N boxes that belong to tracks.

    Attributes:
        frame: ``(N,)`` ascending.
        versions: ``(N, VERSIONS, 4)`` centre x, centre y, width, height.
        features: ``(N, ·)``.
    """

    frame: np.ndarray
    versions: np.ndarray
    features: np.ndarray


Look = Callable[[Sequence, AssociationNetwork, ModelRecipe], Tracked | None]


def offline(detections: Sequence, model: AssociationNetwork, recipe: ModelRecipe) -> Tracked | None:
    """What is known of the boxes of tracks once the video is over."""
    plain = recipes.changed(recipe, {"tracking.boxes.smooth": False})
    tracks = track_offline(detections, model, plain)
    if not len(tracks):
        return None
    rows, versions, features = versions_of(tracks)
    order = np.argsort(rows)
    return Tracked(tracks.frames, versions[order], features[order])


def online(detections: Sequence, model: AssociationNetwork, recipe: ModelRecipe) -> Tracked | None:
    """What is known of the boxes of tracks in the frame in which each is seen."""
    view = View(detections.width, detections.height, detections.frame_rate)
    linker = model.linker(recipe.tracking, view, NOISE)
    confidence, boxes = detections.boxes["conf"].to_numpy(), detections.xywh
    looker = BoxFilter(BoxMixer(recipe.training.smoothing.network, ONLINE_FEATURES), detections.frame_rate, linker.pool)
    frames, versions, features = [], [], []
    for frame, rows in detections.by_frame():
        here = np.flatnonzero(confidence[rows] >= recipe.tracking.links.minimum_confidence) + rows.start
        linker.step(observations(boxes[here], confidence[here], frame), here, frame=frame)
        histories = linker.pool.histories
        tracks = np.flatnonzero(histories.newest[:, FRAME] == frame)
        if len(tracks):
            seen = looker.versions(tracks)
            frames.append(np.full(len(tracks), frame))
            versions.append(seen[0])
            features.append(seen[1])
    if not frames:
        return None
    return Tracked(np.concatenate(frames), np.concatenate(versions), np.concatenate(features))


def _truth(frame: np.ndarray, box: np.ndarray, annotations: Sequence) -> tuple[np.ndarray, np.ndarray]:
    """The tracked boxes that match an annotated one, and that one: rows ``(M,)`` and centre boxes ``(M, 4)``."""
    rows, matched = [np.zeros(0, dtype=np.int64)], [np.zeros((0, 4))]
    boxes, truth = box.copy(), annotations.xywh
    boxes[:, :2] -= 0.5 * boxes[:, 2:]
    starts = np.append(np.flatnonzero(np.diff(frame, prepend=frame[0] - 1)), len(frame))
    for first, stop in pairwise(starts.tolist()):
        there = annotations.rows_of(int(frame[first]))
        found, known = match_frame(boxes[first:stop], truth[there], OVERLAP)
        rows.append(first + found)
        matched.append(truth[there][known])
    wanted = np.concatenate(matched)
    wanted[:, :2] += 0.5 * wanted[:, 2:]
    return np.concatenate(rows), wanted


def fit(
    network: BoxMixer,
    videos: list[Examples],
    settings: SmoothingTrainingSettings,
    seed: int,
    report: Report | None = None,
    held: list[Examples] | None = None,
    state: RunState | None = None,
    name: str = "",
) -> BoxMixer:
    """Trains a network to overlap with the annotated boxes; longer videos count more, by the root of their boxes."""
    features, versions, truth = _joined(videos)
    network.standardise(features)
    share = np.repeat([len(video.features) ** -0.5 for video in videos], [len(video.features) for video in videos])
    bounds = np.cumsum(share) / share.sum()

    def loss(random: np.random.Generator) -> Tensor:
        drawn = np.searchsorted(bounds, random.random(settings.batch_size))
        rows = torch.from_numpy(np.minimum(drawn, len(truth) - 1))
        overlap: Tensor = _overlap((network(features[rows]) * versions[rows]).sum(1), truth[rows]).mean()
        return 1.0 - overlap

    def judge() -> Validation:
        before, now = mean_overlap(network, held or [])
        message = f"validation IoU {now:.4f} (as detected: {before:.4f})"
        return Validation(message, {"validation/iou": now}, now)

    stage = FunctionStage(network, loss, EPOCH, seed, judge if held else None)
    loop = LoopSettings(settings.steps, settings.learning_rate, settings.weight_decay, seed=seed)
    fit_stage(stage, loop, state, report, name)
    return network


def mean_overlap(network: BoxMixer, videos: list[Examples]) -> tuple[float, float]:
    """IoU with the annotated boxes, as detected and smoothed; the mean over boxes, then over videos."""
    network.eval()
    before, after = [], []
    for video in videos:
        features, versions, truth = _joined([video])
        with torch.no_grad():
            before.append(float(_overlap(versions[:, 0], truth).mean()))
            after.append(float(_overlap((network(features) * versions).sum(1), truth).mean()))
    return float(np.mean(before)), float(np.mean(after))


def _joined(videos: list[Examples]) -> tuple[Tensor, Tensor, Tensor]:
    names = ("features", "versions", "truth")
    one, two, three = (torch.from_numpy(np.concatenate([getattr(video, name) for video in videos])) for name in names)
    return one, two, three


def _overlap(box: Tensor, truth: Tensor) -> Tensor:
    """IoU ``(N,)`` of boxes ``(N, 4)`` with boxes of the sizes ``(N, 2)`` whose centre is 0."""
    size = box[:, 2:]
    low = torch.maximum(box[:, :2] - 0.5 * size, -0.5 * truth)
    high = torch.minimum(box[:, :2] + 0.5 * size, 0.5 * truth)
    shared = (high - low).clamp(min=0.0).prod(1)
    overlap: Tensor = shared / (size.prod(1) + truth.prod(1) - shared)
    return overlap
