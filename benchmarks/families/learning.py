"""Learning, tracking and scoring, the same for all families."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from attention import Attention
from clips import Clips, batches, people
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
    "paper/1000": lambda weight: UniTrackLoss(preset="paper", reduction="mean", weight=weight, every=EVERY),
    "log": lambda weight: UniTrackLoss(preset="log", weight=weight, every=EVERY),
    "path": lambda weight: UniTrackLoss(NO_LINKS | {"path": 1.0}, "fixed", "log", log_normalise=False, weight=weight),
}
#: The control: a plain loss of links, which says whether UniTrack is more than any loss of links is.
LINK = "link"
PLAIN = "plain"
#: Weights of what is added, as in the recipes of losses/.
WEIGHTS = {PLAIN: 0.0, LINK: 1.0, "default": 0.3, "paper": 0.3, "paper/1000": 0.0003, "log": 0.1, "path": 1.0}
THRESHOLDS = (0.003, 0.03, 0.2, 0.5)
FIXED = 0.5
STEPS, CLIPS, RATE = 100, 4, 1e-2
#: Steps from one computation of λ to the next.
EVERY = 8
SCORES = ("idf1", "hota", "idsw")


def added_loss(arm: str, family: type[Family]) -> Callable[[Found, Clips], Tensor | float]:
    """What an arm adds to the own loss of a family, through the interface that users have.

    Args:
        arm: ``plain``, ``link``, or a name of :data:`ADDED`; ``NAME FORM`` takes another output of the family.
        family: whose outputs it gets.
    """
    name, _, form = arm.partition(" ")
    weight = WEIGHTS[name]
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


def learn(family: type[Family], kinds: list[list[Video]], arm: str, seed: int, steps: int = STEPS) -> Family:
    """A tracker that learned from all kinds of video; arms of one seed start alike and meet the same clips."""
    torch.manual_seed(seed)
    model = family(1 + max(int(own.max()) for own in people([video for videos in kinds for video in videos])))
    added = added_loss(arm, family)
    optimiser = torch.optim.AdamW(model.parameters(), RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps, pct_start=0.1)
    for clips in batches(kinds, seed, steps, CLIPS):
        found = model.found(clips)
        loss = found.own + added(found, clips)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
    return model.eval()


def pulls(family: str, kinds: dict[str, Videos], seed: int = 0, count: int = 6) -> dict[str, dict[str, float]]:
    """What a loss that is added says to a network that has learned with its own: means over some batches.

    Returns:
        By arm ``share``, the length of the added gradient against that of the own loss, and ``cosine`` between them.
    """
    videos = [part.training for part in kinds.values()]
    model = learn(FAMILIES[family], videos, PLAIN, seed)
    result = {}
    for arm in [LINK, *ADDED]:
        added, figures = added_loss(arm, FAMILIES[family]), []
        for clips in batches(videos, seed + 1, count, CLIPS):
            found = model.found(clips)
            own, other = (_gradient(model, loss) for loss in (found.own, added(found, clips)))
            figures.append([float(other.norm() / own.norm()), float(torch.cosine_similarity(own, other, 0))])
        share, cosine = np.mean(figures, 0)
        result[arm] = {"share": round(float(share), 2), "cosine": round(float(cosine), 2)}
    return result


def _gradient(model: Family, loss: Tensor | float) -> Tensor:
    parameters = list(model.parameters())
    slopes = torch.autograd.grad(loss, parameters, retain_graph=True, materialize_grads=True)
    return torch.cat([slope.reshape(-1) for slope in slopes])


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


def run(family: str, arm: str, seed: int, kinds: dict[str, Videos]) -> dict[str, Any]:
    """Learns, and for each kind of video chooses the threshold and is judged at that and at the fixed one."""
    start = time.process_time()
    model = learn(FAMILIES[family], [videos.training for videos in kinds.values()], arm, seed)
    result: dict[str, Any] = {"learning_seconds": round(time.process_time() - start, 1)}
    for kind, videos in kinds.items():
        choosing = judged(model, videos.choosing, THRESHOLDS)
        tuned = max(THRESHOLDS, key=lambda threshold: choosing[threshold]["idf1"])
        test = judged(model, videos.test, tuple(dict.fromkeys((tuned, FIXED))))
        result[kind] = {"threshold": tuned, "tuned": test[tuned], "fixed": test[FIXED]}
    return result | {"seconds": round(time.process_time() - start, 1)}
