"""Learning, tracking and scoring, the same for all families."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from attention import Attention
from clips import LENGTH, Clips, batches, people
from embedding import Embedding
from family import Family, Found
from joint import Joint
from messages import Messages
from queries import Queries
from torch import Tensor
from videos import Video, Videos

from gnntrack.evaluation import evaluate
from gnntrack.losses import SoftmaxLinkLoss, UniTrackCriterion, UniTrackLoss
from gnntrack.sequence import Sequence

FAMILIES: dict[str, type[Family]] = {
    "embedding": Embedding,
    "joint": Joint,
    "queries": Queries,
    "attention": Attention,
    "messages": Messages,
}
NO_LINKS = {"flow": 0.0, "spatial": 0.0, "temporal": 0.0, "conservation": 0.0}
#: What is added to a family's own loss, given its weight.
ADDED: dict[str, Callable[[float], UniTrackLoss]] = {
    "default": lambda weight: UniTrackLoss(weight=weight, every=EVERY),
    "paper": lambda weight: UniTrackLoss(preset="paper", reduction="mean", weight=weight, every=EVERY),
    "log": lambda weight: UniTrackLoss(preset="log", weight=weight, every=EVERY),
    "path": lambda weight: UniTrackLoss(NO_LINKS | {"path": 1.0}, "fixed", "log", log_normalise=False, weight=weight),
}
#: The control: a plain loss of links, which says whether UniTrack is more than any loss of links is.
LINK = "link"
PLAIN = "plain"
#: The weights that are tried. The terms are times log(links + 1), about 7 here, except for ``link`` and ``path``.
WEIGHTS = {LINK: (1.0,), "default": (0.1, 0.3), "paper": (0.1, 0.3), "log": (0.1, 0.3), "path": (1.0,)}
THRESHOLDS = (0.003, 0.01, 0.03, 0.1, 0.3, 0.5)
FIXED = 0.5
STEPS, CLIPS, RATE = 120, 4, 1e-2
#: Steps from one computation of λ to the next.
EVERY = 8
SCORES = ("idf1", "hota", "idsw")


def added_loss(arm: str, weight: float, family: type[Family]) -> Callable[[Found, Clips], Tensor | float]:
    """What an arm adds to the own loss of a family, through the interface that users have.

    Args:
        arm: ``plain``, ``link``, or a name of :data:`ADDED`; ``NAME hidden`` takes another output of the family.
        weight: factor.
        family: whose outputs it gets.
    """
    name, _, form = arm.partition(" ")
    if name == PLAIN:
        return lambda found, clips: 0.0
    if name == LINK:
        link, only = SoftmaxLinkLoss(weight), "loss_link"
        unitrack = UniTrackLoss({"spatial": 0.0, "temporal": 0.0, "conservation": 0.0}, "fixed")  # not used
    else:
        link, only = None, "loss_unitrack"
        unitrack = ADDED[name](weight)

    def added(found: Found, clips: Clips) -> Tensor:
        if found.links is not None:
            return (link or unitrack)(*found.links).total
        criterion = UniTrackCriterion(
            unitrack,
            link,
            own_link_loss=link is None,
            frame_rate=1.0 / clips.seconds,
            image_size=clips.size,
            **family.criterion,
        )
        return criterion(found.outputs[form], clips.targets)[only]

    return added


def learn(family: type[Family], videos: list[Video], arm: str, weight: float, seed: int, steps: int = STEPS) -> Family:
    """A trained tracker; arms of one seed start from the same weights and meet the same clips."""
    torch.manual_seed(seed)
    model = family(1 + max(int(own.max()) for own in people(videos)))
    added = added_loss(arm, weight, family)
    optimiser = torch.optim.AdamW(model.parameters(), RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps, pct_start=0.1)
    for clips in batches(videos, seed, steps, CLIPS, LENGTH):
        found = model.found(clips)
        loss = found.own + added(found, clips)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
    return model.eval()


@torch.no_grad()
def judged(model: Family, videos: list[Video], thresholds: tuple[float, ...]) -> dict[float, dict[str, float]]:
    """Scores over all videos, by threshold."""
    prepared = [model.prepared(video) for video in videos]
    return {
        threshold: _scores(
            {
                f"{number}": (video.truth, _tracks(video, model.track(part, threshold)))
                for number, (video, part) in enumerate(zip(videos, prepared, strict=True))
            }
        )
        for threshold in thresholds
    }


def _tracks(video: Video, track: np.ndarray) -> Sequence:
    kept = track >= 0
    part = video.detections.take(kept)
    return replace(part, boxes=part.boxes.assign(id=track[kept] + 1))


def _scores(pairs: dict[str, tuple[Sequence, Sequence]]) -> dict[str, float]:
    row = evaluate(pairs)["COMBINED"]
    return {name: round(float(row[name]) * (1 if name == "idsw" else 100), 3) for name in SCORES}


def run(family: str, arm: str, weight: float, seed: int, videos: Videos) -> dict[str, Any]:
    """Learns, chooses the threshold, and is judged at that and at the fixed one."""
    start = time.process_time()
    model = learn(FAMILIES[family], videos.training, arm, weight, seed)
    learned = time.process_time()
    choosing = judged(model, videos.choosing, THRESHOLDS)
    tuned = max(THRESHOLDS, key=lambda threshold: choosing[threshold]["idf1"])
    test = judged(model, videos.test, tuple(dict.fromkeys((tuned, FIXED))))
    seconds = [round(learned - start, 1), round(time.process_time() - learned, 1)]
    return {
        "choosing": choosing[tuned]["idf1"],
        "weight": weight,
        "threshold": tuned,
        "tuned": test[tuned],
        "fixed": test[FIXED],
        "seconds": seconds,
    }
