"""Adapting weights to videos that nobody annotated: what is learned from, and what the result is checked on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from gnntrack.association.histories import BOX, CONFIDENCE, FRAME
from gnntrack.datasets.labelled import Labelled
from gnntrack.errors import DataError
from gnntrack.geometry import cxcywh_to_xywh
from gnntrack.models import AssociationStageSettings, Model, TrainingRecipe
from gnntrack.models.augmentation_settings import AugmentationSettings
from gnntrack.models.training_settings import AnyStage
from gnntrack.remote import on_this_machine
from gnntrack.sequence import DETECTION, Sequence
from gnntrack.training.beginning import begin
from gnntrack.training.clips import FEWEST_BOXES, Clip, ClipSource
from gnntrack.training.job import StageData
from gnntrack.training.options import RunOptions
from gnntrack.training.run import train_stages
from gnntrack.training.self_taught import own_identities

#: Share of each video, at its end, that is not learned from, and clips of these parts that weights are compared on.
HELD_OUT, CHECKS = 0.25, 24
#: How these clips are disturbed: less than those that are learned from, since on those that are hard for any weights
#: nothing is seen.
DISTURBED = AugmentationSettings(
    jitter=0.03, drift=0, pan=0, doubt=0.2, drop=0.1, drop_run=0.3, spurious=0.05, skip=1, stretch=0, overlay=0
)


def adapt(videos: list[Sequence], recipe: TrainingRecipe, out: str | Path, options: RunOptions) -> Model:
    """Trains weights further on unannotated boxes, and keeps them as they were where that does harm.

    What decides are disturbed clips of the last quarter of each video, which is not learned from. Identities there are
    those that the start finds offline on the whole video as it is.

    Args:
        videos: detections; their ids are not used.
        recipe: stages with ``labels: tracks``.
        out: the run folder.
        options: with the weights to ``start`` from.

    Returns:
        The model, ready to score; the run folder holds its weights.

    Raises:
        DataError: a stage needs annotations; there are too few boxes, or tracks, to learn from or to check on; and what
            :func:`~gnntrack.training.train_stages` refuses.
    """
    out = on_this_machine(out)
    stages = [_self_taught(stage) for stage in recipe.stages]
    model, known = begin(recipe, options)
    boxes = [video.without_ids() for video in videos]
    parts = [_parted(Labelled(video, own_identities(video, model, known))) for video in boxes]
    training, held_out = [first for first, _ in parts], [last for _, last in parts]
    if not any(len(item.sequence) >= FEWEST_BOXES for item in training):
        raise DataError("too few boxes to adapt to", remedy=f"give videos with at least {FEWEST_BOXES} boxes")
    lowest = known.tracking.links.minimum_confidence
    clips = [check_clips(held_out, stage, lowest, options.seed) for stage in stages]
    return train_stages([StageData(training, checks) for checks in clips], recipe, out, options)


def check_clips(
    labelled: list[Labelled], settings: AssociationStageSettings, minimum_confidence: float, seed: int
) -> list[Labelled]:
    """Disturbed clips of videos whose identities are known, or taken for known.

    Args:
        labelled: the videos.
        settings: length of the clips, and how many run backwards.
        minimum_confidence: boxes below are left out.
        seed: of the clips.

    Raises:
        DataError: no video has enough boxes with an identity.
    """
    usable = [item for item in labelled if (item.identity >= 0).sum() >= FEWEST_BOXES]
    if not usable:
        raise DataError(
            "no tracks to check the result on", remedy="give longer videos, or weights that track them already"
        )
    source = ClipSource(usable, DISTURBED, settings.length, settings.reverse, minimum_confidence)
    found: list[Labelled] = []
    rng = np.random.default_rng([seed, CHECKS])
    while len(found) < CHECKS:
        clip = source.draw(rng)
        if (clip.identity >= 0).any():
            found.append(_as_labelled(clip, f"check-{len(found) + 1}"))
    return found


def _self_taught(stage: AnyStage) -> AssociationStageSettings:
    if not isinstance(stage, AssociationStageSettings) or stage.labels != "tracks":
        raise DataError(
            f"the stage {stage.title} learns from annotations, and there are none",
            remedy="take a recipe of stages with 'labels: tracks', such as adapt",
        )
    return stage


def _parted(item: Labelled) -> tuple[Labelled, Labelled]:
    """What is learned from, and the rest, whose frames count from 1 again."""
    length = item.sequence.length
    last = length - int(HELD_OUT * length)
    learned = item.sequence.frames <= last
    first, rest = item.take(learned), item.take(~learned)
    return (
        replace(first, sequence=replace(first.sequence, length=last)),
        replace(rest, sequence=rest.sequence.since(last + 1)),
    )


def _as_labelled(clip: Clip, name: str) -> Labelled:
    boxes = cxcywh_to_xywh(clip.detections[:, BOX])
    table = pd.DataFrame(boxes, columns=["x", "y", "w", "h"]).assign(
        frame=clip.detections[:, FRAME].astype(int),
        conf=clip.detections[:, CONFIDENCE],
        **{DETECTION: range(len(boxes))},
    )
    view = clip.view
    sequence = Sequence(
        name,
        table,
        width=round(view.width),
        height=round(view.height),
        frame_rate=view.frame_rate,
        camera=None if clip.camera is None else clip.camera.steps,
    )
    return Labelled(sequence, clip.identity[sequence.boxes[DETECTION].to_numpy()])
