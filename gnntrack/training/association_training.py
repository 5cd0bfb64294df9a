"""Training of an association network by tracking."""

from __future__ import annotations

from gnntrack.errors import DataError
from gnntrack.losses import build_loss
from gnntrack.models import AssociationNetwork, AssociationStageSettings, set_learning, with_appearance
from gnntrack.training.clips import FEWEST_BOXES, ClipSource
from gnntrack.training.job import Job, Trained
from gnntrack.training.loop import LoopSettings, fit
from gnntrack.training.rollout_training import RolloutTraining
from gnntrack.training.self_taught import SelfTaughtTraining


def train_association_network(job: Job, settings: AssociationStageSettings) -> Trained:
    """Trains the network that links tracks to detections; what else tracks stays as it is.

    Args:
        job: the networks and their data.
        settings: how.

    Raises:
        DataError: nothing to learn from, or the loss became NaN.
        Interrupted: a signal asked to stop.
    """
    model, recipe, alone = job.model, job.recipe, "boxes" in settings.freeze
    assert isinstance(model, AssociationNetwork)
    if alone and not model.settings.appearance:
        model, recipe = with_appearance(model, recipe)
    visible = model.settings.appearance and "appearance" not in settings.freeze
    if model.settings.appearance:
        found = visible and job.data.has_embeddings
        if not found and (job.fresh or alone):
            remedy = "put them beside the boxes (det.npy, gt.npy), or set appearance: false"
            raise DataError("no sequence has embeddings", remedy=remedy)
        set_learning(model, appearance=found, rest=not alone)
    lowest = recipe.tracking.links.minimum_confidence
    source = ClipSource(job.data.training, settings.augmentation, settings.length, settings.reverse, lowest, visible)
    if not len(source):
        raise DataError("no sequence is long enough to train on", remedy=f"at least {FEWEST_BOXES} boxes are needed")
    loss = job.data.loss or build_loss(settings.loss)
    kind = SelfTaughtTraining if settings.labels == "tracks" else RolloutTraining
    stage = kind(model.train(), recipe, loss, settings, source, job)
    loop = LoopSettings.of(settings, settings.epochs * settings.steps, job.seed, settings.patience)
    fit(stage, loop, job.context)
    return stage.result().eval(), recipe
