"""Training of the smoothing network: tracked boxes against the annotated ones."""

from __future__ import annotations

from contextlib import nullcontext

import numpy as np
import torch
from torch import Tensor

from gnntrack.errors import DataError
from gnntrack.geometry import cxcywh_to_xywh, iou
from gnntrack.models import AssociationNetwork, BoxMixer, SmoothingNetwork, SmoothingStageSettings, with_part
from gnntrack.precision import full_precision
from gnntrack.smoothing.features import AS_DETECTED
from gnntrack.training.job import Context, Job, Trained
from gnntrack.training.loop import LoopSettings, fit
from gnntrack.training.precision import Scoring
from gnntrack.training.ranks import ALONE, Ranks
from gnntrack.training.smoothing_examples import CODEC, Examples, Tracking, offline, online
from gnntrack.training.stage import FunctionStage, Validation

#: Steps of an epoch; validation follows.
EPOCH = 500
_MODES = {"offline": offline, "online": online}


def train_smoothing_network(job: Job, settings: SmoothingStageSettings) -> Trained:
    """Trains the smoothing network of an association network: a new one, or the one that is there learns on.

    Args:
        job: the networks, which track the videos that are learned from, and their data.
        settings: how.

    Returns:
        The association network, as it was, with its smoothing network, and their recipe.

    Raises:
        DataError: nothing to learn from.
        Interrupted: a signal asked to stop.
    """
    model, finished = job.model, job.context.state.finished
    assert isinstance(model, AssociationNetwork)
    begun = None if settings.from_scratch else model.smoothing
    torch.manual_seed(job.seed)
    network = SmoothingNetwork(settings.network if begun is None else begun.settings)
    if begun is not None:
        network.load_state_dict(begun.state_dict())
    for number, (mode, boxes_of) in enumerate(_MODES.items()):
        mixer: BoxMixer = getattr(network, mode)
        name = ", ".join(filter(None, (job.context.name, mode)))
        if name in finished:  # nothing to track again
            mixer.load_state_dict(finished[name])
            continue
        videos, held = _examples(job, settings, Tracking(model, job.recipe, boxes_of, settings.noise), (mode, number))
        if begun is None:
            mixer.standardise(torch.from_numpy(np.concatenate([video.features for video in videos])))
        fit_mixer(mixer, (videos, held), settings, job.seed, job.context, mode, begun is not None)
    return with_part(model, job.recipe, "smoothing", network)


def _examples(
    job: Job, settings: SmoothingStageSettings, tracking: Tracking, mode: tuple[str, int]
) -> tuple[list[Examples], list[Examples]]:
    """What is learned from, and what is not; both are kept by a run that is stopped."""
    data, (name, number) = job.data, mode

    def video(place: int) -> list[Examples]:
        job.context.report.moved("videos tracked", place + 1, len(data.training))
        rng = np.random.default_rng([job.seed, number, place])
        return tracking.examples(data.training[place], settings.copies, rng)

    def held_out(place: int) -> list[Examples]:
        return tracking.examples(data.validation[place], 0, np.random.default_rng(job.seed))

    videos = job.context.prepared(f"{name}-videos", len(data.training), video, CODEC)
    if not videos:
        raise DataError("no tracked box to learn from", remedy="give sequences with annotations and tracks")
    return videos, job.context.prepared(f"{name}-validation", len(data.validation), held_out, CODEC)


def fit_mixer(
    network: BoxMixer,
    videos: tuple[list[Examples], list[Examples]],
    settings: SmoothingStageSettings,
    seed: int,
    context: Context | None = None,
    part: str = "",
    start_counts: bool = False,
) -> BoxMixer:
    """Trains a network to overlap with the annotated boxes; longer videos count more, by the root of their boxes.

    Args:
        network: is trained.
        videos: to learn from, and others, on which the weights are compared; without these the last are kept.
        settings: how.
        seed: of the order.
        context: the run.
        part: which network of the stage.
        start_counts: the weights of the start stay where no epoch is better.
    """
    learned, held = videos
    context = context or Context()
    scoring = context.scoring
    features, versions, truth = _joined(learned)
    share = np.repeat([len(video.features) ** -0.5 for video in learned], [len(video.features) for video in learned])
    bounds = np.cumsum(share) / share.sum()

    def loss(rng: np.random.Generator, ranks: Ranks) -> tuple[Tensor, float]:
        drawn = np.searchsorted(bounds, rng.random(settings.batch_size))
        rows = torch.from_numpy(np.minimum(drawn, len(truth) - 1)[ranks.rank :: ranks.count])
        return 1.0 - _smoothed_overlap(network, features[rows], versions[rows], truth[rows], scoring).mean(), len(rows)

    def judge(ranks: Ranks) -> Validation:
        before, now = mean_overlap(network, held, ranks)
        message = f"validation IoU {now:.4f} (as detected: {before:.4f})"
        return Validation(message, {"validation/iou": now}, now)

    stage = FunctionStage(network, loss, EPOCH, seed, judge if held else None, start_counts)
    fit(stage, LoopSettings.of(settings, settings.steps, seed), context, part)
    return network


def mean_overlap(network: BoxMixer, videos: list[Examples], ranks: Ranks = ALONE) -> tuple[float, float]:
    """IoU with the annotated boxes, as detected and smoothed; the mean over boxes, then over videos."""
    network.eval()

    def overlaps(video: Examples) -> tuple[float, float]:
        features, versions, truth = _joined([video])
        with torch.no_grad():
            before = _overlap(versions.select(1, AS_DETECTED), truth).mean()
            return float(before), float(_smoothed_overlap(network, features, versions, truth).mean())

    before, after = zip(*ranks.each(videos, overlaps), strict=True)
    return float(np.mean(before)), float(np.mean(after))


def _joined(videos: list[Examples]) -> tuple[Tensor, Tensor, Tensor]:
    names = ("features", "versions", "truth")
    one, two, three = (torch.from_numpy(np.concatenate([getattr(video, name) for video in videos])) for name in names)
    return one, two, three


def _smoothed_overlap(
    network: BoxMixer,
    features: Tensor,
    versions: Tensor,
    truth: Tensor,
    scoring: Scoring = nullcontext,
) -> Tensor:
    """IoU ``(N,)`` of the boxes that the network mixes, on its device."""
    device = network.first.weight.device
    features, versions, truth = features.to(device), versions.to(device), truth.to(device)
    with scoring():
        shares = full_precision(network(features))
    return _overlap((shares * versions).sum(1), truth)


def _overlap(box: Tensor, truth: Tensor) -> Tensor:
    """IoU ``(N,)`` of boxes ``(N, 4)`` with boxes of the sizes ``(N, 2)`` whose centre is 0."""
    centred = torch.cat([torch.zeros_like(truth), truth], 1)
    return iou(cxcywh_to_xywh(box), cxcywh_to_xywh(centred))
